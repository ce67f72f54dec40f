import { drizzle } from 'drizzle-orm/postgres-js';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import { z } from 'zod';
import type { Statement } from './ingress.js';

/** Of all statements of one read: pages of 8 KB that Postgres looked at, and the least time it took. */
export type ReadCost = { readonly blocks: number; readonly ms: number; readonly statements: number };

const ROUNDS = 5;

/** What changes rows is rolled back. The first round finds pages that are not in memory yet. */
export async function costOf(sql: Sql, statements: readonly Statement[]): Promise<ReadCost> {
  const explainable = statements.filter(({ query }) => /^\s*(select|with|update|insert|\(select)/i.test(query));
  let [blocks, ms] = [Infinity, Infinity];
  for (let round = 0; round <= ROUNDS; round += 1) {
    let cost = { blocks: 0, ms: 0 };
    for (const statement of explainable) {
      const { blocks: more, ms: longer } = await explained(sql, statement);
      cost = { blocks: cost.blocks + more, ms: cost.ms + longer };
    }
    [blocks, ms] = [Math.min(blocks, cost.blocks), Math.min(ms, cost.ms)];
  }
  return { blocks, ms, statements: statements.length };
}

const plan = z.tuple([
  z.object({
    Plan: z.object({ 'Shared Hit Blocks': z.number(), 'Shared Read Blocks': z.number() }),
    'Execution Time': z.number(),
  }),
]);

class RolledBack extends Error {}

async function explained(sql: Sql, { query, params }: Statement): Promise<{ blocks: number; ms: number }> {
  let found: unknown;
  const look = async (tx: TransactionSql) => {
    const values = params.map((value) => (value instanceof Date ? value.toISOString() : value));
    const [row] = await tx.unsafe(`explain (analyze, buffers, timing off, format json) ${query}`, values as never[]);
    found = row?.['QUERY PLAN'];
    throw new RolledBack();
  };
  await sql.begin(look).catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error;
  });
  const [{ Plan, 'Execution Time': ms }] = plan.parse(found);
  return { blocks: Plan['Shared Hit Blocks'] + Plan['Shared Read Blocks'], ms };
}

/** Takes values as Drizzle gives them to the driver: JSON and times are text by then. */
export function openSession(url: string): Sql {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined });
  drizzle(sql);
  return sql;
}
