import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { migrate } from '../../../src/db/migrate.js';
import type { Stack } from '../../../src/embedded/stack.js';
import { onServer } from '../../database.js';
import type { Pids, Processes } from '../../processes.js';
import { startForked } from '../forked.js';

export type Plain = Floor & {
  /** Throws unless an order has left as many rows in each table as PaySaga's has. A busy machine repeats some calls, and each has its row. */
  readonly requireSameRows: () => Promise<void>;
};

export type Floor = { readonly apiUrl: string; readonly pids: Pids };

/**
 * The same calls and the same rows by plain code around a bare workflow: an ingress and a worker of its own, and a database of PaySaga's
 * tables on the same Postgres.
 */
export async function startPlain(stack: Stack, { dev, pids, temporal }: Processes, webhookUrl: string): Promise<Plain> {
  const { address, namespace } = temporal.now;
  const databaseUrl = await newDatabase(dev.databaseUrl, 'plain');
  await migrate(databaseUrl);
  const taskQueue = `plain-${randomBytes(4).toString('hex')}`;
  const job = { address, namespace, taskQueue, databaseUrl, sandboxUrl: dev.sandboxUrl, webhookUrl };
  const start = (name: string) =>
    stack.start(`the plain ${name}`, () => startForked(new URL(`./${name}.ts`, import.meta.url), job, () => undefined));
  const worker = await start('worker');
  const ingress = await start('ingress');
  const { postgres = 0, sandbox = 0, temporal: server = 0 } = pids;
  return {
    apiUrl: z.string().parse(ingress.ready),
    pids: { worker: worker.pid, temporal: server, ingress: ingress.pid, postgres, sandbox },
    async requireSameRows() {
      const [ours, theirs] = [await rowsAnOrder(dev.databaseUrl), await rowsAnOrder(databaseUrl)];
      if (ours !== theirs) throw new Error(`rows an order differ: ${ours}; of the plain program ${theirs}`);
    },
  };
}

const TABLES = [
  'attempts',
  'evidence',
  'gateway_calls',
  'notify_inbox',
  'merchant_events',
  'deliveries',
  'search_texts',
];

function rowsAnOrder(databaseUrl: string): Promise<string> {
  return onServer(databaseUrl, async (sql) => {
    const countOf = async (table: string): Promise<number> => {
      const [found] = await sql<{ count: number }[]>`select count(*)::int as count from ${sql(table)}`;
      return found?.count ?? 0;
    };
    const orders = await countOf('orders');
    const lines: string[] = [];
    for (const table of TABLES) lines.push(`${table} ${((await countOf(table)) / orders).toFixed(0)}`);
    return lines.join(', ');
  });
}

/** On the server of PaySaga's, and gone with it. */
export async function newDatabase(serverUrl: string, name: string): Promise<string> {
  await onServer(serverUrl, (sql) => sql`create database ${sql(name)}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
