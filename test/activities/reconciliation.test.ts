import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { isAsked } from '../../src/reconciliation/rules/classes.js';
import { daysAfter } from '../../src/reconciliation/rules/day.js';
import { loadDay } from '../../src/reconciliation/store/day.js';
import { repairFor } from '../../src/reconciliation/store/repairs.js';
import { createReconciliationActivities, type ReconciliationDeps } from '../../activities/reconciliation.js';
import type { Gateway } from '../../src/channels/port.js';
import { orderNoOf } from '../../src/db/stored-values.js';
import type { Evidence } from '../../src/orders/rules/evidence.js';
import { listEvidence } from '../../src/orders/store/evidence.js';
import { fileDatabase } from '../db/database.js';
import { MCHID } from '../db/fixtures.js';
import {
  book,
  booked,
  D,
  discrepanciesOf,
  lineOf,
  NOW,
  on,
  payment,
  reconcile,
  refund,
  refundLine,
} from '../reconciliation/books.js';

const database = fileDatabase();

const never = () => Promise.reject(new Error('not asked for'));

/** All that is asked is told to `ask`. */
const activities = (ask: ReconciliationDeps['orders']['deliverEvidence'], gateway?: Gateway) =>
  createReconciliationActivities({
    db: database.db,
    gateways: { for: () => gateway },
    orders: { deliverEvidence: ask, recheck: never },
    refunds: { findExternal: never, recheck: never },
    events: { start: never },
    merchants: { of: () => undefined },
    now: () => NOW,
  });

const runOf = <Reply>(act: () => Promise<Reply>, attempt = 1) => new MockActivityEnvironment({ attempt }).run(act);

test('what a bill says of money is kept as evidence before its order hears it, once, however often it is told', async () => {
  const unpaid = await book(database, payment(), false);
  await reconcile(database, D, { trade: [lineOf(unpaid)] });
  const order = { mchid: MCHID, orderNo: orderNoOf(unpaid.outTradeNo) };
  const kept = () => listEvidence(database.db, order);
  const told: { evidence: Evidence; kept: number }[] = [];
  const { repairDay } = activities(async ({ evidence }) => {
    told.push({ evidence, kept: (await kept()).length });
    return 'signalled';
  });
  const repaired = () => runOf(() => repairDay({ mchid: MCHID, date: D, lookAgainMs: 1_000 }));
  await repaired();
  await repaired();

  const { outTradeNo, transactionId } = unpaid;
  expect(await kept()).toMatchObject([{ source: 'bill', outTradeNo, transactionId, amountFen: unpaid.fen, at: NOW }]);
  const said = { evidence: { source: 'bill', outTradeNo, transactionId, totalFen: unpaid.fen }, kept: 1 };
  expect(told).toMatchObject([said, said]);
});

/** Numbers that WeChat Pay gives to no refund, and takes in no query. */
const STRANGE = ['refund#77', '`refund`', '../../x?y=1#z', 'a b', '退款', 'r'.repeat(65)];

test('a line under a number that cannot be asked about keeps no other waiting, and is for a person', async () => {
  const date = daysAfter(D, 20);
  const paid = await booked(database, { at: on(date) });
  const lines = STRANGE.map((outRefundNo) => refundLine(refund(paid, { outRefundNo, fen: 10, at: on(date) })));
  const strangeTrade = await book(database, payment({ at: on(date) }), false);
  await database.connection.sql`update attempts set transaction_id = ${strangeTrade.transactionId}
    where out_trade_no = ${strangeTrade.outTradeNo}`;
  const unpaid = await book(database, payment({ at: on(date) }), false);
  const odd = lineOf(strangeTrade, { outTradeNo: 'a#b' });
  await reconcile(database, date, { trade: [lineOf(paid), ...lines, odd, lineOf(unpaid)] });
  const asked: string[] = [];
  const { repairDay, matchDay } = activities(({ orderNo }) => {
    asked.push(orderNo);
    return Promise.resolve('signalled');
  });
  const day = { mchid: MCHID, date };
  await runOf(() => repairDay({ ...day, lookAgainMs: 1_000 }));
  expect(asked).toEqual([unpaid.outTradeNo]);
  // The order that is lost, and the one whose line has a strange number: of refunds none.
  expect(await runOf(() => matchDay({ ...day, bills: ['trade'] }))).toEqual({ repairable: 2 });
  const all = await discrepanciesOf(database, date);
  for (const it of all)
    expect([it.class, isAsked(it)]).toEqual([it.class, (await repairFor(database.db, it.id)) != null]);
  const left = all.filter((it) => it.class === 'refund_not_here');
  expect(left.map(({ outRefundNo, status }) => [outRefundNo, status])).toEqual(
    expect.arrayContaining(STRANGE.map((no) => [no, 'open'])),
  );
});

