import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { expect, onTestFinished, test } from 'vitest';
import { startPostgres } from '../../src/embedded/postgres.js';
import { crashesIn } from './postgres-crashes.js';
import { until } from './until.js';

test('a run is told that a process of its Postgres was killed, and nothing where statements failed and sessions were ended', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'paysaga-crash-'));
  const logFile = join(folder, 'postgres.log');
  const options = { dataDir: join(folder, 'data'), durable: false, logFile, onProgress: () => undefined };
  const server = await startPostgres(options);
  onTestFinished(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const sql = postgres(server.url, { max: 1, onnotice: () => undefined });
  const other = postgres(server.url, { max: 1, onnotice: () => undefined });
  const pidOf = async (client: postgres.Sql) => Number((await client`select pg_backend_pid() as pid`)[0]?.['pid']);
  await sql`select 1 / 0`.catch(() => undefined);
  await sql`select pg_terminate_backend(${await pidOf(other)}, 10000)`;
  const said = async () => crashesIn(await readFile(logFile, 'utf8'));
  await until('the end of a session in the log', async () => (await readFile(logFile, 'utf8')).includes('terminating'));
  expect(await said()).toEqual([]);

  process.kill(await pidOf(sql), 'SIGKILL');

  await until('the crash in the log', async () => (await said()).length > 1);
  expect((await said()).join('\n')).toMatch(/was terminated by signal 9/);
  await Promise.all([sql.end({ timeout: 0 }), other.end({ timeout: 0 })]);
});
