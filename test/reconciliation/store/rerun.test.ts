import { describe, expect, test } from 'vitest';
import { mchid, MCHID, newOrder } from '../../db/fixtures.js';
import { databaseOfEach } from '../../db/database.js';
import { insertOrder } from '../../../src/orders/store/order.js';
import { daysAfter, startOf } from '../../../src/reconciliation/rules/day.js';
import { NO_FOREIGN } from '../../../src/reconciliation/rules/foreign.js';
import {
  findDaysNotBegun,
  findUnfinishedDays,
  finishDay,
  listDays,
  openDay,
  setWaiting,
} from '../../../src/reconciliation/store/day.js';
import { recordDistrust, recordNoBill, type BillRef } from '../../../src/reconciliation/store/bill.js';
import {
  listDiscrepancies,
  loadDiscrepancy,
  resolveDiscrepancy,
} from '../../../src/reconciliation/store/discrepancies.js';
import { listLines } from '../../../src/reconciliation/store/lines.js';
import { matchDay } from '../../../src/reconciliation/store/match.js';
import {
  book,
  booked,
  bookRefund,
  D,
  dayOf,
  discrepanciesOf,
  found,
  lineOf,
  NOW,
  payment,
  reconcile,
  refund,
  refundLine,
  sumsOf,
} from '../books.js';

const database = databaseOfEach();
const ref = { mchid: MCHID, date: D };
const REFUSED = { distrust: 'refused', distrustWhy: 'NO_AUTH' } as const;
const LATER = new Date(NOW.getTime() + 60_000);
const matchAgain = () => matchDay(database.db, { ...ref, foreign: NO_FOREIGN, now: LATER });
const decided = { by: 'Li Lei', reason: 'seen with finance', now: LATER };

/** What the bill says of each line of a class. */
async function linesOf({ db }: typeof database, name: 'amount') {
  const page = await listLines(db, ref, { class: name, limit: 10 });
  return page === 'bad_cursor' ? page : page.lines.map(({ billFen }) => billFen);
}

async function idOf(name: string): Promise<string> {
  const it = (await discrepanciesOf(database, D)).find((row) => row.class === name);
  if (it === undefined) throw new Error(`no ${name}`);
  return it.id;
}

