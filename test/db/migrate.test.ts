import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { DatabaseUnavailable } from '../../src/db/failure.js';
import { migrate } from '../../src/db/migrate.js';
import { startEntry } from '../support/command.js';
import { stackEnvironment } from '../support/dev-stack.js';
import { emptyDatabase, onDatabase, type TestDatabase } from '../support/services.js';
import { logStatements } from '../support/statements.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await emptyDatabase();
});

afterEach(() => database.drop());

const applied = () =>
  onDatabase(database.url, (sql) => sql`select hash from drizzle.__drizzle_migrations order by created_at`);

const journal = z.object({ entries: z.array(z.object({ when: z.number(), tag: z.string() })) });
const folder = new URL('../../src/db/migrations/', import.meta.url);
const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(new URL(path, folder), 'utf8'));

test('an empty database gets every migration once, however often it is migrated', async () => {
  const { entries } = journal.parse(await readJson('meta/_journal.json'));

  await migrate(database.url);
  const first = await applied();
  await migrate(database.url);

  expect(first).toHaveLength(entries.length);
  expect(await applied()).toEqual(first);
});

test('migrations are dated in their order, since one dated before what a database has would be passed over', async () => {
  const { entries } = journal.parse(await readJson('meta/_journal.json'));

  const dates = entries.map((entry) => entry.when);

  expect(dates).toEqual([...new Set(dates)].sort((a, b) => a - b));
  expect(entries.map((entry) => entry.tag)).toEqual(entries.map((entry) => entry.tag).sort());
});

test('three processes that start at once all succeed and migrate once', async () => {
  const run = () => startEntry('migrate', [], { ...stackEnvironment(tmpdir()), DATABASE_URL: database.url }).exited;

  const ended = await Promise.all([run(), run(), run()]);

  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
  const { entries } = journal.parse(await readJson('meta/_journal.json'));
  expect(await applied()).toHaveLength(entries.length);
});

test('what a session may take is said under the same lock: of two that change one role at once Postgres refuses one', async () => {
  const log = await logStatements(database.url);
  try {
    await migrate(log.url);
    const said = log.take().map(({ text }) => text);
    const locked = said.findIndex((text) => text.includes('pg_advisory_xact_lock'));
    const limits = said.flatMap((text, at) => (text.startsWith('alter role') ? [at] : []));
    expect(locked).toBeGreaterThan(-1);
    expect(limits).toHaveLength(2);
    expect(limits.every((at) => locked < at && at < said.indexOf('commit'))).toBe(true);
  } finally {
    await log.close();
  }
});

test('a migration that fails leaves nothing behind and lets go of the lock', async () => {
  await onDatabase(database.url, (sql) => sql`create table attempts (in_the_way int)`);
  await expect(migrate(database.url)).rejects.toMatchObject({ code: 'database_refused', sqlState: '42P07' });

  await onDatabase(database.url, (sql) => sql`drop table attempts`);
  await migrate(database.url);

  const { entries } = journal.parse(await readJson('meta/_journal.json'));
  expect(await applied()).toHaveLength(entries.length);
});

test('a server that is not there is reported as unavailable', async () => {
  const url = new URL(database.url);
  url.port = '1';

  await expect(migrate(url.href)).rejects.toThrow(DatabaseUnavailable);
});

test('the migrations make what the schema says', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'paysaga-migrations-'));
  try {
    await cp(folder, copy, { recursive: true });
    const before = await readdir(copy);
    const tool = fileURLToPath(new URL('../../node_modules/drizzle-kit/bin.cjs', import.meta.url));
    const schema = fileURLToPath(new URL('../../src/db/schema.ts', import.meta.url));
    const options = [`--schema=${schema}`, `--out=${relative(process.cwd(), copy)}`, '--dialect=postgresql'];

    const { stdout } = await promisify(execFile)(process.execPath, [tool, 'generate', ...options]);

    expect(stdout).toContain('No schema changes');
    expect(await readdir(copy)).toEqual(before);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});
