import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { newApiKey } from '../../cli/new-api-key.js';
import { insertApiKey } from '../../access/store/api-key.js';
import type { Db } from '../../db/connection.js';
import type { Mchid } from '../../base/ids.js';

const stored = z.object({ operatorKey: z.string(), merchantKeys: z.record(z.string(), z.string()) });
export type DevKeys = z.infer<typeof stored>;

/** The API keys of an embedded stack: one a merchant and one operator's for all; made once, kept in `<home>/keys.json`. */
export async function ensureDevKeys(home: string, db: Db, mchids: readonly Mchid[]): Promise<DevKeys> {
  const file = join(home, 'keys.json');
  const before = await readKeys(file);
  const missing = mchids.filter((mchid) => before?.merchantKeys[mchid] === undefined);
  if (before !== undefined && missing.length === 0) return before;
  const at = new Date();
  const merchantKeys = { ...before?.merchantKeys };
  for (const mchid of missing) {
    const { key, hash } = newApiKey('merchant');
    await insertApiKey(db, { kind: 'merchant', name: null, mchids: [mchid], hash, at });
    merchantKeys[mchid] = key;
  }
  const operator = newApiKey('operator');
  await insertApiKey(db, { kind: 'operator', name: 'developer', mchids: [...mchids], hash: operator.hash, at });
  const keys = { operatorKey: operator.key, merchantKeys };
  await writeFile(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  return keys;
}

async function readKeys(file: string): Promise<DevKeys | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => ifMissing(error));
  return text === undefined ? undefined : stored.parse(JSON.parse(text));
}

/** The key behind checkout links: made once, so that links outlive a restart. Answers the file's path. */
export async function ensureCheckoutKey(home: string): Promise<string> {
  const file = join(home, 'checkout.key');
  const there = await readFile(file).catch((error: unknown) => ifMissing(error));
  if (there === undefined) await writeFile(file, randomBytes(32), { mode: 0o600 });
  return file;
}

function ifMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