describe('the same day again', () => {
  test('over the same rows changes nothing', async () => {
    const [paid, unpaid] = [await booked(database), await book(database, payment(), false)];
    await booked(database);
    const trade = [lineOf(paid, { appid: 'wx-other' }), lineOf(unpaid), lineOf(payment())];
    await reconcile(database, D, { trade });
    const state = async () => [await discrepanciesOf(database, D), await sumsOf(database, D)];
    const before = await state();

    expect(await matchAgain()).toMatchObject({ state: 'differs' });
    expect(await state()).toEqual(before);
  });

  test('after what was missing here has been found: repaired, and by what, and the day is balanced', async () => {
    const [unpaid, paid] = [await book(database, payment(), false), await booked(database)];
    const back = refund(paid);
    await reconcile(database, D, { trade: [lineOf(unpaid), lineOf(paid), refundLine(back)] });
    await database.connection.sql`update attempts set state = 'succeeded', transaction_id = ${unpaid.transactionId},
      paid_fen = ${unpaid.fen}, paid_at = ${unpaid.at.toISOString()} where out_trade_no = ${unpaid.outTradeNo}`;
    await bookRefund(database, back);

    expect(await matchAgain()).toEqual({ state: 'balanced', failure: null });
    expect(await discrepanciesOf(database, D)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          class: 'paid_not_here',
          status: 'repaired',
          repairedBy: 'order_query',
          closedAt: LATER,
        }),
        expect.objectContaining({ class: 'refund_not_here', status: 'repaired', repairedBy: 'refund_query' }),
      ]),
    );
    expect(await sumsOf(database, D)).toEqual(['matched payment 2 2000 2000', 'matched refund 1 300 300']);
  });

  test('by the run of a day soon after: what WeChat Pay answered later than its own run could wait is repaired', async () => {
    const [unpaid, paid, never] = [await book(database, payment(), false), await booked(database), payment()];
    await book(database, never, false);
    await reconcile(database, D, { trade: [lineOf(unpaid), lineOf(paid)] });
    await reconcile(database, daysAfter(D, -1), { trade: [lineOf(never)] });
    await finishDay(database.db, ref, NOW);
    await finishDay(database.db, { ...ref, date: daysAfter(D, -1) }, NOW);
    await database.connection.sql`update attempts set state = 'succeeded', transaction_id = ${unpaid.transactionId},
      paid_fen = ${unpaid.fen}, paid_at = ${unpaid.at.toISOString()} where out_trade_no = ${unpaid.outTradeNo}`;

    await reconcile(database, daysAfter(D, 3), { trade: [] });

    expect(await discrepanciesOf(database, D)).toMatchObject([
      { class: 'paid_not_here', status: 'repaired', repairedBy: 'order_query' },
    ]);
    expect(await dayOf(database, D)).toMatchObject({ state: 'balanced', open: [] });
    expect(await sumsOf(database, D)).toEqual(['matched payment 2 2000 2000']);
    expect(await dayOf(database, daysAfter(D, -1))).toMatchObject({ state: 'differs' });
  });

  test('without the lines that opened them: repaired by the other file, and by no answer of WeChat Pay', async () => {
    const [unpaid, paid] = [await book(database, payment(), false), await booked(database)];
    await reconcile(database, D, { trade: [lineOf(unpaid), lineOf(paid), refundLine(refund(paid))] });
    await reconcile(database, D, { trade: [lineOf(paid)] });
    expect((await discrepanciesOf(database, D)).map((it) => [it.class, it.repairedBy]).sort()).toEqual([
      ...[
        ['paid_not_here', 'rerun'],
        ['refund_not_here', 'rerun'],
      ],
    ]);
  });

  test('with what was missing in it: repaired by the other file, and by no later day', async () => {
    const paid = await booked(database);
    await reconcile(database, D, { trade: [] });
    for (const days of [1, 2, 3]) await reconcile(database, daysAfter(D, days), { trade: 'none' });
    await reconcile(database, D, { trade: [lineOf(paid)] });
    expect(await discrepanciesOf(database, D)).toMatchObject([{ class: 'missing_at_wechat', repairedBy: 'rerun' }]);
  });

  test('what was repaired and is there again opens again, as the same', async () => {
    const paid = await booked(database);
    const wrong = [lineOf(paid, { totalFen: 1 })];
    await reconcile(database, D, { trade: wrong });
    const id = await idOf('amount');
    await reconcile(database, D, { trade: [lineOf(paid)] });
    expect(await found(database, D)).toEqual([`amount payment:${paid.transactionId} repaired`]);

    await reconcile(database, D, { trade: wrong });
    expect(await discrepanciesOf(database, D)).toMatchObject([
      { id, status: 'open', closedAt: null, repairedBy: null },
    ]);
  });

  test.each(['accepted', 'resolved'] as const)(
    'what a person %s stays so, and is counted while it is found',
    async (to) => {
      const paid = await booked(database);
      const wrong = [lineOf(paid, { totalFen: 1 })];
      await reconcile(database, D, { trade: wrong });
      await resolveDiscrepancy(database.db, [MCHID], await idOf('amount'), { ...decided, to });
      const counted = async () => [await sumsOf(database, D), await linesOf(database, 'amount')];

      expect(await matchAgain()).toMatchObject({ state: 'balanced' });
      expect(await counted()).toEqual([['amount payment 1 1 1000'], [1]]);
      expect(await reconcile(database, D, { trade: [lineOf(paid)] })).toMatchObject({ state: 'balanced' });
      expect(await discrepanciesOf(database, D)).toMatchObject([{ status: to, closedBy: 'Li Lei', closedAt: LATER }]);
      expect(await counted()).toEqual([['matched payment 1 1000 1000'], []]);
      expect(await reconcile(database, D, { trade: wrong })).toMatchObject({ state: 'balanced' });
      expect(await counted()).toEqual([['amount payment 1 1 1000'], [1]]);
    },
  );

  test('what a person accepted is about its figures: where the bill says others, another is open', async () => {
    const paid = await booked(database);
    await reconcile(database, D, { trade: [lineOf(paid, { totalFen: 1 })] });
    const id = await idOf('amount');
    await resolveDiscrepancy(database.db, [MCHID], id, { ...decided, to: 'accepted' });
    const accepted = await loadDiscrepancy(database.db, [MCHID], id);

    const other = [lineOf(paid, { totalFen: 999_900 })];
    expect(await reconcile(database, D, { trade: other })).toMatchObject({ state: 'differs' });
    const open = (await discrepanciesOf(database, D)).filter((it) => it.status === 'open');
    expect(open).toMatchObject([{ class: 'amount', billFen: 999_900 }]);
    expect(await loadDiscrepancy(database.db, [MCHID], id)).toEqual({ ...accepted, goneAt: NOW });
    expect((await dayOf(database, D)).open).toEqual([{ class: 'amount', count: 1 }]);
    expect(await sumsOf(database, D)).toEqual(['amount payment 1 999900 1000']);
  });

  test('what is open and says another thing now is another: a decision is about what was seen', async () => {
    const sold = payment();
    await reconcile(database, D, { trade: [lineOf(sold)] });
    const seen = await idOf('foreign');
    await reconcile(database, D, { trade: [lineOf(sold, { totalFen: 60_000_000 })] });

    const accepted = { ...decided, to: 'accepted' } as const;
    expect(await resolveDiscrepancy(database.db, [MCHID], seen, accepted)).toBe('not_open');
    expect(await found(database, D)).toEqual([
      ...[`foreign payment:${sold.transactionId}`, `foreign payment:${sold.transactionId} repaired`],
    ]);
  });
});

