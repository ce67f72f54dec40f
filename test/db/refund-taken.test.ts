import { describe, expect, test } from 'vitest';
import type { RefundFact } from '../../src/orders/rules/gateway-answer.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { reserveAttempt } from '../../src/orders/store/attempt.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { recordExternalRefund } from '../../src/refunds/store/external.js';
import { projectRefund } from '../../src/refunds/store/projection.js';
import { reserveRefund, reserveReturn } from '../../src/refunds/store/reserve.js';
import { listEvents } from '../../src/shop-events/store/outbox.js';
import { fileDatabase } from './database.js';
import { fen, LATER, MCHID, outTradeNo, paid, projectionOf } from './fixtures.js';
import {
  moved,
  outRefundNo,
  paidOrder,
  refundProjection,
  refundRequest,
  reserved,
  standing,
  succeeded,
} from './refunds.js';

const database = fileDatabase();

/** Somebody else's refund under a number, as a query by it says. */
const record = (order: OrderRecord, number: string, refundFen: number, change: Partial<RefundFact> = {}) =>
  recordExternalRefund(database.db, {
    ...{ mchid: MCHID, orderNo: order.orderNo, now: LATER },
    fact: {
      ...{ refundId: `5030-${number}`, outRefundNo: number, outTradeNo: outTradeNo(order) },
      ...{ transactionId: `wx-${order.orderNo}`, status: 'succeeded', successAtMs: LATER.getTime() },
      ...{ refundFen: fen(refundFen), totalFen: order.amountFen },
      ...change,
    },
    details: { channel: 'ORIGINAL', receivedAccount: null, acceptedAtMs: LATER.getTime() - 1_000 },
  });

const shop = (order: OrderRecord, number: string, amountFen: number) =>
  reserveRefund(database.db, refundRequest(order, { outRefundNo: outRefundNo(number), amountFen: fen(amountFen) }));

const own = ({ mchid, orderNo, ...order }: OrderRecord) =>
  reserveReturn(database.db, {
    ...{ mchid, orderNo, outTradeNo: outTradeNo({ ...order, orderNo }), cause: 'operator', now: LATER },
  });

const firstOf = async (order: OrderRecord) => (await standing(database.db, order)).attempts[0];
const typesOf = async (order: OrderRecord) => (await listEvents(database.db, order)).map(({ type }) => type);

async function paidTwice() {
  const { mchid, orderNo } = await database.place();
  const terms = { product: 'native', appid: 'wx', openid: null, clientIp: null, h5Type: null } as const;
  await reserveAttempt(database.db, { mchid, orderNo, ...terms, attemptKey: 'two', bodyHash: 'two' });
  const { record } = await projectOrder(database.db, paid(await standing(database.db, { mchid, orderNo })), LATER);
  const [first, second] = projectionOf(record).attempts;
  if (first === undefined || second === undefined) throw new Error('two attempts');
  const money = { state: 'succeeded', transactionId: `wx2-${orderNo}`, paidFen: record.amountFen } as const;
  const twice = projectionOf(record, { attempts: [first, { ...second, ...money }] });
  const { record: order } = await projectOrder(database.db, twice, LATER);
  return { order, second: second.outTradeNo };
}

