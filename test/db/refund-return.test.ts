import { describe, expect, test } from 'vitest';
import { reserveAttempt } from '../../src/orders/store/attempt.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { recordPaidOffline } from '../../src/refunds/store/projection.js';
import { reserveReissue, reserveReturn, type ReturnRequest } from '../../src/refunds/store/reserve.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { fileDatabase } from './database.js';
import { closed, fen, LATER, outTradeNo, paid, projectionOf } from './fixtures.js';
import { moved, outRefundNo, paidOrder, refundNo, refundRequest, reserved, standing, succeeded } from './refunds.js';

const database = fileDatabase();

const back = (order: OrderRecord, change: Partial<ReturnRequest> = {}) =>
  reserveReturn(database.db, {
    mchid: order.mchid,
    orderNo: order.orderNo,
    outTradeNo: outTradeNo(order),
    cause: 'fulfilment_rejected',
    now: LATER,
    ...change,
  });

async function returned(order: OrderRecord, change: Partial<ReturnRequest> = {}) {
  const answer = await back(order, change);
  if (answer.kind !== 'reserved') throw new Error(answer.kind);
  return answer.refund;
}

const reissue = (refund: Parameters<typeof reserveReissue>[1]) => reserveReissue(database.db, refund);

/** Closed, and then paid by the first attempt all the same: nobody's money yet. */
async function paidLate(): Promise<OrderRecord> {
  const { record } = await projectOrder(database.db, closed(await database.place()), LATER);
  const attempts = projectionOf(record).attempts.map((attempt) => ({
    ...attempt,
    state: 'succeeded' as const,
    transactionId: `wx-${record.orderNo}`,
    paidFen: record.amountFen,
    paidAtMs: LATER.getTime(),
  }));
  return (await projectOrder(database.db, projectionOf(record, { attempts }), LATER)).record;
}

describe('what a person paid back offline in place of a refused refund', () => {
  const paidOffline = (refund: Parameters<typeof recordPaidOffline>[1]) => recordPaidOffline(database.db, refund);

  test('is its successor, done from the first moment, however old the payment is, and made once', async () => {
    const order = await paidOrder(database);
    const refused = await moved(database.db, await returned(order), { state: 'rejected' });
    const now = new Date(LATER.getTime() + 400 * 86_400_000);

    const answers = await Promise.all(Array.from({ length: 5 }, () => paidOffline({ ...refused, now })));

    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({
      ...{ outRefundNo: `${order.orderNo}@return*2`, predecessor: refused.outRefundNo, amountFen: 1_200 },
      ...{ state: 'succeeded', offline: true, succeededAt: now, appliedAt: null, refundId: null },
    });
    expect((await standing(database.db, order)).attempts[0]).toMatchObject({ refundingFen: 0, refundedFen: 1_200 });
    expect(await reissue({ ...refused, now: LATER })).toBe('not_allowed');
  });

  test('is nothing once it was issued again, or its money went another way', async () => {
    const order = await paidOrder(database);
    const refused = await moved(database.db, await returned(order), { state: 'rejected' });
    await reissue({ ...refused, now: LATER });
    const other = await paidOrder(database);
    const gone = await moved(database.db, await returned(other), { state: 'rejected' });
    await reserved(database.db, other, { amountFen: fen(1) });

    expect(await paidOffline({ ...refused, now: LATER })).toBe('not_allowed');
    expect(await paidOffline({ ...gone, now: LATER })).toBe('not_allowed');
  });
});