describe('a person decides', () => {
  test('once: the last open one makes the day balanced', async () => {
    const [one, other] = [await booked(database), await booked(database)];
    await reconcile(database, D, { trade: [lineOf(one, { totalFen: 1 }), lineOf(other, { appid: 'wx-other' })] });
    await finishDay(database.db, ref, NOW);
    const resolve = async (name: string) =>
      resolveDiscrepancy(database.db, [MCHID], await idOf(name), { ...decided, to: 'accepted' });

    expect(await resolve('amount')).toMatchObject({ status: 'accepted', reason: 'seen with finance' });
    expect(await dayOf(database, D)).toMatchObject({ state: 'differs', open: [{ class: 'identity', count: 1 }] });
    expect(await resolve('identity')).toMatchObject({ status: 'accepted' });
    expect(await dayOf(database, D)).toMatchObject({ state: 'balanced', open: [] });
    expect(await resolve('amount')).toBe('not_open');
    expect((await discrepanciesOf(database, D)).map((it) => it.closedAt)).toEqual([LATER, LATER]);
  });

  test('while a run sums the day up: what is open is counted as it is', async () => {
    const lines = Array.from({ length: 30 }, () => lineOf(payment()));
    await reconcile(database, D, { trade: lines });
    await finishDay(database.db, ref, NOW);
    const ids = (await discrepanciesOf(database, D)).slice(0, 20).map(({ id }) => id);

    const accepted = { ...decided, to: 'accepted' } as const;
    await Promise.all([
      ...ids.map((id) => resolveDiscrepancy(database.db, [MCHID], id, accepted)),
      ...[1, 2, 3].map(() => matchAgain()),
    ]);
    expect((await dayOf(database, D)).open).toEqual([{ class: 'foreign', count: 10 }]);
  });

  test('about a discrepancy of their own merchants only', async () => {
    await reconcile(database, D, { trade: [lineOf(payment())] });
    const id = await idOf('foreign');
    const accepted = { ...decided, to: 'accepted' } as const;
    expect(await resolveDiscrepancy(database.db, [mchid('1900000002')], id, accepted)).toBe('not_found');
    expect(await resolveDiscrepancy(database.db, [MCHID], 'no-uuid', accepted)).toBe('not_found');
    expect((await found(database, D)).join()).not.toMatch(/accepted/);
  });

  test('and Postgres lets nobody undo it', async () => {
    await reconcile(database, D, { trade: [lineOf(payment())] });
    await resolveDiscrepancy(database.db, [MCHID], await idOf('foreign'), { ...decided, to: 'resolved' });
    const { sql } = database.connection;
    await expect(sql`update discrepancies set status = 'open', closed_at = null`).rejects.toMatchObject({
      code: 'PS001',
    });
    await expect(sql`update discrepancies set reason = 'other'`).rejects.toMatchObject({ code: 'PS005' });
    await expect(sql`update discrepancies set bill_fen = 7`).rejects.toMatchObject({ code: 'PS003' });
  });
});

