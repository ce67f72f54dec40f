import { describe, expect, test } from 'vitest';
import type { BillDate } from '../../../src/reconciliation/rules/day.js';
import { daysAfter } from '../../../src/reconciliation/rules/day.js';
import { NO_FOREIGN } from '../../../src/reconciliation/rules/foreign.js';
import { dayAnswer, discrepancyAnswer } from '../../../src/reconciliation/rules/view.js';
import { openDay } from '../../../src/reconciliation/store/day.js';
import { resolveDiscrepancy } from '../../../src/reconciliation/store/discrepancies.js';
import { endRun } from '../../../src/reconciliation/store/end.js';
import { matchDay } from '../../../src/reconciliation/store/match.js';
import { loadEventToSend } from '../../../src/shop-events/store/delivery.js';
import { listDayEvents } from '../../../src/shop-events/store/outbox.js';
import { databaseOfEach } from '../../db/database.js';
import { mchid, MCHID } from '../../db/fixtures.js';
import {
  book,
  booked,
  D,
  dayOf,
  discrepanciesOf,
  fundsOf,
  imported,
  lineOf,
  NOW,
  payment,
  type Bills,
  type Payment,
} from '../books.js';

const database = databaseOfEach();
const minutes = (count: number): Date => new Date(NOW.getTime() + count * 60_000);
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Up to where its workflow ends it. */
async function begun(date: BillDate, bills: Bills | null, at: Date): Promise<void> {
  await openDay(database.db, { mchid: MCHID, date, askedBy: null, now: at });
  if (bills !== null) await imported(database, date, bills);
  await matchDay(database.db, { mchid: MCHID, date, foreign: NO_FOREIGN, now: at });
}

const ended = (date: BillDate, at: Date) => endRun(database.db, { mchid: MCHID, date }, at);

async function run(date: BillDate, bills: Bills | null, at: Date): Promise<string[]> {
  await begun(date, bills, at);
  return ended(date, at);
}

type Body = { type: string; timestamp: string; data: Record<string, Record<string, unknown>> };

async function bodiesOf(ids: readonly string[]): Promise<Body[]> {
  const events = await Promise.all(ids.map((id) => loadEventToSend(database.db, id)));
  return events.map((event) => JSON.parse(event?.body ?? 'null') as Body);
}

const typesOf = async (ids: readonly string[]) => (await bodiesOf(ids)).map(({ type }) => type).sort();
const open = (name: string, at = 0) => ['discrepancy.opened', name, at];
/** The classes that are told, and when. */
async function opened(ids: readonly string[]): Promise<unknown[]> {
  const told = (await bodiesOf(ids)).filter(({ type }) => type === 'discrepancy.opened');
  return told.map(({ type, timestamp, data }) => [
    type,
    data['discrepancy']?.['class'],
    (new Date(timestamp).getTime() - NOW.getTime()) / 60_000,
  ]);
}

/** Our books change their mind. */
const become = ({ outTradeNo, transactionId, fen, at }: Payment, state: 'succeeded' | 'closed') => {
  const isPaid = state === 'succeeded';
  return database.connection.sql`
    update attempts set state = ${state}, transaction_id = ${isPaid ? transactionId : null}, paid_fen = ${isPaid ? fen : 0},
      paid_at = ${isPaid ? at.toISOString() : null} where out_trade_no = ${outTradeNo}`;
};

/** A line of a payment that nobody here knows. */
const unknown = (): ReturnType<typeof lineOf> => lineOf(payment());

