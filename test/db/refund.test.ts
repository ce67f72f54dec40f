import { beforeAll, describe, expect, test } from 'vitest';
import { projectOrder } from '../../src/orders/store/projection.js';
import { reserveReturn, reserveRefund, type RefundRequest } from '../../src/refunds/store/reserve.js';
import { loadRefund } from '../../src/refunds/store/record.js';
import { claimRefundApply, knownRefunds, recordRefundAnswer } from '../../src/refunds/store/apply.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { fileDatabase } from './database.js';
import { CREATED_AT, fen, LATER, newOrder, outTradeNo, projectionOf } from './fixtures.js';
import { moved, outRefundNo, paidOrder, refundNo, refundRequest, reserved, standing, succeeded } from './refunds.js';

const database = fileDatabase();
const DAY_MS = 86_400_000;

const reserve = (request: RefundRequest) => reserveRefund(database.db, request);
const later = (ms: number): Date => new Date(LATER.getTime() + ms);

describe('a refund the shop asks for', () => {
  test('is reserved with its money, once, and the order shows it', async () => {
    const order = await paidOrder(database);
    const request = refundRequest(order);

    const answer = await reserve(request);

    expect(answer).toEqual({
      created: true,
      refund: {
        mchid: order.mchid,
        outRefundNo: request.outRefundNo,
        orderNo: order.orderNo,
        outTradeNo: outTradeNo(order),
        amountFen: 500,
        totalFen: 1_200,
        state: 'requested',
        cause: 'shop',
        reason: 'cold tea',
        offline: false,
        refundId: null,
        channel: null,
        receivedAccount: null,
        acceptedAt: null,
        gateway: null,
        predecessor: null,
        stalledSince: null,
        trouble: null,
        createdAt: LATER,
        appliedAt: null,
        succeededAt: null,
      },
    });
    const after = await standing(database.db, order);
    expect(after).toMatchObject({
      version: order.version + 1,
      attempts: [{ refundingFen: 500, refundedFen: 0 }],
      refunds: [{ outRefundNo: request.outRefundNo }],
    });
    expect(await loadRefund(database.db, request)).toEqual(after.refunds[0]);
  });

  test('is the same refund for the same number and body, whatever became of it', async () => {
    const order = await paidOrder(database);
    const request = refundRequest(order);
    const first = await reserved(database.db, order, request);
    const rejected = await moved(database.db, first, { state: 'rejected' });

    const again = await reserve({ ...request, now: later(400 * DAY_MS) });

    expect(again).toEqual({ created: false, refund: rejected });
    expect((await standing(database.db, order)).refunds).toEqual([rejected]);
  });

  test('is a conflict with another body, or with another order', async () => {
    const [order, other] = [await paidOrder(database), await paidOrder(database)];
    const request = refundRequest(order);
    await reserve(request);

    expect(await reserve({ ...request, bodyHash: 'another' })).toBe('refund_conflict');
    expect(await reserve({ ...request, orderNo: other.orderNo })).toBe('refund_conflict');
    expect(await standing(database.db, other)).toEqual(other);
  });

  test('of an order that does not exist, was not paid, or is in review, is refused', async () => {
    const waiting = await database.place();
    const doubted = await database.place();
    await projectOrder(database.db, projectionOf(doubted, { state: 'review', reviewReason: 'late_payment' }), LATER);

    expect(await reserve(refundRequest(newOrder()))).toBe('order_not_found');
    expect(await reserve(refundRequest(waiting))).toBe('order_not_paid');
    expect(await reserve(refundRequest(doubted))).toBe('order_in_review');
  });

  test('may take the last fen, and not one more', async () => {
    const order = await paidOrder(database);
    await reserved(database.db, order, { amountFen: fen(700) });

    expect(await reserve(refundRequest(order, { amountFen: fen(501) }))).toBe('refund_exceeds_paid');
    expect(await reserve(refundRequest(order, { amountFen: fen(500) }))).toMatchObject({ created: true });
    expect(await reserve(refundRequest(order, { amountFen: fen(1) }))).toBe('refund_exceeds_paid');
  });

  test('that came to nothing frees its money', async () => {
    const order = await paidOrder(database);
    await moved(database.db, await reserved(database.db, order, { amountFen: fen(1_200) }), { state: 'rejected' });

    expect(await reserve(refundRequest(order, { amountFen: fen(1_200) }))).toMatchObject({ created: true });
  });

  test('is refused from the 51st on; those that came to nothing do not count', async () => {
    const order = await paidOrder(database);
    const one = { amountFen: fen(1) };
    await moved(database.db, await reserved(database.db, order, one), { state: 'rejected' });
    for (let count = 0; count < 50; count += 1) await reserved(database.db, order, one);

    expect(await reserve(refundRequest(order, one))).toBe('refund_limit_reached');
    expect((await standing(database.db, order)).attempts[0]?.refundingFen).toBe(50);
  });

  test('is refused once the payment is older than 365 days', async () => {
    const order = await paidOrder(database);

    expect(await reserve(refundRequest(order, { now: later(365 * DAY_MS + 1) }))).toBe('refund_too_old');
    expect(await reserve(refundRequest(order, { now: later(365 * DAY_MS) }))).toMatchObject({ created: true });
  });

  test('is made once by a hundred equal requests at once', async () => {
    const order = await paidOrder(database);
    const request = refundRequest(order);

    const answers = await Promise.all(Array.from({ length: 100 }, () => reserve(request)));

    const made = answers.filter((answer) => typeof answer === 'object' && answer.created);
    expect(made).toHaveLength(1);
    for (const answer of answers) expect(answer).toMatchObject({ refund: { outRefundNo: request.outRefundNo } });
    expect(await standing(database.db, order)).toMatchObject({
      version: order.version + 1,
      attempts: [{ refundingFen: 500 }],
    });
  });

  test('has its number once, also when two orders ask for it at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [one, other] = [await paidOrder(database), await paidOrder(database)];
      const request = refundRequest(one);

      const answers = await Promise.all([reserve(request), reserve({ ...request, orderNo: other.orderNo })]);

      expect(answers).toContain('refund_conflict');
      expect(answers.filter((answer) => typeof answer === 'object')).toHaveLength(1);
    }
  });

  test('is listed in the order in which it was asked for, whatever the clocks said', async () => {
    const order = await paidOrder(database);
    const early = await reserved(database.db, order, { amountFen: fen(1), now: later(9) });
    const late = await reserved(database.db, order, { amountFen: fen(1), now: later(1) });

    expect((await standing(database.db, order)).refunds).toEqual([early, late]);
  });
});