test('a step that fails is tried again; from the fifth time on its day says so, once to its workflow', async () => {
  const date = daysAfter(D, 40);
  await reconcile(database, date, { trade: [] });
  const { db } = database;
  const day = { mchid: MCHID, date };
  const { matchDay } = activities(never);
  const { sql } = database.connection;
  await sql.unsafe(`
    create function refuse_days() returns trigger language plpgsql as $$begin raise exception 'no verdict'; end$$;
    create trigger refuse_days before update on reconciliations for each row when (new.state <> 'waiting')
      execute function refuse_days()`);
  const matched = (told: 'nothing' | 'failing' | undefined, attempt: number) =>
    runOf(() => matchDay({ ...day, bills: ['trade'], ...(told === undefined ? {} : { told }) }), attempt);
  try {
    await expect(matched('nothing', 4)).rejects.toThrow();
    expect(await loadDay(db, day)).toMatchObject({ waitsFor: null });
    const failing = { waitsFor: 'failing', waitingSinceMs: NOW.getTime(), nextAtMs: NOW.getTime() + 60_000 };
    expect(await matched('nothing', 5)).toMatchObject({ failing });
    await expect(matched('failing', 6)).rejects.toThrow();
    // Of a workflow that does not know the answer yet.
    await expect(matched(undefined, 6)).rejects.toThrow();
    expect(await loadDay(db, day)).toMatchObject({ state: 'waiting', waitsFor: 'failing' });
  } finally {
    await sql`drop trigger refuse_days on reconciliations`;
  }
  expect(await matched('nothing', 1)).toEqual({ repairable: 0 });
  expect(await loadDay(db, day)).toMatchObject({ waitsFor: null });
});

test('a bill that is still being made is waited for, however often it was asked for', async () => {
  const date = daysAfter(D, 42);
  const day = { mchid: MCHID, date };
  const creating = { applyForBill: () => Promise.resolve({ kind: 'creating' }) } as unknown as Gateway;
  const { fetchBill } = activities(never, creating);
  await expect(
    runOf(() => fetchBill({ ...day, kind: 'trade', told: 'waiting', toldFailing: false }), 6),
  ).rejects.toMatchObject({ type: 'trade_bill' });
  expect(await loadDay(database.db, day)).toMatchObject({ waitsFor: 'trade_bill' });
});

test('a step that fails is told its workflow also where Postgres takes nothing', async () => {
  const date = daysAfter(D, 41);
  await reconcile(database, date, { trade: [] });
  const { sql } = database.connection;
  await sql.unsafe(`
    create function refuse_all() returns trigger language plpgsql as $$begin raise exception 'read only'; end$$;
    create trigger refuse_all before insert or update on reconciliations for each row execute function refuse_all()`);
  const day = { mchid: MCHID, date };
  const { matchDay, fetchBill } = activities(never);
  const failing = { ...day, waitsFor: 'failing', waitingSinceMs: NOW.getTime(), nextAtMs: NOW.getTime() + 60_000 };
  try {
    expect(await runOf(() => matchDay({ ...day, bills: ['trade'], told: 'nothing' }), 5)).toMatchObject({ failing });
    const fetched = () => fetchBill({ ...day, kind: 'trade', told: 'waiting', toldFailing: false });
    await expect(runOf(fetched, 4)).rejects.toThrow();
    expect(await runOf(fetched, 5)).toMatchObject({ kind: 'waiting', day: { ...day, waitsFor: 'failing' } });
  } finally {
    await sql`drop trigger refuse_all on reconciliations`;
  }
});
