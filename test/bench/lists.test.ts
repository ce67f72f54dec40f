import { expect, test } from 'vitest';
import { z } from 'zod';
import { waitingOf, writeWorld, type World } from '../../bench/lists/world.js';
import { bench } from '../support/bench.js';
import { onDatabase, testDatabase } from '../support/services.js';

const ratio = z.number().positive();
const reportSchema = z.object({
  ...{ listRatio: ratio, pageRatio: ratio, sweepRatio: ratio, metricRatio: ratio },
  ...{ listStuckRatio: ratio, pageStuckRatio: ratio, sweepStuckRatio: ratio, metricStuckRatio: ratio },
  ...{
    listTimeRatio: ratio,
    pageTimeRatio: ratio,
    sweepTimeRatio: ratio,
    metricTimeRatio: ratio,
    opsStuckRatio: ratio,
  },
  opsStuckStatements: z.int().positive(),
  missed: z.array(z.string()),
});

test('every list, page, sweep and metric of 10,000 orders and of 100 is read, and nothing is left', async () => {
  const { code, stdout, stderr, left } = await bench('lists', '--rows', '10000', '--json');
  expect(stderr).not.toContain('bench:');
  const report = reportSchema.parse(JSON.parse(stdout));

  // However many are stuck: a page of 25 of them takes no statement for each.
  expect(report.opsStuckStatements).toBeLessThan(25);
  // How a world of 100 compares says nothing here.
  expect(code).toBe(report.missed.length === 0 ? 0 : 1);
  expect(left).toEqual([]);
});

test('a world is searched by what its triggers would have made of it, and has as much that is stuck as it says', async () => {
  const database = await testDatabase();
  try {
    const world: World = { databaseUrl: database.url, rows: 300, stuck: 8, now: new Date() };
    await writeWorld(world, () => undefined);
    const found = await onDatabase(database.url, async (sql) => {
      const [texts] = await sql`
        select count(*)::int as of_orders, count(*) filter (where t.text is distinct from order_search_text(o.order_no, o.description, o.metadata))::int as wrong
        from orders o left join search_texts t on t.kind = 'order' and (t.mchid, t.number) = (o.mchid, o.order_no)`;
      const [terms] = await sql`
        select count(*)::int as wrong from (
          (select term, number from search_terms except
           select search_term(kind, mchid, term), number from search_texts, unnest(search_terms_in(text)) term)
          union all
          (select search_term(kind, mchid, term), number from search_texts, unnest(search_terms_in(text)) term except
           select term, number from search_terms)) it`;
      const [stuck] = await sql`select count(*)::int as stuck from orders where stuck_reason is not null`;
      const [waiting] = await sql`
        select count(*)::int as waiting from orders where state = 'awaitingPayment' and stuck_reason is null and expires_at > now()`;
      return { texts, terms, ...stuck, ...waiting };
    });
    expect(found).toEqual({
      texts: { of_orders: 300, wrong: 0 },
      terms: { wrong: 0 },
      stuck: world.stuck,
      waiting: waitingOf(world.rows),
    });
  } finally {
    await database.drop();
  }
});