describe('applying for refunds of one attempt', () => {
  let order: OrderRecord;

  beforeAll(async () => {
    order = await paidOrder(database);
  });

  test('goes a minute apart, and again at once for a number that went before', async () => {
    const [first, second] = [
      await reserved(database.db, order, { amountFen: fen(1) }),
      await reserved(database.db, order, { amountFen: fen(1) }),
    ];
    const claim = (refund: typeof first, ms: number) => claimRefundApply(database.db, refund, later(ms));

    expect(await claim(first, 0)).toEqual({ kind: 'go', again: false });
    expect(await claim(first, 1)).toEqual({ kind: 'go', again: true });
    expect(await claim(second, 59_999)).toEqual({ kind: 'wait', untilMs: later(60_000).getTime() });
    expect(await claim(second, 60_000)).toEqual({ kind: 'go', again: false });
    expect(await loadRefund(database.db, first)).toMatchObject({ appliedAt: LATER });
    expect(await loadRefund(database.db, second)).toMatchObject({ appliedAt: later(60_000) });
  });

  test('lets one of many go at once, and nobody sees a new version', async () => {
    const fresh = await paidOrder(database);
    const refunds = await Promise.all(
      Array.from({ length: 15 }, () => reserved(database.db, fresh, { amountFen: fen(1) })),
    );
    const before = await standing(database.db, fresh);

    const claims = await Promise.all(refunds.map((refund) => claimRefundApply(database.db, refund, LATER)));

    expect(claims.filter((claim) => claim.kind === 'go')).toEqual([{ kind: 'go', again: false }]);
    expect(claims.filter((claim) => claim.kind === 'wait')).toHaveLength(14);
    expect((await standing(database.db, fresh)).version).toBe(before.version);
  });

  test('waits for no other attempt', async () => {
    const [one, other] = [await paidOrder(database), await paidOrder(database)];

    for (const it of [one, other]) {
      const refund = await reserved(database.db, it);
      expect(await claimRefundApply(database.db, refund, LATER)).toEqual({ kind: 'go', again: false });
    }
  });

  test('and projecting them at once never waits for each other in a circle', async () => {
    const fresh = await paidOrder(database);
    const refunds = await Promise.all(
      Array.from({ length: 8 }, () => reserved(database.db, fresh, { amountFen: fen(1) })),
    );

    await Promise.all(
      refunds.flatMap((refund) => [
        claimRefundApply(database.db, refund, LATER),
        moved(database.db, refund, succeeded()),
        claimRefundApply(database.db, refund, LATER),
      ]),
    );

    expect((await standing(database.db, fresh)).attempts).toMatchObject([{ refundingFen: 0, refundedFen: 8 }]);
  });
});

test('an attempt counts as refunded by us from the reservation on, unless that was rejected', async () => {
  const order = await paidOrder(database);
  const ref = { mchid: order.mchid, orderNo: order.orderNo, outTradeNo: outTradeNo(order) };
  const before = await knownRefunds(database.db, ref);
  const refund = await reserved(database.db, order);
  const requested = await knownRefunds(database.db, ref);
  await moved(database.db, refund, { state: 'rejected' });
  const rejected = await knownRefunds(database.db, ref);
  await reserveReturn(database.db, { ...ref, cause: 'operator', now: LATER });

  expect([before, requested, rejected, await knownRefunds(database.db, ref)]).toEqual([
    null,
    refund.amountFen,
    null,
    order.paidFen,
  ]);
});

test('a refund nobody reserved is not there, and cannot be applied for', async () => {
  const order = await paidOrder(database);
  for (const number of [refundNo('nobody'), outRefundNo(`${order.orderNo}@return`)]) {
    const ref = { mchid: order.mchid, outRefundNo: number };
    expect(await loadRefund(database.db, ref)).toBeUndefined();
    await expect(claimRefundApply(database.db, ref, CREATED_AT)).rejects.toThrow(/never reserved/);
  }
});

test('what a refund was refused with is seen by whoever watches its order: the version grows, once', async () => {
  const order = await paidOrder(database);
  const { outRefundNo: number } = await reserved(database.db, order);
  const { version } = await standing(database.db, order);
  const gateway = { status: 403, code: 'NO_AUTH', message: 'no', detail: null };
  const ref = { mchid: order.mchid, orderNo: order.orderNo, outRefundNo: number };
  for (let n = 0; n < 2; n += 1) await recordRefundAnswer(database.db, ref, gateway);
  expect(await standing(database.db, order)).toMatchObject({ version: version + 1, refunds: [{ gateway }] });
});
