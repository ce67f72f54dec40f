import { failed, ok, type Finding } from '../finding.js';

/** A setting without which neither ingress nor worker starts. Its value may hold a password, so it is not shown. */
export function checkSetting(variable: string, value: string | undefined): Finding {
  if (value !== undefined) return ok('set');
  return failed(
    `${variable} is not set, and no embedded stack runs here`,
    `Set ${variable}, or start everything on this machine with npm start.`,
  );
}
