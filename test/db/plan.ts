import { drizzle } from 'drizzle-orm/postgres-js';
import { z } from 'zod';
import type { Db } from '../../src/db/connection.js';
import type { FileDatabase } from './database.js';

const plan = z.object({
  'Node Type': z.string(),
  'Index Name': z.string().optional(),
  Plans: z.array(z.unknown()).optional(),
});
export type PlanNode = z.infer<typeof plan>;

/** Every node of the plan by which Postgres runs the one statement that `run` sends. */
export async function planOf(database: FileDatabase, run: (db: Db) => Promise<unknown>): Promise<PlanNode[]> {
  const [only, ...others] = await plansOf(database, run);
  if (only === undefined || others.length > 0) throw new Error('one statement');
  return only;
}

/** As {@link planOf}, for each statement of several. */
export async function plansOf(database: FileDatabase, run: (db: Db) => Promise<unknown>): Promise<PlanNode[][]> {
  const { sql } = database.connection;
  const sent: Statement[] = [];
  await run(drizzle(sql, { logger: { logQuery: (query, params) => void sent.push({ query, params }) } }));
  return Promise.all(sent.map((statement) => explained(database, statement)));
}

type Statement = { readonly query: string; readonly params: unknown[] };

async function explained({ connection }: FileDatabase, { query, params }: Statement): Promise<PlanNode[]> {
  const [row] = await connection.sql.unsafe(`explain (format json) ${query}`, params as string[]);
  return z
    .array(z.object({ Plan: z.unknown() }))
    .parse(row?.['QUERY PLAN'])
    .flatMap(({ Plan }) => nodesOf(Plan));
}

function nodesOf(value: unknown): PlanNode[] {
  const node = plan.parse(value);
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
