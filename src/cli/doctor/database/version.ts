import type { ServerFacts } from '../../../db/diagnosis.js';
import { failed, ok, type Finding } from '../finding.js';

const OLDEST = 15;

export function checkVersion({ versionNumber, version }: ServerFacts): Finding {
  if (Math.floor(versionNumber / 10_000) >= OLDEST) return ok(version);
  return failed(
    `Postgres ${version} is too old`,
    `Move the database to Postgres ${OLDEST} or newer; 17 is what is tried.`,
  );
}
