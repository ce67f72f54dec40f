import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../src/embedded/postgres.js';
import { isAlive } from './processes.js';

let folder: string;
const running: PostgresServer[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paysaga-postgres-'));
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  await rm(folder, { recursive: true });
});

async function start(options: { port?: number; durable?: boolean; dataDir?: string } = {}): Promise<PostgresServer> {
  const server = await startPostgres({ dataDir: folder, durable: false, onProgress: () => undefined, ...options });
  running.push(server);
  return server;
}

async function query<T>(server: PostgresServer, text: string): Promise<T[]> {
  const sql = postgres(server.url, { max: 1 });
  try {
    return await sql.unsafe<(T & postgres.Row)[]>(text);
  } finally {
    await sql.end();
  }
}

test('the server counts in UTC, sorts by bytes, keeps UTF-8 and listens on loopback alone', async () => {
  const server = await start();
  const names = ['TimeZone', 'server_encoding', 'listen_addresses', 'password_encryption', 'fsync'];
  const rows = await query<{ name: string; setting: string }>(
    server,
    `select name, setting from pg_settings where name in (${names.map((name) => `'${name}'`).join()})
     union select 'collation', datcollate from pg_database where datname = current_database() order by 1`,
  );
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    TimeZone: 'UTC',
    collation: 'C',
    fsync: 'off',
    listen_addresses: '127.0.0.1',
    password_encryption: 'scram-sha-256',
    server_encoding: 'UTF8',
  });
});

test('after a kill the same folder and port go on with what was committed', async () => {
  const killed = await start({ durable: true });
  await query(killed, 'create table paid as select 100 as fen');
  await killed.kill();
  const again = await start({ durable: true, port: Number(new URL(killed.url).port) });
  expect(again.url).toBe(killed.url);
  expect(await query(again, 'select fen from paid')).toEqual([{ fen: 100 }]);
  expect(await query(again, 'show fsync')).toEqual([{ fsync: 'on' }]);
});

test('a wrong password is refused, and the right one is readable by its owner alone', async () => {
  const server = await start();
  const url = new URL(server.url);
  url.password = 'guess';
  await expect(query({ ...server, url: url.href }, 'select 1')).rejects.toThrow(/password authentication failed/);
  expect(((await stat(join(folder, 'password'))).mode & 0o777).toString(8)).toBe('600');
});

test('a second server on the same folder is refused and leaves the first alone', async () => {
  const first = await start();
  await expect(start()).rejects.toThrow(`A Postgres server (pid ${String(first.pid)}) already runs`);
  expect(await query(first, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a lock file left by a killed server whose pid another program has now is no obstacle', async () => {
  const server = await start();
  const lock = join(folder, 'cluster', 'postmaster.pid');
  const text = await readFile(lock, 'utf8');
  await server.kill();
  // Of the same user: Postgres itself passes over the processes of others.
  const { uid, gid } = await stat(lock);
  const other = spawn('sleep', ['600'], { uid, gid });
  try {
    await writeFile(lock, text.replace(/^\d+/, String(other.pid)));
    expect(isAlive((await start()).pid ?? 0)).toBe(true);
  } finally {
    other.kill();
  }
});

test('a cluster whose creation was interrupted is created again', async () => {
  await mkdir(join(folder, 'initdb-interrupted', 'cluster'), { recursive: true });
  await start();
  expect((await readdir(folder)).filter((name) => !name.startsWith('initdb-')).sort()).toEqual(['cluster', 'password']);
});

test('a folder that others may not enter serves as well', async () => {
  const server = await start({ dataDir: join(folder, 'deep', 'er') });
  expect((await stat(folder)).mode & 0o001).toBe(0);
  expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a given database is used as it is', async () => {
  const databaseUrl = 'postgres://shop@db.example/orders';
  const server = await startPostgres({ databaseUrl, dataDir: folder, onProgress: () => undefined });
  await server.stop();
  expect(server).toMatchObject({ url: databaseUrl, pid: null });
  expect(await readdir(folder)).toEqual([]);
});
