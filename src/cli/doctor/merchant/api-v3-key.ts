import { parseApiV3Key } from '../../../channels/key-material.js';
import { failed, ok, type Finding } from '../finding.js';
import { readKeyFile } from '../key-file.js';
import { pathOf, type Place } from './entry.js';

/** WeChat Pay sends no notify to a merchant without this key, and nobody can open one with another. */
export async function checkApiV3Key(place: Place): Promise<Finding> {
  const { apiV3KeyFile } = place.entry;
  if (apiV3KeyFile === undefined) {
    return failed('apiV3KeyFile is not given', 'Set an API v3 key at the merchant platform and name its file.');
  }
  const file = await readKeyFile(pathOf(place, apiV3KeyFile), 'apiV3KeyFile');
  if (file.kind === 'unreadable') return file.finding;
  if (parseApiV3Key(file.text) !== undefined) return ok('32 bytes');
  const bytes = Buffer.byteLength(file.text.replace(/\r?\n$/, ''));
  return failed(
    `the API v3 key has ${bytes} bytes instead of 32`,
    'Write exactly the 32 characters set at the merchant platform into the file, without quotes, spaces or a byte order mark.',
  );
}
