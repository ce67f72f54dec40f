import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onServer } from '../database.js';
import type { Processes } from '../processes.js';

export type Statements = { readonly statements: number; readonly transactions: number };

/**
 * What the server itself says it was asked while `work` ran, by its log: every statement but those that begin and end a transaction. A
 * transaction is a commit, or a statement on its own. Of all sessions: what a process asks by the clock is in it.
 */
export async function statementsOf({ dev, home }: Processes, work: () => Promise<unknown>): Promise<Statements> {
  const log = join(home, 'logs', 'postgres.log');
  const set = (value: string) =>
    onServer(dev.databaseUrl, async (sql) => {
      await sql.unsafe(`alter system set log_statement = '${value}'`);
      await sql.unsafe(`alter system set log_line_prefix = '%p '`);
      await sql`select pg_reload_conf()`;
    });
  await set('all');
  await sleep(SETTLED_MS);
  const from = await sizeOf(log);
  await work();
  const to = await sizeOf(log);
  await set('none');
  return counted(await readBetween(log, from, to));
}

/** The server's processes read their settings, and the log is written, a moment later. */
const SETTLED_MS = 1_000;

const STATEMENT = /^(\d+) LOG: {2}(?:statement|execute [^:]*): (.*)$/;
const BEGINS = /^(?:begin|start transaction)/i;
const ENDS = /^(?:commit|rollback)/i;

function counted(log: string): Statements {
  const open = new Set<string>();
  let [statements, transactions] = [0, 0];
  for (const line of log.split('\n')) {
    const [, pid = '', text = ''] = STATEMENT.exec(line) ?? [];
    if (pid === '') continue;
    if (BEGINS.test(text)) open.add(pid);
    else if (ENDS.test(text)) {
      open.delete(pid);
      transactions += 1;
    } else {
      statements += 1;
      if (!open.has(pid)) transactions += 1;
    }
  }
  return { statements, transactions };
}

async function sizeOf(file: string): Promise<number> {
  const handle = await open(file);
  return handle
    .stat()
    .then(({ size }) => size)
    .finally(() => handle.close());
}

async function readBetween(file: string, from: number, to: number): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read({ buffer: Buffer.alloc(to - from), position: from });
    return buffer.toString();
  } finally {
    await handle.close();
  }
}