describe('what PaySaga returns', () => {
  test('is the rest of an attempt, under the one number it has for that', async () => {
    const order = await paidOrder(database);
    await moved(database.db, await reserved(database.db, order, { amountFen: fen(300) }), succeeded());
    await reserved(database.db, order, { amountFen: fen(200) });

    const refund = await returned(order);

    expect(refund).toMatchObject({
      outRefundNo: `${order.orderNo}@return`,
      amountFen: 700,
      totalFen: 1_200,
      cause: 'fulfilment_rejected',
      state: 'requested',
      reason: null,
      predecessor: null,
      stalledSince: null,
    });
    expect((await standing(database.db, order)).attempts[0]).toMatchObject({ refundingFen: 900, refundedFen: 300 });
  });

  test('is the same refund whoever asks later, for whatever cause, whatever became of it', async () => {
    const order = await paidOrder(database);
    const first = await returned(order);
    const rejected = await moved(database.db, first, { state: 'rejected' });

    expect(await back(order, { cause: 'operator' })).toEqual({ kind: 'reserved', refund: rejected });
  });

  test('is nothing when all of it is back or on its way, or nothing was paid', async () => {
    const order = await paidOrder(database);
    await reserved(database.db, order, { amountFen: fen(1_200) });

    expect(await back(order)).toEqual({ kind: 'nothing' });
    expect(await back(await database.place())).toEqual({ kind: 'nothing' });
  });

  test('is refused as any other refund: after 365 days, and from the 51st on', async () => {
    const order = await paidOrder(database);
    const old = await back(order, { now: new Date(LATER.getTime() + 365 * 86_400_000 + 1) });
    for (let count = 0; count < 50; count += 1) await reserved(database.db, order, { amountFen: fen(1) });

    expect(old).toEqual({ kind: 'refused', reason: 'refund_too_old' });
    expect(await back(order)).toEqual({ kind: 'refused', reason: 'refund_limit_reached' });
  });

  test('is reserved once by fifty at once', async () => {
    const order = await paidOrder(database);

    const answers = await Promise.all(Array.from({ length: 50 }, () => back(order)));

    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await standing(database.db, order)).toMatchObject({
      version: order.version + 1,
      attempts: [{ refundingFen: 1_200 }],
    });
  });

  test('and what the shop refunds at the same time share the money', async () => {
    for (let round = 0; round < 10; round += 1) {
      const order = await paidOrder(database);

      const [refund] = await Promise.all([
        returned(order),
        reserved(database.db, order).catch((error: unknown) => error),
      ]);

      const [attempt] = (await standing(database.db, order)).attempts;
      expect(attempt?.refundingFen).toBe(1_200);
      expect([700, 1_200]).toContain(refund.amountFen);
    }
  });

  test('counts as returned, not as refunded, when no order was paid by it', async () => {
    const order = await paidLate();
    const refund = await returned(order, { cause: 'late_payment' });
    expect((await standing(database.db, order)).returnedFen).toBe(0);

    await moved(database.db, refund, succeeded());

    expect(await standing(database.db, order)).toMatchObject({ returnedFen: 1_200, state: 'closed' });
  });

  test('of a second payment counts beside what the order itself was refunded', async () => {
    const { mchid, orderNo } = await database.place();
    const terms = { product: 'native', appid: 'wx', openid: null, clientIp: null, h5Type: null } as const;
    await reserveAttempt(database.db, { mchid, orderNo, ...terms, attemptKey: 'two', bodyHash: 'two' });
    const both = await standing(database.db, { mchid, orderNo });
    const { record } = await projectOrder(database.db, paid(both), LATER);
    const [first, second] = projectionOf(record).attempts;
    if (first === undefined || second === undefined) throw new Error('two attempts');
    const money = { state: 'succeeded', transactionId: `wx2-${orderNo}`, paidFen: record.amountFen } as const;
    const twice = projectionOf(record, { attempts: [first, { ...second, ...money }] });
    await projectOrder(database.db, twice, LATER);

    const refund = await returned(record, { outTradeNo: second.outTradeNo, cause: 'second_payment' });
    await moved(database.db, refund, succeeded());
    await moved(database.db, await reserved(database.db, record, { amountFen: fen(200) }), succeeded());

    expect(await standing(database.db, record)).toMatchObject({
      returnedFen: 1_200,
      attempts: [{ refundedFen: 200 }, { refundedFen: 1_200 }],
    });
  });

  test('of an attempt that does not exist is a mistake', async () => {
    const order = await database.place();
    await expect(back(order, { outTradeNo: outTradeNo(order, 2) })).rejects.toThrow(/never reserved/);
  });
});

describe('a return that came to nothing', () => {
  test('is issued again under the next number, once, and the order is stuck no more', async () => {
    const order = await paidOrder(database);
    const failed = await moved(database.db, await returned(order), { state: 'closed', refundId: '5030' });
    expect((await standing(database.db, order)).stuckReason).toBe('refund_failed');

    const answers = await Promise.all(Array.from({ length: 20 }, () => reissue({ ...failed, now: LATER })));

    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({
      outRefundNo: `${order.orderNo}@return*2`,
      predecessor: failed.outRefundNo,
      amountFen: 1_200,
      cause: 'fulfilment_rejected',
      state: 'requested',
    });
    expect(await standing(database.db, order)).toMatchObject({
      stuckReason: null,
      attempts: [{ refundingFen: 1_200 }],
    });
  });

  test('may fail again, and is then issued a third time', async () => {
    const order = await paidOrder(database);
    const first = await moved(database.db, await returned(order), { state: 'rejected' });
    const second = await reissue({ ...first, now: LATER });
    if (typeof second === 'string') throw new Error(second);
    await moved(database.db, second, { state: 'rejected' });

    expect(await reissue({ ...second, now: LATER })).toMatchObject({
      outRefundNo: `${order.orderNo}@return*3`,
      predecessor: second.outRefundNo,
    });
    expect(await reissue({ ...first, now: LATER })).toMatchObject({ outRefundNo: second.outRefundNo });
  });

  test('is not issued again while it may still succeed, or once its money went elsewhere', async () => {
    const order = await paidOrder(database);
    const refund = await returned(order);
    const early = await reissue({ ...refund, now: LATER });
    await moved(database.db, refund, { state: 'rejected' });
    await reserved(database.db, order, { amountFen: fen(1) });

    expect(early).toBe('not_allowed');
    expect(await reissue({ ...refund, now: LATER })).toBe('not_allowed');
  });

  test("is never the shop's own, or one that nobody reserved", async () => {
    const order = await paidOrder(database);
    const shops = await moved(database.db, await reserved(database.db, order), { state: 'rejected' });
    const unknown = [refundNo('nobody-2'), outRefundNo(`${order.orderNo}@return`)];

    expect(await reissue({ ...shops, now: LATER })).toBe('not_allowed');
    for (const number of unknown) {
      expect(await reissue({ mchid: order.mchid, outRefundNo: number, now: LATER })).toBe('refund_not_found');
    }
    expect((await standing(database.db, order)).stuckReason).toBeNull();
  });
});

test('a number of the shop is never one of ours, so that neither can take the other’s', async () => {
  const order = await paidOrder(database);
  const request = refundRequest(order, { outRefundNo: outRefundNo(`${order.orderNo}@return`) });

  await expect(reserved(database.db, order, request)).rejects.toMatchObject({ constraint: 'refunds_own_number' });
});
