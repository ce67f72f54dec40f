import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mchid } from '../../domain/ids.js';
import type { ConfiguredMerchant } from '../../merchants.js';
import type { DevKeys } from './keys.js';

/** What `<home>/dev.json` says, so that scripts and tests can drive a running stack. */
export type DevFile = {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly operatorKey: string;
  readonly mchid: string;
  readonly merchants: readonly { mchid: string; protocol: string; apiKey: string; webhookSecret: string | null }[];
  readonly sandboxUrl: string;
  readonly temporalAddress: string;
  readonly temporalUiUrl: string | null;
  readonly databaseUrl: string;
};

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
  await writeFile(join(home, 'dev.json.new'), `${JSON.stringify(dev, null, 2)}\n`, { mode: 0o600 });
  await rename(join(home, 'dev.json.new'), join(home, 'dev.json'));
}

export const removeDevFile = (home: string): Promise<void> => rm(join(home, 'dev.json'), { force: true });
