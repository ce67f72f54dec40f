import type { Sql } from 'postgres';
import { beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/db/connection.js';
import { beijingDate, daysAfter } from '../../src/reconciliation/rules/day.js';
import { openedSince } from '../../src/reconciliation/store/discrepancies.js';
import { listDayEvents } from '../../src/shop-events/store/outbox.js';
import { openDiscrepancies, recentDays, unfinishedDays, untoldDayEvents } from '../../src/figures/store/days.js';
import { onDatabase } from '../support/services.js';
import { fileDatabase } from './database.js';
import { MCHID, mchid } from './fixtures.js';
import { planOf } from './plan.js';

const database = fileDatabase();
const OTHER = mchid('1900000007');
const yesterday = { mchid: MCHID, date: daysAfter(beijingDate(new Date()), -1) };

const today = (sql: Sql) => sql`(now() at time zone 'Asia/Shanghai')::date`;

/** Thirty merchants with 600 days each that are over, and what was found on them: of two merchants something is left. */
beforeAll(() => onDatabase(database.url, placeMany));

async function placeMany(sql: Sql): Promise<void> {
  const TODAY = today(sql);
  await sql`
    insert into reconciliations (mchid, date, state, started_at, finished_at)
    select (${MCHID}::bigint + m)::text, ${TODAY} - n, 'balanced', 'epoch', 'epoch'
    from generate_series(0, 29) m, generate_series(1, 600) n`;
  await sql`
    insert into discrepancies (mchid, date, class, subject_key, subject, differences, status, opened_at, closed_at, repaired_by)
    select mchid, date, 'foreign', 'payment:' || date, 'payment', '{}', 'repaired', 'epoch', 'epoch', 'rerun' from reconciliations`;
  await sql`
    insert into merchant_events (mchid, date, subject, type, body, status, delivered_at, created_at)
    select mchid, date, 'run 1', 'reconciliation.completed', '{}', 'delivered', 'epoch', now() - interval '1 day'
    from reconciliations`;
  await sql`
    update reconciliations set state = 'differs' where mchid = ${MCHID} and date > ${TODAY} - 4`;
  await sql`
    update reconciliations set state = 'failed', failure = 'bill_refused' where mchid = ${OTHER}
      and date = ${TODAY} - 91`;
  for (const table of ['reconciliations', 'discrepancies', 'merchant_events'])
    await sql.unsafe(`vacuum (analyze) ${table}`);
}

async function beginAnew(sql: Sql): Promise<void> {
  await sql`delete from merchant_events where status = 'exhausted'`;
  await sql`update discrepancies set status = 'repaired', closed_at = 'epoch', repaired_by = 'rerun' where status = 'open'`;
  await sql`
    update reconciliations set state = 'balanced', finished_at = 'epoch', waits_for = null, waiting_since = null,
      stalled_since = null
    where finished_at is null`;
}

test.each<[string, (db: Db) => Promise<unknown>, string]>([
  ['days by state', recentDays, 'reconciliations_recent'],
  ['days that are under way', unfinishedDays, 'reconciliations_sweep'],
  ['what is open', openDiscrepancies, 'discrepancies_open'],
  ['what the shop was not told of a day', untoldDayEvents, 'merchant_events_untold'],
])('%s: one statement, by an index of its own', async (_what, run, index) => {
  const nodes = await planOf(database, run);

  expect(nodes.flatMap((node) => node['Index Name'] ?? [])).toEqual([index]);
  expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
});

test.each<[string, (db: Db) => Promise<unknown>, RegExp]>([
  [
    'what a run opened',
    (db) => openedSince(db, { ...yesterday, from: daysAfter(yesterday.date, -3) }, new Date(0), 100),
    /^discrepancies_(open|list_status),reconciliations_(recent|pkey)$/,
  ],
  [
    'what the shop was told of a day',
    (db) => listDayEvents(db, yesterday, 200),
    /merchant_events_day_key.*deliveries_pkey|deliveries_pkey.*merchant_events_day_key/,
  ],
])('%s: found by index', async (_what, run, indexes) => {
  const nodes = await planOf(database, run);

  expect(nodes.flatMap((node) => node['Index Name'] ?? []).join()).toMatch(indexes);
  expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
});

test('days are counted by state, as far back as bills are kept', async () => {
  const all = await recentDays(database.db);

  expect(all.filter((it) => it.mchid === MCHID)).toEqual([
    { mchid: MCHID, state: 'balanced', count: 87 },
    { mchid: MCHID, state: 'differs', count: 3 },
  ]);
  expect(all.filter((it) => it.mchid === OTHER)).toEqual([{ mchid: OTHER, state: 'balanced', count: 90 }]);

  const { sql } = database.connection;
  await sql`update reconciliations set finished_at = null where state = 'differs'`;
  expect(await recentDays(database.db)).toContainEqual({ mchid: MCHID, state: 'waiting', count: 3 });
  await sql`update reconciliations set finished_at = 'epoch' where state = 'differs'`;
});

test('a run that is under way is counted by what it waits for, or that it cannot go on, from when it began', async () => {
  await onDatabase(database.url, beginAnew);
  const { sql } = database.connection;
  const TODAY = today(sql);
  await sql`
    update reconciliations set state = 'waiting', finished_at = null,
      started_at = timestamptz 'epoch' + (${TODAY} - date) * interval '1 hour',
      waits_for = case when date > ${TODAY} - 3 then 'trade_bill' end,
      waiting_since = case when date > ${TODAY} - 3 then now() end,
      stalled_since = case when date = ${TODAY} - 4 then now() end
    where mchid = ${MCHID} and date > ${TODAY} - 5`;

  const found = await unfinishedDays(database.db);
  expect(found.map(({ reason, count }) => `${reason} ${count}`).toSorted()).toEqual([
    'run 1',
    'stalled 1',
    'trade_bill 2',
  ]);
  expect(new Set(found.map(({ mchid: whose }) => whose))).toEqual(new Set([MCHID]));
  expect(found.find(({ reason }) => reason === 'trade_bill')?.oldestAt.getTime()).toBeLessThan(3 * 3_600_000);
});

test('open discrepancies are counted by class, from when the oldest was opened', async () => {
  await onDatabase(database.url, beginAnew);
  await database.connection.sql`
    insert into discrepancies (mchid, date, class, subject_key, subject, differences, opened_at)
    select mchid, date, class, class || mchid || n, 'payment', '{}', timestamptz 'epoch' + n * interval '1 hour'
    from (select mchid, max(date) as date from reconciliations where mchid in (${MCHID}, ${OTHER}) group by mchid) d,
      unnest(array['amount', 'fee']) class, generate_series(2, 4) n`;

  const at = new Date(2 * 3_600_000);
  expect(await openDiscrepancies(database.db)).toEqual([
    { mchid: MCHID, class: 'amount', count: 3, oldestAt: at },
    { mchid: MCHID, class: 'fee', count: 3, oldestAt: at },
    { mchid: OTHER, class: 'amount', count: 3, oldestAt: at },
    { mchid: OTHER, class: 'fee', count: 3, oldestAt: at },
  ]);
});

test('of the events of days, those that nobody took in months past are not counted any more, and those of orders never', async () => {
  await onDatabase(database.url, beginAnew);
  const order = await database.place();
  await database.connection.sql`
    insert into merchant_events (mchid, order_no, type, body, status, created_at)
    values (${MCHID}, ${order.orderNo}, 'order.closed', '{}', 'exhausted', now())`;
  const { sql } = database.connection;
  await sql`
    insert into merchant_events (mchid, date, subject, type, body, status, created_at)
    select mchid, date, 'run ' || n, 'reconciliation.completed', '{}', 'exhausted', now() - n * interval '40 days'
    from reconciliations, generate_series(2, 3) n where mchid = ${OTHER} and date = ${today(sql)} - 2`;

  expect(await untoldDayEvents(database.db)).toMatchObject([{ mchid: OTHER, count: 1 }]);
});
