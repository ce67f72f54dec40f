import { beforeAll, describe, expect, it } from 'vitest';
import { projectOrder } from '../../../src/orders/store/projection.js';
import { recordRefundDetails } from '../../../src/refunds/store/record.js';
import { reserveReturn } from '../../../src/refunds/store/reserve.js';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import type { Statement, Takings } from '../../../src/statements/rules/statement.js';
import { fen, orderNo, paid, projectionOf } from '../../db/fixtures.js';
import { outRefundNo } from '../../db/refunds.js';
import { json, MCHID, OTHER_MCHID, textWith, useTestApp } from '../../http/support/test-app.js';
import { day, lineOf, payment, reconcile, refund as aRefund, refundLine } from '../../reconciliation/books.js';
import { moveRefund } from '../../refunds/api/refund-steps.js';

const test = useTestApp();

const get = (query: string, headers: Record<string, string> = {}) =>
  test.send('GET', `/v1/statements?${query}`, { headers });
const read = async (query: string): Promise<Statement> => json<Statement>(await get(query));
const PERIOD = 'from=2026-02-28&to=2026-03-02';

async function pay(change: Record<string, unknown>, paidAt: string): Promise<string> {
  const number = await test.placeOrder(change);
  const projection = { ...paid(await test.load(number)), paidAtMs: Date.parse(paidAt) };
  await projectOrder(test.connection.db, projection, test.clock.now);
  return number;
}

let refunds = 0;
async function refund(number: string, at: string, amountFen: number, state: 'processing' | 'succeeded' | 'closed') {
  refunds += 1;
  const refundNo = `R-${refunds}`;
  const asked = await test.send('POST', `/v1/orders/${number}/refunds`, { body: { refundNo, amountFen } });
  const { outTradeNo } = await json<{ outTradeNo: string }>(asked);
  const accepted = { channel: null, receivedAccount: null, acceptedAtMs: Date.parse(at) };
  const said = { refund: { outTradeNo, refundFen: fen(amountFen) }, details: accepted };
  await recordRefundDetails(test.connection.db, { mchid: MCHID, outRefundNo: outRefundNo(refundNo) }, said);
  const succeededAtMs = state === 'succeeded' ? Date.parse('2026-03-09T00:00:00Z') : null;
  await moveRefund(test, refundNo, { state, refundId: `50${refunds}`, succeededAtMs });
}

/** Money that came in for an order in review, and went back. */
async function returned(at: string): Promise<void> {
  const number = await test.placeOrder({ product: 'app', amountFen: 700 });
  const [attempt] = projectionOf(await test.load(number)).attempts;
  if (attempt === undefined) throw new Error('an order has an attempt');
  const money = {
    state: 'succeeded',
    transactionId: `wx-${number}`,
    paidFen: fen(700),
    paidAtMs: Date.parse(at),
  } as const;
  const review = { state: 'review', reviewReason: 'late_payment', attempts: [{ ...attempt, ...money }] } as const;
  await projectOrder(test.connection.db, projectionOf(await test.load(number), review), test.clock.now);
  const outTradeNo = nthOutTradeNo(orderNo(number), 1);
  const ref = { mchid: MCHID, orderNo: orderNo(number), outTradeNo };
  const reserved = await reserveReturn(test.connection.db, { ...ref, cause: 'late_payment', now: new Date(at) });
  if (reserved.kind !== 'reserved') throw new Error(reserved.kind);
  await moveRefund(test, reserved.refund.outRefundNo, { state: 'processing', refundId: '599' });
}

beforeAll(async () => {
  test.reset();
  await pay({ amountFen: 100 }, '2026-02-27T15:59:59.999Z');
  const first = await pay({ amountFen: 1205 }, '2026-02-27T16:00:00Z');
  const second = await pay({ product: 'app', amountFen: 2000 }, '2026-02-28T15:59:59.999Z');
  await pay({ appid: 'wxsecond', amountFen: 50 }, '2026-03-02T15:59:59.999Z');
  await pay({ amountFen: 9 }, '2026-03-02T16:00:00Z');
  await test.placeOrder({ amountFen: 7777 });
  await refund(first, '2026-02-28T15:59:59Z', 5, 'succeeded');
  await refund(first, '2026-02-28T16:00:00Z', 1200, 'processing');
  await refund(second, '2026-03-01T00:00:00Z', 1, 'closed');
  await refund(second, '2026-03-02T16:00:00Z', 3, 'succeeded');
  await returned('2026-03-02T01:00:00Z');
});

