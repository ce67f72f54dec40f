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
  const { sql } = database.connection;
  const sent: { query: string; params: unknown[] }[] = [];
  await run(drizzle(sql, { logger: { logQuery: (query, params) => void sent.push({ query, params }) } }));
  const [only, ...others] = sent;
  if (only === undefined || others.length > 0) throw new Error('one statement');
  const [row] = await sql.unsafe(`explain (format json) ${only.query}`, only.params as string[]);
  return z
    .array(z.object({ Plan: z.unknown() }))
    .parse(row?.['QUERY PLAN'])
    .flatMap(({ Plan }) => nodesOf(Plan));
}

function nodesOf(value: unknown): PlanNode[] {
  const node = plan.parse(value);
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
