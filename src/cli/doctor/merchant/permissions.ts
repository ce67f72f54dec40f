import { basename } from 'node:path';
import { ok, warning, type Finding } from '../finding.js';
import { closeFiles, readableForAll } from '../key-file.js';
import { pathOf, type Place } from './entry.js';

/** Of the files that hold a secret; public keys and certificates are for everybody. */
export async function checkPermissions(place: Place): Promise<Finding> {
  const { privateKeyFile, apiV3KeyFile, apiV2KeyFile, webhook } = place.entry;
  const names = [privateKeyFile, apiV3KeyFile, apiV2KeyFile, ...(webhook?.secretFiles ?? [])];
  const files = names.flatMap((name) => (name === undefined ? [] : [pathOf(place, name)]));
  const open = await readableForAll(files);
  if (open.length === 0) return ok('no key is readable for every user of this machine');
  return warning(
    `every user of this machine may read ${open.map((file) => basename(file)).join(', ')}`,
    `Run chmod 600 on them as their owner, or --fix.`,
    () => closeFiles(open),
  );
}
