import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { insertApiKey } from '../../access/store/api-key.js';
import type { Mchid } from '../../base/ids.js';
import { parseJson } from '../../base/parse-json.js';
import { devFileOf, type DevFile } from '../../cli/kit/dev-file.js';
import { newApiKey } from '../../cli/keys.js';
import type { Db } from '../../db/connection.js';
import { commandOf } from '../../embedded/machine.js';
import { writeOnce } from '../../embedded/write-file.js';
import type { ConfiguredMerchant } from '../merchants.js';
import { StartError } from '../process.js';

/**
 * Locks the folder for one stack and answers the release. The pid of a holder that was killed is gone or belongs to another
 * command by now. Throws {@link StartError} while another stack runs.
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  const file = join(home, 'start.lock');
  const mine = JSON.stringify({ pid: process.pid, command: (await commandOf(process.pid)) ?? '' });
  while (!(await writeOnce(file, mine))) {
    const pid = await livingHolder(file);
    if (pid !== undefined && pid !== process.pid) throw new StartError(alreadyRuns(home, pid));
    await rm(file, { force: true });
  }
  return () => rm(file, { force: true });
}

const alreadyRuns = (home: string, pid: number): string =>
  `PaySaga already runs in ${home} (process ${pid}): stop it first, or name another folder in PAYSAGA_HOME`;

const holder = z.object({ pid: z.number(), command: z.string() });

async function livingHolder(file: string): Promise<number | undefined> {
  const parsed = holder.safeParse(parseJson(await readFile(file, 'utf8').catch(() => '')));
  if (!parsed.success) return undefined;
  const { pid, command } = parsed.data;
  return (await commandOf(pid)) === command ? pid : undefined;
}

type Urls = Pick<DevFile, 'apiUrl' | 'sandboxUrl' | 'databaseUrl' | 'temporalAddress' | 'temporalUiUrl'>;
type Told = Pick<ConfiguredMerchant, 'webhook'> & {
  readonly credentials: Pick<ConfiguredMerchant['credentials'], 'protocol'>;
};

export function devFile(urls: Urls, configured: ReadonlyMap<Mchid, Told>, keys: DevKeys): DevFile {
  const merchants = [...configured].map(([mchid, { webhook, credentials }]) => {
    const apiKey = keys.merchantKeys[mchid] ?? '';
    return { mchid, protocol: credentials.protocol, apiKey, webhookSecret: webhook?.secrets[0] ?? null };
  });
  const [first] = merchants;
  if (first === undefined) throw new Error('the merchants file names no merchant');
  const { mchid, apiKey } = first;
  return { apiKey, operatorKey: keys.operatorKey, mchid, merchants, ...urls };
}

/** Writes `dev.json` whole: readers see all of it or nothing. */
export async function writeDevFile(home: string, dev: DevFile): Promise<void> {
  const file = devFileOf(home);
  await writeFile(`${file}.new`, `${JSON.stringify(dev, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export const removeDevFile = (home: string): Promise<void> => rm(devFileOf(home), { force: true });

const devKeysSchema = z.object({ operatorKey: z.string(), merchantKeys: z.record(z.string(), z.string()) });
export type DevKeys = z.infer<typeof devKeysSchema>;

/** The API keys of the stack, one a merchant and one operator's for all: made once, kept in `<home>/keys.json`. */
export async function ensureDevKeys(home: string, db: Db, mchids: readonly Mchid[]): Promise<DevKeys> {
  const file = join(home, 'keys.json');
  const before = existsSync(file) ? devKeysSchema.parse(JSON.parse(await readFile(file, 'utf8'))) : undefined;
  const missing = mchids.filter((mchid) => before?.merchantKeys[mchid] === undefined);
  if (before !== undefined && missing.length === 0) return before;
  const at = new Date();
  const merchantKeys = { ...before?.merchantKeys };
  for (const mchid of missing) {
    const { key, hash } = newApiKey('merchant', 'test');
    await insertApiKey(db, { kind: 'merchant', name: null, mchids: [mchid], hash, at });
    merchantKeys[mchid] = key;
  }
  const operator = newApiKey('operator', 'test');
  await insertApiKey(db, { kind: 'operator', name: 'developer', mchids: [...mchids], hash: operator.hash, at });
  const keys = { operatorKey: operator.key, merchantKeys };
  await writeFile(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  return keys;
}

/** The key behind checkout links: made once, so that links outlive a restart. Answers the file's path. */
export async function ensureCheckoutKey(home: string): Promise<string> {
  const file = join(home, 'checkout.key');
  if (!existsSync(file)) await writeFile(file, randomBytes(32), { mode: 0o600 });
  return file;
}
