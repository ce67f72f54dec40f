import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChecker, type CheckResult } from '../../src/doctor/check.js';
import { checkDatabase, checkListening, checkVersion } from '../../src/doctor/database/database.js';
import { insertApiKey } from '../../src/access/store/api-key.js';
import { connect, type Connection } from '../../src/db/connection.js';
import { type Mchid, parseMchid } from '../../src/base/ids.js';
import { emptyDatabase, onDatabase, testDatabase, type TestDatabase } from '../support/services.js';

const MCHIDS = ['1900000001', '1900000002'].map(mchidOf);

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

type Asked = { readonly url?: string; readonly isFixing?: boolean; readonly offMs?: number };

async function examine({ url = database.url, isFixing = false, offMs = 0 }: Asked = {}): Promise<CheckResult[]> {
  const deps = { check: createChecker({ isFixing }), now: () => new Date(Date.now() + offMs) };
  const results = await checkDatabase(deps, url, MCHIDS);
  expect(JSON.stringify(results)).not.toContain('canary');
  return results;
}

async function check(name: string, asked: Asked = {}) {
  const found = (await examine(asked)).find((result) => result.name === name);
  return found && { status: found.status, seen: found.seen, cure: found.cure };
}

/** The same database for a role of its own; dropped with the database's rights. */
async function asRole<T>(grants: (role: string) => readonly string[], run: (url: string) => Promise<T>): Promise<T> {
  const role = `doctor_${randomBytes(6).toString('hex')}`;
  const url = new URL(database.url);
  url.username = role;
  url.password = 'canary';
  await onDatabase(database.url, async (sql) => {
    await sql.unsafe(`create role ${role} login password 'canary'`);
    for (const grant of grants(role)) await sql.unsafe(grant);
  });
  try {
    return await run(url.href);
  } finally {
    await onDatabase(database.url, (sql) => sql.unsafe(`drop owned by ${role}; drop role ${role}`));
  }
}

function mchidOf(text: string): Mchid {
  const mchid = parseMchid(text);
  if (!mchid.ok) throw new Error('not an mchid');
  return mchid.value;
}

describe('a database as it should be', () => {
  it('passes, but for keys that nobody has made yet', async () => {
    const results = await examine();
    expect(results.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'reachable ok',
      'version ok',
      'clock ok',
      'migrations ok',
      'limits ok',
      'rights ok',
      'LISTEN ok',
      'API keys warning',
    ]);
    expect(results[0]?.seen).toMatch(/^Postgres [\d.]+.* at [\w.]+:\d+\/\w+$/);
  });
});

describe('a database that cannot be asked', () => {
  it('is unreachable where nobody listens, and the rest is skipped', async () => {
    const results = await examine({ url: 'postgres://user:canary@127.0.0.1:1/nowhere' });
    expect(results[0]).toMatchObject({
      status: 'failed',
      unreachable: true,
      seen: '127.0.0.1:1/nowhere does not answer (ECONNREFUSED)',
      cure: 'Start Postgres, or correct host and port in DATABASE_URL; a full server (53300) needs more max_connections.',
    });
    expect(results.slice(1).map(({ status }) => status)).toEqual(Array(7).fill('skipped'));
  });

  it('may have a URL that is none', async () => {
    const results = await examine({ url: 'canary://[' });
    expect(results[0]).toMatchObject({
      status: 'failed',
      unreachable: false,
      seen: 'DATABASE_URL is not a connection URL',
      cure: 'Set DATABASE_URL to postgres://user:password@host:port/database, with special characters percent-encoded.',
    });
    expect(results.slice(1).map(({ status }) => status)).toEqual(Array(7).fill('skipped'));
  });

  it('is told apart from one that does not exist and from one that refuses the role', async () => {
    const missing = new URL(database.url);
    missing.pathname = '/no_such_database';
    expect(await check('reachable', { url: missing.href })).toEqual({
      status: 'failed',
      seen: `there is no such database at ${missing.host}/no_such_database`,
      cure: 'Create the database, or correct its name in DATABASE_URL.',
    });
    const stranger = new URL(database.url);
    stranger.username = 'no_such_role';
    stranger.password = 'canary';
    expect(await check('reachable', { url: stranger.href })).toEqual({
      status: 'failed',
      seen: expect.stringMatching(/ refuses this role \(28\w{3}\)$/) as unknown,
      cure: 'Correct user and password in DATABASE_URL, or pg_hba.conf.',
    });
  });
});

