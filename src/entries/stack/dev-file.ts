import { rename, rm, writeFile } from 'node:fs/promises';
import { devFileOf, type DevFile } from '../../cli/dev-file.js';
import type { Mchid } from '../../base/ids.js';
import type { ConfiguredMerchant } from '../merchants.js';
import type { DevKeys } from './keys.js';

type Urls = Pick<DevFile, 'apiUrl' | 'sandboxUrl' | 'databaseUrl' | 'temporalAddress' | 'temporalUiUrl'>;

type Webhooks = ReadonlyMap<Mchid, Pick<ConfiguredMerchant, 'webhook'>>;

export function devFile(urls: Urls, configured: Webhooks, keys: DevKeys): DevFile {
  const merchants = [...configured].map(([mchid, { webhook }]) => {
    const apiKey = keys.merchantKeys[mchid] ?? '';
    return { mchid, protocol: 'v3', apiKey, webhookSecret: webhook?.secrets[0] ?? null };
  });
  const [first] = merchants;
  if (first === undefined) throw new Error('the merchants file names no merchant');
  const { mchid, apiKey } = first;
  return { apiKey, operatorKey: keys.operatorKey, mchid, merchants, ...urls };
}

/** Whoever sees the file sees all of it. */
export async function writeDevFile(home: string, dev: DevFile): Promise<void> {
  const file = devFileOf(home);
  await writeFile(`${file}.new`, `${JSON.stringify(dev, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export const removeDevFile = (home: string): Promise<void> => rm(devFileOf(home), { force: true });
