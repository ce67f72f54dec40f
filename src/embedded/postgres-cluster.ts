import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { commandOf } from './machine.js';
import type { Account } from './postgres-account.js';

const OWNER = 'paysaga';
const DATABASE = 'paysaga';

interface ClusterOptions {
  dataDir: string;
  cluster: string;
  initdb: string;
  account: Account;
  onProgress: (line: string) => void;
}

/**
 * Creates the cluster unless it is there, and answers its password. A new cluster is made in a folder beside it and renamed, so
 * that an interrupt leaves nothing half done.
 */
export async function initialise(options: ClusterOptions): Promise<string> {
  const { dataDir, cluster, account } = options;
  const passwordFile = join(dataDir, 'password');
  if (await exists(join(cluster, 'PG_VERSION'))) return (await readFile(passwordFile, 'utf8')).trim();
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

export function connectUrl(port: number, password: string, database = DATABASE): string {
  return `postgres://${OWNER}:${password}@127.0.0.1:${String(port)}/${database}`;
}

/** Creates the database unless it is there. Throws while the server does not answer. */
export async function ensureDatabase(port: number, password: string): Promise<void> {
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

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Removes the `postmaster.pid` that a killed server left, when its pid now belongs to another program: Postgres would
 * take that program for a server and refuse to start. Throws when a server does run on this cluster.
 */
export async function clearStaleLock(cluster: string): Promise<void> {
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