describe('a run', () => {
  const open = (askedBy: string | null = null) => openDay(database.db, { ...ref, askedBy, now: NOW });

  test('joins the one that has not ended; after its end the next one begins', async () => {
    expect(await open()).toMatchObject({ isNew: true, day: { run: 1, state: 'waiting', askedBy: null } });
    expect(await open('Li Lei')).toMatchObject({ isNew: false, day: { run: 1, askedBy: null } });
    await recordDistrust(database.db, { ...ref, kind: 'trade' }, REFUSED, NOW);
    await matchAgain();
    await finishDay(database.db, ref, NOW);
    expect(await dayOf(database, D)).toMatchObject({ state: 'failed', failure: 'bill_refused', finishedAt: NOW });
    expect(await open('Li Lei')).toMatchObject({ isNew: true, day: { run: 2, askedBy: 'Li Lei', failure: null } });
  });

  test.each([
    ['none', (bill: BillRef) => recordNoBill(database.db, bill, LATER)],
    ['refused', (bill: BillRef) => recordDistrust(database.db, bill, REFUSED, LATER)],
  ])('to which WeChat Pay answers %s keeps the bill that an earlier one imported', async (_answer, record) => {
    const paid = await booked(database);
    await reconcile(database, D, { trade: [lineOf(paid)] });
    const before = await dayOf(database, D);
    expect(before.bills[0]).toMatchObject({ kind: 'trade', state: 'imported', lines: 1 });

    await record({ ...ref, kind: 'trade' });

    expect((await dayOf(database, D)).bills).toEqual(before.bills);
    expect(await matchAgain()).toMatchObject({ state: before.state });
  });

  test('waits for one thing since the first time, and for another since then', async () => {
    await open();
    const wait = (waitsFor: 'trade_bill' | 'gateway', now: Date) =>
      setWaiting(database.db, ref, { waitsFor, nextAt: LATER, now });
    await wait('trade_bill', NOW);
    await wait('trade_bill', LATER);
    expect(await dayOf(database, D)).toMatchObject({ waitsFor: 'trade_bill', waitingSince: NOW, nextAt: LATER });
    await wait('gateway', LATER);
    expect(await dayOf(database, D)).toMatchObject({ waitsFor: 'gateway', waitingSince: LATER });
  });

  test('that has not ended is found by the sweep, once a minute', async () => {
    await open();
    expect(await findUnfinishedDays(database.db, LATER, 10)).toEqual([{ ...ref, isStalled: false }]);
    expect(await findUnfinishedDays(database.db, LATER, 10)).toEqual([]);
    expect(await findUnfinishedDays(database.db, NOW, 10)).toEqual([]);
  });

  test('is missing from the day of the first order on, of merchants that have one', async () => {
    await open();
    const other = mchid('1900000002');
    const span = { from: daysAfter(D, -5), to: daysAfter(D, 1) };
    const notBegun = (limit: number) => findDaysNotBegun(database.db, [MCHID, other], span, limit);
    expect(await notBegun(10)).toEqual([]);
    await insertOrder(database.db, newOrder({ createdAt: startOf(daysAfter(D, -1)) }));
    expect(await notBegun(10)).toEqual([1, -1].map((it) => ({ mchid: MCHID, date: daysAfter(D, it) })));
    expect(await notBegun(1)).toEqual([{ mchid: MCHID, date: daysAfter(D, 1) }]);
    const listed = await listDays(database.db, { mchid: MCHID, from: daysAfter(D, -1), to: D });
    expect(listed.map(({ date }) => date)).toEqual([D]);
  });
});

