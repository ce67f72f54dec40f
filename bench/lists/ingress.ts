import { drizzle } from 'drizzle-orm/postgres-js';
import type { Hono } from 'hono';
import postgres from 'postgres';
import { insertApiKey } from '../../src/access/store/api-key.js';
import { newApiKey } from '../../src/cli/keys.js';
import { createMerchants } from '../../src/channels/merchant.js';
import type { Connection, Db } from '../../src/db/connection.js';
import { createLog } from '../../src/entries/process.js';
import { served } from '../../src/entries/served.js';
import { openServices } from '../../src/entries/services.js';
import { createApp } from '../../src/http/app.js';
import { MCHIDS, type World } from './world.js';

export type Statement = { readonly query: string; readonly params: readonly unknown[] };

/** What is sent to Postgres for something that is read. */
export type Sent = (read: (reader: Reader) => Promise<unknown>) => Promise<readonly Statement[]>;

export type Reader = {
  readonly db: Db;
  readonly now: Date;
  /** As an operator of all merchants: a call of the API, or a page. Throws where it is not answered. */
  readonly get: (path: string) => Promise<string>;
};

/**
 * The whole ingress over a world; Temporal is not asked for what is only read. `unsent` answers the first statement in place of sending it:
 * what a sweep finds it marks, and the next one would find something else.
 */
export async function openReader(
  world: World,
): Promise<{ readonly sent: Sent; readonly unsent: Sent; readonly close: () => Promise<void> }> {
  const log: Statement[] = [];
  let isSending = true;
  const sql = postgres(world.databaseUrl, { max: 4, fetch_types: false, onnotice: () => undefined });
  const logQuery = (query: string, params: unknown[]): void => {
    log.push({ query, params });
    if (!isSending) throw new NotSent();
  };
  const db = drizzle(sql, { logger: { logQuery } });
  const connection: Connection = { db, sql, close: () => sql.end() };
  const services = openServices({
    ...{ databaseUrl: world.databaseUrl, applicationName: 'paysaga-bench', language: 'en', workers: 1 },
    temporal: { connection: { address: '127.0.0.1:1' }, namespace: 'bench' },
    merchants: createMerchants(new Map()),
    publicUrl: () => PUBLIC_URL,
    log: createLog('bench', 'silent'),
  });
  const app = createApp(
    {
      ...services,
      ...{ connection, now: () => world.now, publicUrl: () => PUBLIC_URL, checkoutKey: Buffer.alloc(32, 7) },
      ...{ log: createLog('bench', 'silent'), tellTest: () => Promise.resolve(undefined) },
      ready: () => Promise.resolve({}),
      changes: { subscribe: () => NOTHING, subscribeEvents: () => NOTHING, close: () => Promise.resolve() },
    },
    served,
  );
  const get = await signedIn(app, db, world);
  const reader = { db, now: world.now, get };
  return {
    sent: async (read) => {
      log.length = 0;
      await read(reader);
      return [...log];
    },
    unsent: async (read) => {
      log.length = 0;
      isSending = false;
      await read(reader).catch((error: unknown) => {
        if (!(error instanceof NotSent)) throw error;
      });
      isSending = true;
      return [...log];
    },
    close: async () => {
      await services.close();
      await sql.end();
    },
  };
}

class NotSent extends Error {}

const PUBLIC_URL = 'https://pay.example.com';
const NOTHING = (): void => undefined;

async function signedIn(app: Pick<Hono, 'request'>, db: Db, { now }: World): Promise<Reader['get']> {
  const { key, hash } = newApiKey('operator', 'test');
  await insertApiKey(db, { kind: 'operator', name: 'Bench', mchids: MCHIDS, hash, at: now });
  const door = await app.request('/ops/login', { method: 'POST', body: new URLSearchParams({ key }) });
  const Cookie = door.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
  const headers = { Cookie: Cookie.join('; '), Authorization: `Bearer ${key}` };
  return async (path) => {
    const answer = await app.request(path, { headers });
    const text = await answer.text();
    if (answer.status >= 400) throw new Error(`${path}: ${answer.status} ${text.slice(0, 300)}`);
    return text;
  };
}