describe('what limits its sessions', () => {
  it('is missing for a role that never migrated, and is set by --fix', async () => {
    await asRole(
      () => [],
      async (url) => {
        expect(await check('limits', { url })).toEqual({
          status: 'warning',
          seen: 'statement_timeout is 0, idle_in_transaction_session_timeout is 0',
          cure: 'Run npm run migrate or doctor --fix as this role, or set both for it: alter role … in database … set …',
        });
        expect(await check('limits', { url, isFixing: true })).toMatchObject({
          status: 'ok',
          seen: 'statement_timeout is 5s, idle_in_transaction_session_timeout is 15s',
        });
      },
    );
  });
});

describe('its version', () => {
  const facts = { isReadOnly: false, nowMs: 0 };

  it('is 15 at least', () => {
    expect(checkVersion({ ...facts, versionNumber: 150_000, version: '15.0' })).toMatchObject({ status: 'ok' });
    expect(checkVersion({ ...facts, versionNumber: 140_012, version: '14.12' })).toEqual({
      status: 'failed',
      seen: 'Postgres 14.12 is too old',
      cure: 'Move the database to Postgres 15 or newer; 17 is what is tried.',
    });
  });
});

describe('its clock', () => {
  it('may be a few seconds off', async () => {
    expect(await check('clock', { offMs: -60_000 })).toEqual({
      status: 'warning',
      seen: expect.stringMatching(/^this machine is \d+ s behind Postgres$/) as unknown,
      cure: 'Set the clocks of both machines by NTP: deadlines are compared with times of either.',
    });
  });
});

