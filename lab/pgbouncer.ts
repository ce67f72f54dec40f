import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { poll, spawnService } from '../src/embedded/children.js';
import { findOnPath, freePorts } from '../src/embedded/machine.js';
import { replaceable, type Part } from '../src/entries/stack/processes.js';
import { StartError } from '../src/entries/process.js';

/** Debian's place is on the path of few users. */
const PATHS = '/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin';

/** PgBouncer in session mode before the database at this URL, on the same port at each start. Throws {@link StartError} where there is none. */
export async function startPgBouncer(databaseUrl: string, home: string): Promise<Part & { readonly url: string }> {
  const command = await findOnPath('pgbouncer', { PATH: PATHS });
  if (command === undefined) throw new StartError('--pooler needs PgBouncer (Debian: apt-get install pgbouncer)');
  const [port = 0] = await freePorts(1);
  const folder = join(home, 'pgbouncer');
  await mkdir(folder, { recursive: true });
  // The system's user without rights reads it, where PgBouncer was started by root.
  await chmod(home, 0o711);
  await chmod(folder, 0o755);
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(file, configured(new URL(databaseUrl), port));
  const url = new URL(databaseUrl);
  url.port = String(port);
  const part = await replaceable(() =>
    spawnService({
      name: 'PgBouncer',
      command,
      args: [file],
      stopSignal: 'SIGINT',
      ready: (signal) => poll(() => answers(port), signal),
    }),
  );
  return Object.assign(part, { url: url.href });
}

function configured({ hostname, port, username, password, pathname }: URL, listenPort: number): string {
  const database = pathname.slice(1);
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: listenPort,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'session',
    default_pool_size: 150,
    ...(process.getuid?.() === 0 ? { user: 'nobody' } : {}),
  };
  const server = `host=${hostname} port=${port} dbname=${database} user=${username} password=${password}`;
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return ['[databases]', `${database} = ${server}`, '[pgbouncer]', ...lines, ''].join('\n');
}

async function answers(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