describe("a number that somebody else used before the shop's or PaySaga's refund of it", () => {
  test("becomes theirs: the shop's with their sum, and what it held is free", async () => {
    const order = await paidOrder(database);
    const number = `T-${order.orderNo}`;
    await shop(order, number, 500);
    const recorded = await record(order, number, 300);
    expect(recorded).toMatchObject({
      kind: 'recorded',
      refund: {
        ...{ cause: 'external', state: 'succeeded', amountFen: 300, reason: null },
        acceptedAt: new Date(LATER.getTime() - 1_000),
      },
      successor: null,
    });
    expect(await firstOf(order)).toMatchObject({ refundingFen: 0, refundedFen: 300 });
    expect(await typesOf(order)).toEqual(['order.paid', 'refund.rejected', 'refund.succeeded']);
    expect(await record(order, number, 300)).toMatchObject({ refund: { amountFen: 300 }, successor: null });
    expect(await shop(order, number, 500)).toBe('refund_conflict');
    expect(await shop(order, `N-${order.orderNo}`, order.amountFen - 300)).toMatchObject({ created: true });
  });

  test('stays the same where their terms are those that were asked for', async () => {
    const order = await paidOrder(database);
    await shop(order, `E-${order.orderNo}`, 500);
    expect(await record(order, `E-${order.orderNo}`, 500)).toMatchObject({
      refund: { cause: 'shop', state: 'requested' },
    });
  });

  test.each([
    [900, 'succeeded', 300],
    [900, 'processing', 300],
    [900, 'closed', 1_200],
  ] as const)(
    "is PaySaga's own: of 1200, %i %s elsewhere, %i follow under the next number",
    async (sum, status, restFen) => {
      const order = await paidOrder(database);
      await own(order);
      const number = `${outTradeNo(order)}@return`;
      const recorded = await record(order, number, sum, { status });
      const successor = { outRefundNo: `${number}*2`, predecessor: number, amountFen: restFen, cause: 'operator' };
      expect(recorded).toMatchObject({ refund: { cause: 'external', state: status }, successor });
      expect(await own(order)).toMatchObject({ kind: 'reserved', refund: successor });
    },
  );

  test("is PaySaga's second own, too: the third takes its place", async () => {
    const order = await paidOrder(database);
    const number = `${outTradeNo(order)}@return`;
    await own(order);
    await record(order, number, 200);
    expect(await record(order, `${number}*2`, 300)).toMatchObject({
      successor: { outRefundNo: `${number}*3`, predecessor: `${number}*2`, amountFen: 700 },
    });
    expect((await standing(database.db, order)).refunds).toMatchObject([
      { cause: 'external', predecessor: null, amountFen: 200 },
      { cause: 'external', predecessor: number, amountFen: 300 },
      { cause: 'operator', state: 'requested', amountFen: 700 },
    ]);
    expect(await firstOf(order)).toMatchObject({ refundingFen: 700, refundedFen: 500 });
  });

  test('may be used although it was rejected here; the shop hears of that once', async () => {
    const order = await paidOrder(database);
    const refund = await reserved(database.db, order);
    await moved(database.db, refund, { state: 'rejected' });
    expect(await record(order, refund.outRefundNo, 500)).toMatchObject({
      refund: { cause: 'external', amountFen: 500 },
    });
    expect(await typesOf(order)).toEqual(['order.paid', 'refund.rejected', 'refund.succeeded']);
  });

  test('is not overwritten by what its workflow knew before', async () => {
    const order = await paidOrder(database);
    const refund = await reserved(database.db, order);
    await record(order, refund.outRefundNo, 300, { status: 'processing', refundId: '5031' });
    for (const trouble of ['refund_failed', 'gateway_unreachable'] as const) {
      const known = refundProjection(refund, { state: 'processing', refundId: '5031', cause: 'shop', trouble });
      const answer = await projectRefund(database.db, known, LATER);
      expect(answer).toMatchObject({ applied: false, refund: { cause: 'external', amountFen: 300, trouble: null } });
    }
  });

  test('belongs to another payment of the order: the sums of both move', async () => {
    const { order, second } = await paidTwice();
    await own(order);
    const fact = { outTradeNo: second };
    const recorded = await record(order, `${outTradeNo(order)}@return`, 500, fact);
    expect(recorded).toMatchObject({
      refund: { outTradeNo: second, cause: 'external' },
      successor: { outTradeNo: outTradeNo(order), amountFen: order.amountFen },
    });
    expect((await standing(database.db, order)).attempts).toMatchObject([
      { refundingFen: order.amountFen, refundedFen: 0 },
      { refundingFen: 0, refundedFen: 500 },
    ]);
  });

  test.each([
    ['amount_fen = 1', 'PS004'],
    ["cause = 'external', refund_id = '1', body_hash = null", 'PS003'],
    [
      "cause = 'external', refund_id = '1', body_hash = null, amount_fen = 1, state = 'succeeded', succeeded_at = now()",
      'PS003',
    ],
    ["cause = 'operator'", 'PS003'],
    [
      "order_no = 'somebody-elses', cause = 'external', refund_id = '1', body_hash = null, state = 'processing'",
      'PS003',
    ],
  ])('is the only thing that changes what a refund is about: %s is refused', async (change, code) => {
    const order = await paidOrder(database);
    const refund = await reserved(database.db, order);
    const update = database.connection.sql.unsafe(
      `update refunds set ${change} where out_refund_no = '${refund.outRefundNo}'`,
    );
    await expect(update).rejects.toMatchObject({ code });
  });

  test('never takes over what has succeeded, nor an external one', async () => {
    const order = await paidOrder(database);
    const done = await moved(database.db, await reserved(database.db, order), succeeded());
    await record(order, `mp-${order.orderNo}`, 1);
    expect(await record(order, done.outRefundNo, 300)).toMatchObject({ refund: { cause: 'shop', amountFen: 500 } });
    for (const number of [done.outRefundNo, `mp-${order.orderNo}`]) {
      const update = database.connection.sql`
        update refunds set cause = 'external', state = 'processing', succeeded_at = null, amount_fen = 300, body_hash = null
        where out_refund_no = ${number}`;
      await expect(update).rejects.toMatchObject({ code: 'PS001' });
    }
  });
});
