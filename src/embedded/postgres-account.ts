import { execFile } from 'node:child_process';
import { chown, lstat, stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

export interface Account {
  /** The command line that runs a program under this account. */
  run(program: string, args: readonly string[]): { command: string; args: string[] };
  own(path: string): Promise<void>;
}

const exec = promisify(execFile);
const OTHERS_MAY_ENTER = 0o001;

/**
 * Postgres refuses to run as root, who therefore runs it as the owner of the existing cluster, `paths[0]`, else as the
 * system user `postgres`, created when the machine has none.
 */
export async function chooseAccount(
  paths: readonly [cluster: string, ...string[]],
  onProgress: (line: string) => void,
): Promise<Account> {
  if (process.getuid?.() !== 0)
    return { run: (command, args) => ({ command, args: [...args] }), own: () => Promise.resolve() };
  if (platform() !== 'linux') throw new Error('Postgres does not run as root here; start as another user');
  const { uid, gid } = (await ownerOf(paths[0])) ?? (await postgresUser(onProgress));
  const options = [`--reuid=${String(uid)}`, `--regid=${String(gid)}`, '--clear-groups'];
  if (!(await reachable(paths))) options.push('--inh-caps=+dac_override', '--ambient-caps=+dac_override');
  return {
    run: (program, args) => ({ command: 'setpriv', args: [...options, '--', program, ...args] }),
    own: (path) => chown(path, uid, gid),
  };
}

interface Ids {
  uid: number;
  gid: number;
}

async function ownerOf(cluster: string): Promise<Ids | undefined> {
  const found = await stat(join(cluster, 'PG_VERSION')).catch(() => undefined);
  return found === undefined || found.uid === 0 ? undefined : found;
}

async function postgresUser(onProgress: (line: string) => void): Promise<Ids> {
  const known = await lookUp();
  if (known !== undefined) return known;
  onProgress('Creating the system user postgres, because Postgres does not run as root');
  await exec('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  const created = await lookUp();
  if (created === undefined) throw new Error('The system user postgres could not be created');
  return created;
}

async function lookUp(): Promise<Ids | undefined> {
  try {
    const [uid, gid] = await Promise.all([exec('id', ['-u', 'postgres']), exec('id', ['-g', 'postgres'])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** Root's home usually lets nobody in: Postgres is then given the capability to pass, since root put the files there. */
async function reachable(paths: readonly string[]): Promise<boolean> {
  const folders = new Set(paths.flatMap(ancestors));
  for (const folder of folders) {
    const found = await lstat(folder).catch(() => undefined);
    if (found !== undefined && (found.mode & OTHERS_MAY_ENTER) === 0) return false;
  }
  return true;
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestors(parent)];
}