describe('the end of a run', () => {
  test('tells how the day stands, and each discrepancy that the run opened, word for word as they are read', async () => {
    const paid = await booked(database);
    const other = await book(database, payment(), false);

    const ids = await run(D, { trade: [lineOf(paid, { appid: 'wx-other' }), lineOf(other)] }, minutes(1));

    const [first, ...others] = await bodiesOf(ids);
    const day = await dayOf(database, D);
    const found = (await discrepanciesOf(database, D)).map(discrepancyAnswer);
    expect(day).toMatchObject({ state: 'differs', finishedAt: minutes(1) });
    expect(first).toEqual({
      type: 'reconciliation.completed',
      timestamp: minutes(1).toISOString(),
      data: { reconciliation: json(dayAnswer(day)) },
    });
    expect(others).toHaveLength(2);
    for (const body of others) {
      const id = body.data['discrepancy']?.['id'];
      expect(body).toEqual({
        type: 'discrepancy.opened',
        timestamp: minutes(1).toISOString(),
        data: { discrepancy: json(found.find((it) => it.id === id)) },
      });
    }
    expect(others.map(({ data }) => data['discrepancy']?.['class']).sort()).toEqual(['identity', 'paid_not_here']);
  });

  test('tells of what was accepted when the bill says another amount of it, and of nothing while it does not', async () => {
    const line = unknown();
    await run(D, { trade: [line] }, minutes(1));
    const [seen] = await discrepanciesOf(database, D);
    const decision = { to: 'accepted', by: 'Li Lei', reason: 'the till', now: minutes(2) } as const;
    await resolveDiscrepancy(database.db, [MCHID], seen?.id ?? '', decision);

    expect(await opened(await run(D, { trade: [line] }, minutes(3)))).toEqual([]);
    const more = { ...line, totalFen: 60_000_000 };
    expect(await opened(await run(D, { trade: [more] }, minutes(4)))).toEqual([open('foreign', 4)]);
  });

  test.each([
    ['balanced', async () => [lineOf(await booked(database))]],
    ['empty', () => Promise.resolve([])],
    ['failed', () => Promise.resolve('unreadable' as const)],
  ] as const)('is told of a day that is %s too', async (state, trade) => {
    const [body] = await bodiesOf(await run(D, { trade: await trade() }, NOW));

    expect(body).toMatchObject({ type: 'reconciliation.completed', data: { reconciliation: { state, run: 1 } } });
  });

  test('is told once, by twenty at once', async () => {
    await begun(D, { trade: [unknown()] }, NOW);

    const answers = await Promise.all(Array.from({ length: 20 }, () => ended(D, NOW)));

    expect(await typesOf(answers.flat())).toEqual(['discrepancy.opened', 'reconciliation.completed']);
    expect(await listDayEvents(database.db, { mchid: MCHID, date: D }, 9)).toHaveLength(2);
  });

  test('of a later run is told again, and what was open before is not', async () => {
    const lines = [unknown()];
    await run(D, { trade: lines }, NOW);

    const ids = await run(D, null, minutes(1));
    const more = await run(D, { trade: [...lines, unknown()] }, minutes(2));

    expect(await bodiesOf(ids)).toMatchObject([{ data: { reconciliation: { run: 2, openDiscrepancies: 1 } } }]);
    expect(await opened(more)).toEqual([open('foreign', 2)]);
  });

  test('begun in the moment in which the one before found something does not tell it twice', async () => {
    await run(D, { trade: [unknown()] }, NOW);

    expect(await opened(await run(D, null, NOW))).toEqual([]);
  });

  test('tells again what was repaired and does not agree again', async () => {
    const paid = await book(database, payment(), false);
    const trade = [lineOf(paid)];
    const first = await run(D, { trade }, NOW);
    await become(paid, 'succeeded');
    const repaired = await run(D, null, minutes(1));
    await database.connection.sql`alter table attempts disable trigger all`;
    await become(paid, 'closed');
    const again = await run(D, null, minutes(2));

    expect([await opened(first), await opened(repaired), await opened(again)]).toEqual([
      [open('paid_not_here')],
      [],
      [open('paid_not_here', 2)],
    ]);
  });

  test('does not tell what was repaired or decided before the end', async () => {
    const paid = await book(database, payment(), false);
    await begun(D, { trade: [lineOf(paid), unknown()] }, NOW);
    const foreign = (await discrepanciesOf(database, D)).find((it) => it.class === 'foreign');
    const decision = { to: 'accepted', by: 'Li Lei', reason: 'another shop', now: NOW } as const;
    await resolveDiscrepancy(database.db, [MCHID], foreign?.id ?? '', decision);
    await become(paid, 'succeeded');
    await matchDay(database.db, { mchid: MCHID, date: D, foreign: NO_FOREIGN, now: minutes(1) });

    expect(await typesOf(await ended(D, minutes(1)))).toEqual(['reconciliation.completed']);
  });

  test('does not tell a warning', async () => {
    const paid = await booked(database);
    const funds = fundsOf(paid).map((move) => ({ ...move, rest: { balance: '7' } }));
    const ids = await run(D, { trade: [lineOf(paid)], funds }, NOW);

    expect((await discrepanciesOf(database, D)).map((it) => it.class)).toEqual(['balance_chain']);
    expect(await typesOf(ids)).toEqual(['reconciliation.completed']);
  });

  test('tells a hundred discrepancies at most, and how many there are; the others are not told by a later run', async () => {
    const ids = await run(D, { trade: Array.from({ length: 120 }, unknown) }, NOW);
    await database.connection.sql`
      update discrepancies set status = 'accepted', closed_at = now(), closed_by = 'Li Lei', reason = 'seen'
      where id::text in (select body::jsonb -> 'data' -> 'discrepancy' ->> 'id' from merchant_events)`;
    const again = await run(D, null, minutes(1));

    expect(ids).toHaveLength(101);
    expect((await bodiesOf(ids))[0]).toMatchObject({ data: { reconciliation: { openDiscrepancies: 120 } } });
    expect(again).toHaveLength(1);
  });

  test('is of its merchant alone', async () => {
    const other = mchid('1900000777');
    await openDay(database.db, { mchid: other, date: D, askedBy: null, now: NOW });
    await imported(database, D, { trade: [lineOf(payment({ mchid: other }))], mchid: other });
    await matchDay(database.db, { mchid: other, date: D, foreign: NO_FOREIGN, now: NOW });

    expect(await typesOf(await run(D, { trade: [] }, NOW))).toEqual(['reconciliation.completed']);
    expect(await endRun(database.db, { mchid: other, date: D }, NOW)).toHaveLength(2);
  });

  test('of a day without a run says nothing', async () => {
    expect(await ended(D, NOW)).toEqual([]);
  });
});