describe('its migrations', () => {
  it('that are missing are applied by --fix', async () => {
    const empty = await emptyDatabase();
    try {
      expect(await check('migrations', { url: empty.url })).toEqual({
        status: 'failed',
        seen: expect.stringMatching(/^migrations that are missing: \d+$/) as unknown,
        cure: 'Run npm run migrate, or --fix.',
      });
      expect(await check('rights', { url: empty.url })).toMatchObject({
        status: 'failed',
        seen: expect.stringContaining('may not read and write api_keys, ') as unknown,
        cure: 'Run npm run migrate where a table is missing, else grant this role select, insert and update on them.',
      });
      const repaired = await examine({ url: empty.url, isFixing: true });
      expect(repaired.find(({ name }) => name === 'migrations')).toMatchObject({ status: 'ok', fixed: true });
      expect(repaired.find(({ name }) => name === 'rights')).toMatchObject({ status: 'ok' });
    } finally {
      await empty.drop();
    }
  });

  it('that this build does not know show that it is older, or another', async () => {
    const newer = await testDatabase();
    try {
      await onDatabase(
        newer.url,
        (sql) => sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 9999999999999)`,
      );
      expect(await check('migrations', { url: newer.url, isFixing: true })).toEqual({
        status: 'failed',
        seen: 'migrations that are newer than this build: 1',
        cure: 'Run the build that brought them: this one is older than the schema.',
      });
      await onDatabase(newer.url, (sql) => sql`delete from drizzle.__drizzle_migrations where id = 1`);
      expect(await check('migrations', { url: newer.url })).toEqual({
        status: 'failed',
        seen: 'migrations that are missing: 1, of another build: 1',
        cure: 'Run the build that migrated this database, or restore a backup from before it did.',
      });
    } finally {
      await newer.drop();
    }
  });
});

describe("the role's rights", () => {
  const all = (role: string) => `grant select, insert, update on all tables in schema public to ${role}`;

  it('are what reading and writing takes, and no more', async () => {
    await asRole(
      (role) => [all(role), `revoke update on evidence, deliveries, gateway_calls, timeline from ${role}`],
      async (url) => {
        expect(await check('rights', { url })).toMatchObject({ status: 'ok' });
        expect(await check('migrations', { url })).toEqual({
          status: 'warning',
          seen: 'this role may not see which migrations were applied',
          cure: 'Run doctor as the owner of the schema, or grant this role usage on schema drizzle and select on its table.',
        });
      },
    );
  });

  it('are looked at on every table that is written at run time', async () => {
    // The allowed moves are written by migrations, and a day's lines through the table of all.
    const written = await onDatabase(
      database.url,
      (sql) => sql<{ name: string }[]>`
        select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
          and not relispartition and relname not like '%\\_transitions'`,
    );
    await asRole(
      () => [],
      async (url) => {
        const seen = (await check('rights', { url }))?.seen ?? '';
        expect(seen.replace('this role may not read and write ', '').split(', ').toSorted()).toEqual(
          written.map(({ name }) => name).toSorted(),
        );
      },
    );
  });

  it('that are missing are named by their tables', async () => {
    await asRole(
      (role) => [all(role), `revoke update on orders from ${role}`, `revoke all on api_keys, evidence from ${role}`],
      async (url) => {
        expect(await check('rights', { url })).toMatchObject({
          status: 'failed',
          seen: 'this role may not read and write api_keys, orders, evidence',
        });
        expect(await check('API keys', { url })).toMatchObject({ status: 'skipped' });
      },
    );
  });

  it('do not help where nothing may be written', async () => {
    await asRole(
      (role) => [all(role), `alter role ${role} set default_transaction_read_only = on`],
      async (url) => {
        expect(await check('rights', { url })).toEqual({
          status: 'failed',
          seen: 'the server takes no writes',
          cure: 'Point DATABASE_URL at the primary, with a role that may write.',
        });
      },
    );
  });
});

describe('LISTEN', () => {
  it('that hears nothing fails, as through a pooler that shares sessions', async () => {
    const connection = connect(database.url, { max: 1 });
    const deaf = new Proxy(connection.sql, {
      get: (sql, property): unknown => (property === 'notify' ? () => Promise.resolve() : Reflect.get(sql, property)),
    });
    const shared: Connection = { ...connection, sql: deaf };
    try {
      expect(await checkListening(shared, 50)).toEqual({
        status: 'failed',
        seen: 'LISTEN hears nothing, so streams and checkout pages do not move',
        cure: 'Connect directly, or through a pooler that keeps a session to itself (PgBouncer: pool_mode = session).',
      });
    } finally {
      await connection.close();
    }
  });
});

describe('API keys', () => {
  it('are missing first for a shop, then for an operator, and a revoked one is none', async () => {
    const other = await testDatabase();
    const connection = connect(other.url, { max: 1 });
    const make = (kind: 'merchant' | 'operator', name: string | null, mchids: readonly Mchid[]) =>
      insertApiKey(connection.db, { kind, name, mchids, hash: randomBytes(32).toString('hex'), at: new Date() });
    try {
      const found = () => check('API keys', { url: other.url });
      for (const mchid of MCHIDS.slice(0, 1)) await make('merchant', null, [mchid]);
      expect(await found()).toEqual({
        status: 'warning',
        seen: 'no API key for 1900000002',
        cure: 'Make one with: paysaga keys create --mchid 1900000002',
      });
      for (const mchid of MCHIDS.slice(1)) await make('merchant', null, [mchid]);
      const { id } = await make('operator', 'Li Lei', MCHIDS);
      expect(await found()).toMatchObject({ status: 'ok', seen: '3 in force' });
      await connection.sql`update api_keys set revoked_at = now() where id = ${id}`;
      expect(await found()).toEqual({
        status: 'warning',
        seen: "no operator's key for 1900000001, 1900000002",
        cure: 'Make one with: paysaga keys create --operator NAME --mchid 1900000001',
      });
    } finally {
      await connection.close();
      await other.drop();
    }
  });
});
