import { accessSync, constants } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import { spawnService, poll } from '../../src/embedded/children.js';
import { freePorts } from '../../src/embedded/machine.js';
import { onDatabase } from './services.js';

const PROGRAM = '/usr/sbin/pgbouncer';

/** Debian's package; everywhere else its tests are skipped aloud, and in CI they fail. */
export function hasPgBouncer(): boolean {
  try {
    accessSync(PROGRAM, constants.X_OK);
    return true;
  } catch {
    if (process.env['CI'] !== undefined) throw new Error(`${PROGRAM} is missing`);
    console.warn(`skipped: ${PROGRAM} is not here`);
    return false;
  }
}

/** PgBouncer in session mode before a database, configured as it comes: it refuses start-up parameters it does not know. */
export async function startPgBouncer(databaseUrl: string): Promise<{ url: string; stop(): Promise<void> }> {
  const target = new URL(databaseUrl);
  const { hostname, port: targetPort, username, password } = target;
  const database = target.pathname.slice(1);
  const [port = 0] = await freePorts(1);
  const home = await mkdtemp(join(tmpdir(), 'paysaga-pgbouncer-'));
  // The system's user without rights reads it, where PgBouncer was started by root.
  await chmod(home, 0o755);
  const file = join(home, 'pgbouncer.ini');
  const server = `host=${hostname} port=${targetPort} dbname=${database} user=${username} password=${password}`;
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'session',
    default_pool_size: 60,
    ...(process.getuid?.() === 0 ? { user: 'nobody' } : {}),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  await writeFile(file, ['[databases]', `${database} = ${server}`, '[pgbouncer]', ...lines, ''].join('\n'));
  const url = new URL(databaseUrl);
  url.port = String(port);
  const bouncer = await spawnService({
    name: 'PgBouncer',
    command: PROGRAM,
    args: [file],
    stopSignal: 'SIGINT',
    ready: (signal) => poll(() => onDatabase(url.href, answers), signal),
  });
  return {
    url: url.href,
    async stop() {
      await bouncer.kill();
      await rm(home, { recursive: true });
    },
  };
}

async function answers(sql: Sql): Promise<void> {
  await sql`select 1`;
}
