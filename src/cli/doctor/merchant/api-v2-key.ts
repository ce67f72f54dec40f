import { ok, skipped, warning, type Finding } from '../finding.js';
import { readKeyFile } from '../key-file.js';
import { pathOf, type Place } from './entry.js';

/** Not used for API v3: a wrong one stops nothing yet. */
export async function checkApiV2Key(place: Place): Promise<Finding> {
  const { apiV2KeyFile } = place.entry;
  if (apiV2KeyFile === undefined) return skipped('none given, and none is needed for API v3');
  const file = await readKeyFile(pathOf(place, apiV2KeyFile), 'apiV2KeyFile');
  if (file.kind === 'unreadable') return { ...file.finding, status: 'warning' };
  const characters = file.text.replace(/\r?\n$/, '').length;
  if (characters === 32) return ok('32 characters');
  return warning(
    `the API v2 key has ${characters} characters instead of 32`,
    'Write exactly the 32 characters set at the merchant platform into the file, or remove apiV2KeyFile.',
  );
}
