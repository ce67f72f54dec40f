import { failed, ok, skipped, type Finding } from '../finding.js';

const OLDEST = { major: 1, minor: 29 };

export function checkServerVersion(version: string): Finding {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return skipped('the server does not say its version');
  const isNewEnough = Number(major) > OLDEST.major || (Number(major) === OLDEST.major && Number(minor) >= OLDEST.minor);
  if (isNewEnough) return ok(version);
  return failed(
    `Temporal ${version} is too old`,
    `Move Temporal to ${OLDEST.major}.${OLDEST.minor} or newer, one minor version at a time.`,
  );
}