const NOTHING: Takings = {
  ...{ paidCount: 0, paidFen: 0, refundedCount: 0, refundedFen: 0, returnedCount: 0, returnedFen: 0, netFen: 0 },
  ...{ feesFen: null, settledFen: null },
};

describe('a statement', () => {
  it("has what was paid and given back on each of Beijing's days", async () => {
    const statement = await read(PERIOD);
    expect(Object.keys(statement)).toEqual(['mchid', 'from', 'to', 'groupBy', 'items', 'totals']);
    expect(statement.items).toEqual([
      { ...NOTHING, group: '2026-02-28', paidCount: 2, paidFen: 3205, refundedCount: 1, refundedFen: 5, netFen: 3200 },
      { ...NOTHING, group: '2026-03-01', refundedCount: 1, refundedFen: 1200, netFen: -1200 },
      { ...NOTHING, group: '2026-03-02', paidCount: 1, paidFen: 50, returnedCount: 1, returnedFen: 700, netFen: 50 },
    ]);
    expect(statement.totals).toEqual({
      ...{ paidCount: 3, paidFen: 3255, refundedCount: 2, refundedFen: 1205 },
      ...{ returnedCount: 1, returnedFen: 700, netFen: 2050, feesFen: null, settledFen: null },
    });
  });

  it.each([
    ['month', [['2026-02', 3200], ['2026-03', -1150]]], // prettier-ignore
    ['product', [['app', 2000], ['native', 50]]], // prettier-ignore
    ['appid', [['wxapp', 2000], ['wxnative', 0], ['wxsecond', 50]]], // prettier-ignore
  ])('by %s has the same totals', async (groupBy, nets) => {
    const statement = await read(`${PERIOD}&groupBy=${groupBy}`);
    expect(statement.items.map(({ group, netFen }) => [group, netFen])).toEqual(nets);
    expect(statement.totals).toEqual((await read(PERIOD)).totals);
  });

  it('is to the fen what the lists of the same days say', async () => {
    const listed = async <Item>(path: string): Promise<Item[]> =>
      (await json<{ items: Item[] }>(await test.send('GET', path))).items;
    for (const [day, next] of [
      ['2026-02-28', '2026-03-01'],
      ['2026-03-01', '2026-03-02'],
      ['2026-03-02', '2026-03-03'],
    ]) {
      // prettier-ignore
      const span = (name: string) => `${name}From=${day}T00:00:00%2B08:00&${name}To=${next}T00:00:00%2B08:00`;
      const orders = await listed<{ paidFen: number }>(`/v1/orders?${span('paid')}`);
      const refunds = await listed<{ amountFen: number; state: string }>(`/v1/refunds?${span('accepted')}`);
      const given = refunds.filter(({ state }) => state !== 'closed');
      const { totals } = await read(`from=${day}&to=${day}`);
      expect([totals.paidCount, totals.paidFen]).toEqual([orders.length, sum(orders.map(({ paidFen }) => paidFen))]);
      expect(totals.refundedCount + totals.returnedCount).toBe(given.length);
      expect(totals.refundedFen + totals.returnedFen).toBe(sum(given.map(({ amountFen }) => amountFen)));
    }
  });

  it('is CSV where that is preferred', async () => {
    const answer = await get(`${PERIOD}&groupBy=month`, { accept: 'text/csv' });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const name = `statement-${MCHID}-2026-02-28-2026-03-02.csv`;
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(bytes.subarray(3).toString()).toBe(
      [
        'month,paidCount,paidYuan,refundedCount,refundedYuan,returnedCount,returnedYuan,netYuan,feesYuan,settledYuan',
        '2026-02,2,32.05,1,0.05,0,0.00,32.00,,',
        '2026-03,1,0.50,1,12.00,1,7.00,-11.50,,',
        '',
      ].join('\r\n'),
    );
    for (const accept of ['*/*', 'application/json', 'text/csv;q=0.5, application/json', 'text/html'])
      expect((await get(PERIOD, { accept })).headers.get('content-type')).toMatch(/^application\/json/);
  });

  it("is one merchant's, for a merchant's key and an operator's", async () => {
    const { key } = await test.newKey('merchant', [OTHER_MCHID]);
    const { key: operator } = await test.newKey('operator', [MCHID, OTHER_MCHID], 'Li Lei');
    const asked = (query: string, by: string) => test.send('GET', `/v1/statements?${query}`, { key: by });
    expect((await json<Statement>(await asked(PERIOD, key))).totals).toEqual(NOTHING);
    expect((await asked(PERIOD, operator)).status).toBe(400);
    const mine = await json<Statement>(await asked(`${PERIOD}&mchid=${MCHID}`, operator));
    expect(mine).toEqual(await read(PERIOD));
  });

  it.each([
    ['from', 'to=2026-03-01'],
    ['to', 'from=2026-03-01'],
    ['from', 'from=2026-02-30&to=2026-03-01'],
    ['from', 'from=yesterday&to=2026-03-01'],
    ['from', 'from=2026-03-01T00:00:00Z&to=2026-03-01'],
    ['to', 'from=2026-03-01&to=2026-03-1'],
    ['to', 'from=2026-03-02&to=2026-03-01'],
    ['to', 'from=2026-01-01&to=2027-01-02'],
    ['from', 'from=0001-01-01&to=0001-01-02'],
    ['to', 'from=2999-12-31&to=9999-12-31'],
    ['groupBy', 'from=2026-03-01&to=2026-03-01&groupBy=week'],
  ])('is refused for its %s: %s', async (field, query) => {
    const answer = await get(query);
    expect([answer.status, await json(answer)]).toMatchObject([
      400,
      { code: 'invalid_request', detail: textWith(new RegExp(`^query ${field}: `)) },
    ]);
  });

  it('has fees and settlement once the bills are there, to the fen', async () => {
    const { connection } = test;
    const books = { connection, db: connection.db };
    const [one, other] = [day('2025-06-02'), day('2025-06-03')];
    const [first, second] = [payment({ fen: 100_000 }), payment({ fen: 2_500 })];
    const back = refundLine(aRefund(first, { fen: 300 }), { feeMillifen: -2_000 });
    await reconcile(books, one, {
      trade: [lineOf(first), lineOf(second, { settledFen: 2_000, couponFen: 500 }), back],
    });
    const PAIR = 'from=2025-06-02&to=2025-06-03';
    const billed = async (query: string) => {
      const { items, totals } = await read(query);
      return [...items, totals].map(({ feesFen, settledFen }) => [feesFen, settledFen]);
    };
    const [fees, settled] = [600 + 15 - 2, 100_000 + 2_000 - 300 - 613];
    expect(await billed(PAIR)).toEqual([[fees, settled], [null, null], [null, null]]); // prettier-ignore
    expect(await billed(`${PAIR}&groupBy=month`)).toEqual([[null, null], [null, null]]); // prettier-ignore

    await reconcile(books, other, { trade: 'unreadable' });
    expect(await billed(PAIR)).toEqual([[fees, settled], [null, null], [null, null]]); // prettier-ignore
    await reconcile(books, other, { trade: 'none' });
    expect(await billed(PAIR)).toEqual([[fees, settled], [0, 0], [fees, settled]]); // prettier-ignore
    expect(await billed(`${PAIR}&groupBy=month`)).toEqual([[fees, settled], [fees, settled]]); // prettier-ignore
    expect(await billed(`${PAIR}&groupBy=product`)).toEqual([[fees, settled]]);
    const csv = await (await get(PAIR, { accept: 'text/csv' })).text();
    expect(csv).toContain('2025-06-02,0,0.00,0,0.00,0,0.00,0.00,6.13,1010.87\r\n');
    const { key } = await test.newKey('merchant', [OTHER_MCHID]);
    const theirs = await json<Statement>(await test.send('GET', `/v1/statements?${PAIR}`, { key }));
    expect(theirs.totals).toEqual(NOTHING);
  });

  it('of days to come has nothing', async () => {
    expect((await read('from=2030-01-01&to=2030-12-31')).totals).toEqual(NOTHING);
    expect((await read('from=2028-01-01&to=2028-12-31')).items).toHaveLength(366);
  });
});

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);