describe('what a later bill shows of an earlier day', () => {
  const [second, third, fourth] = [1, 2, 3].map((days) => daysAfter(D, days)) as [BillDate, BillDate, BillDate];

  async function threeDays(): Promise<Payment> {
    const paid = await booked(database);
    await run(D, { trade: [] }, NOW);
    await run(second, { trade: [] }, NOW);
    await run(third, { trade: [] }, NOW);
    return paid;
  }

  test('is told at the end of its run, of the day that it is about', async () => {
    const paid = await threeDays();

    const ids = await run(fourth, { trade: [] }, minutes(1));

    const told = (await bodiesOf(ids)).filter(({ type }) => type === 'discrepancy.opened');
    expect(told).toMatchObject([
      { data: { discrepancy: { class: 'missing_at_wechat', date: D, outTradeNo: paid.outTradeNo } } },
    ]);
    expect((await listDayEvents(database.db, { mchid: MCHID, date: D }, 9)).map(({ type }) => type)).toEqual([
      'discrepancy.opened',
      'reconciliation.completed',
    ]);
  });

  test('waits for the end of a run of that day that is under way', async () => {
    await threeDays();
    await openDay(database.db, { mchid: MCHID, date: D, askedBy: 'Li Lei', now: minutes(1) });

    expect(await opened(await run(fourth, { trade: [] }, minutes(2)))).toEqual([]);
    await matchDay(database.db, { mchid: MCHID, date: D, foreign: NO_FOREIGN, now: minutes(3) });
    expect(await opened(await ended(D, minutes(3)))).toEqual([open('missing_at_wechat', 3)]);
  });
});