describe('lists', () => {
  test('of discrepancies: every one once, the latest day first, by status, class and day', async () => {
    for (const days of [0, 1, 2]) {
      await reconcile(database, daysAfter(D, days), { trade: [lineOf(payment()), lineOf(payment())] });
    }
    const pages = async (limit: number) => {
      const items: { id: string; date: string }[] = [];
      for (let cursor: string | undefined; ;) {
        const page = await listDiscrepancies(database.db, { mchids: [MCHID], limit, cursor });
        if (page === 'bad_cursor') throw new Error(page);
        items.push(...page.items);
        if (page.nextCursor === null) return items;
        cursor = page.nextCursor;
      }
    };
    const all = await pages(100);
    expect(all.map(({ date }) => date)).toEqual([2, 2, 1, 1, 0, 0].map((days) => daysAfter(D, days)));
    for (const limit of [1, 2, 3, 5]) expect(await pages(limit)).toEqual(all);

    const list = async (filter: object) => {
      const page = await listDiscrepancies(database.db, { mchids: [MCHID], limit: 10, ...filter });
      return page === 'bad_cursor' ? page : page.items.length;
    };
    expect(await list({ status: 'open', class: 'foreign', from: daysAfter(D, 1), to: daysAfter(D, 1) })).toBe(2);
    expect([await list({ status: 'accepted' }), await list({ class: 'fee' })]).toEqual([0, 0]);
    expect([await list({ cursor: 'x' }), await list({ mchids: [mchid('1900000002')] })]).toEqual(['bad_cursor', 0]);
  });

  test('of lines by class: every one once, from wherever it was found', async () => {
    const agreeing = await Promise.all([1, 2, 3, 4, 5].map(() => booked(database)));
    const expected = await booked(database);
    const wrong = await booked(database);
    const unknown = payment();
    const trade = [...agreeing.map((it) => lineOf(it)), lineOf(wrong, { totalFen: 1 }), lineOf(unknown)];
    await reconcile(database, D, { trade });

    const listed = async (name: 'matched' | 'expected' | 'amount' | 'foreign', limit = 10) => {
      const lines = [];
      for (let cursor: string | undefined; ;) {
        const page = await listLines(database.db, ref, { class: name, limit, cursor });
        if (page === 'bad_cursor') throw new Error(page);
        lines.push(...page.lines);
        if (page.nextCursor === null) return lines;
        cursor = page.nextCursor;
      }
    };
    for (const limit of [1, 2, 5, 10]) {
      expect((await listed('matched', limit)).map((it) => [it.lineNo, it.orderNo, it.billFen, it.ownFen])).toEqual(
        agreeing.map((it, index) => [index + 2, it.outTradeNo, 1_000, 1_000]),
      );
    }
    const { outTradeNo, transactionId, at } = expected;
    expect(await listed('expected')).toMatchObject([{ outTradeNo, transactionId, at, lineNo: null, ownFen: 1_000 }]);
    expect(await listed('amount')).toMatchObject([
      { outTradeNo: wrong.outTradeNo, lineNo: 7, at, billFen: 1, ownFen: 1_000 },
    ]);
    expect(await listed('foreign')).toMatchObject([{ outTradeNo: unknown.outTradeNo, orderNo: null, ownFen: null }]);
    expect(await listLines(database.db, ref, { class: 'amount', limit: 1, cursor: 'bGluZXMgMg' })).toBe('bad_cursor');
  });
});
