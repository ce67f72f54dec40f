import { beforeEach, describe, expect, it } from 'vitest';
import { reserveReissue } from '../../../src/refunds/store/reserve.js';
import type { RefundResolveOutcome } from '../../../src/refunds/rules/states.js';
import type { ResolveOutcome } from '../../../src/orders/rules/states.js';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import { moveRefund, refundNo, returnPayment } from '../../refunds/api/refund-steps.js';
import { json, MCHID, OTHER_MCHID, problemCode, textWith, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

let operator = '';
beforeEach(async () => {
  operator = (await test.operatorKey()).key;
});

const post = (path: string, body: unknown, key = operator) => test.send('POST', path, { key, body });
const refusalOf = async (answer: Response) => [answer.status, await problemCode(answer)];
const REASON = 'the payer called';

describe('resolve an order', () => {
  const resolve = (number: string, body: unknown, key?: string) => post(`/v1/orders/${number}/resolve`, body, key);

  it.each(['accept', 'return', 'close'])('%s is told to the order, and who decided is kept', async (action) => {
    const number = await test.placeOrder();
    const answer = await resolve(number, { action, reason: REASON });
    expect(answer.status).toBe(200);
    expect(await json(answer)).toMatchObject({ orderNo: number, refunds: [] });
    expect(test.orders.callsOf('resolve')).toEqual([
      { mchid: MCHID, orderNo: number, requestId: textWith(/^[0-9a-f-]{36}$/), action },
    ]);
    expect(await test.actionsOf(number)).toMatchObject([
      {
        action: 'resolve',
        parameters: { action },
        reason: REASON,
        actor: textWith(/^Li Lei \([0-9a-f-]{36}\)$/),
        outcome: 'resolved',
      },
    ]);
  });

  it.each<[ResolveOutcome, string]>([
    ['unconfirmed', 'resolve_unconfirmed'],
    ['not_applicable', 'resolve_not_applicable'],
    ['money_held', 'money_held'],
    ['not_ours', 'money_not_ours'],
  ])('that comes to %s is answered %s, and kept', async (outcome, code) => {
    const number = await test.placeOrder();
    test.orders.answers.resolve = () => Promise.resolve(outcome);
    expect(await refusalOf(await resolve(number, { action: 'return', reason: REASON }))).toEqual([409, code]);
    expect(await test.actionsOf(number)).toMatchObject([{ outcome }]);
  });

  it("that is about somebody else's money says whose it is, and what applies", async () => {
    const number = await test.placeOrder();
    test.orders.answers.resolve = () => Promise.resolve('not_ours');
    const answer = await resolve(number, { action: 'accept', reason: REASON });
    const { detail } = await json<{ detail: string }>(answer);
    expect(detail).toMatch(/somebody else's, and none of this order's own is there; only close applies/);
  });

  it('that is not decided yet is answered 503, and a repeat joins it', async () => {
    const number = await test.placeOrder();
    const again = () => resolve(number, { action: 'accept', reason: REASON });
    test.orders.answers.resolve = () => Promise.resolve('pending');
    expect(await refusalOf(await again())).toEqual([503, 'outcome_pending']);
    test.orders.answers.resolve = () => Promise.reject(new TemporalUnavailable());
    expect(await refusalOf(await again())).toEqual([503, 'outcome_pending']);
    test.orders.answers = {};
    expect((await again()).status).toBe(200);
    const asked = test.orders.callsOf('resolve') as { requestId: string }[];
    expect(new Set(asked.map(({ requestId }) => requestId)).size).toBe(1);
    expect(await test.actionsOf(number)).toHaveLength(1);
  });

  it('that was carried out by a workflow which has ended since is answered when it is asked for again', async () => {
    const number = await test.placeOrder();
    const again = () => resolve(number, { action: 'accept', reason: REASON });
    test.orders.answers.resolve = () => Promise.resolve('pending');
    expect(await refusalOf(await again())).toEqual([503, 'outcome_pending']);
    test.orders.answers.resolve = () => Promise.resolve('not_applicable');
    expect((await again()).status).toBe(200);
    expect(await test.actionsOf(number)).toMatchObject([{ outcome: 'resolved' }]);
    expect(await refusalOf(await again())).toEqual([409, 'resolve_not_applicable']);
  });

  it.each([
    {},
    { action: 'accept' },
    { reason: REASON },
    { action: 'keep', reason: REASON },
    { action: 'accept', reason: '' },
    { action: 'accept', reason: 'x'.repeat(501) },
    { action: 'accept', reason: REASON, amountFen: 1 },
  ])('is refused as %j', async (body) => {
    const number = await test.placeOrder();
    expect(await refusalOf(await resolve(number, body))).toEqual([400, 'invalid_request']);
    expect(test.orders.callsOf('resolve')).toEqual([]);
  });

  it('is for operators, and for an order that is there', async () => {
    const body = { action: 'accept', reason: REASON };
    const number = await test.placeOrder();
    expect(await refusalOf(await resolve(number, body, test.merchantKey))).toEqual([403, 'forbidden']);
    expect(await refusalOf(await resolve('A-9999999', body))).toEqual([404, 'order_not_found']);
  });
});

describe('resolve a refund', () => {
  const resolve = (number: string, body: unknown, key?: string) =>
    post(`/v1/refunds/${encodeURIComponent(number)}/resolve`, body, key);
  let number = '';
  let own = '';
  beforeEach(async () => {
    number = await test.placePaidOrder();
    own = await returnPayment(test, number);
  });

  it.each(['abnormalRefund', 'paidOffline'] as const)('%s answers the refund as it is then', async (action) => {
    await moveRefund(test, own, { state: 'abnormal' });
    test.refunds.answers.resolve = async () => {
      await moveRefund(test, own, { state: 'succeeded', offline: true, succeededAtMs: test.clock.now.getTime() });
      return 'resolved';
    };
    const answer = await resolve(own, { action, reason: REASON });
    expect(answer.status).toBe(200);
    expect(await json(answer)).toMatchObject({ refundNo: own, state: 'succeeded', offline: true });
    expect(test.refunds.callsOf('resolve')).toEqual([
      { mchid: MCHID, outRefundNo: own, requestId: textWith(/^[0-9a-f-]{36}$/), action },
    ]);
    expect(await test.actionsOf(number)).toMatchObject([
      { action, out_refund_no: own, parameters: {}, reason: REASON, actor: textWith(/^Li Lei/), outcome: 'resolved' },
    ]);
  });

  it('reissue answers the refund that took its place, again and again', async () => {
    await moveRefund(test, own, { state: 'closed' });
    test.refunds.answers.resolve = async () => {
      const ref = { mchid: MCHID, outRefundNo: refundNo(own), now: test.clock.now };
      await reserveReissue(test.connection.db, ref);
      return 'resolved';
    };
    for (let n = 0; n < 2; n += 1) {
      const answer = await resolve(own, { action: 'reissue', reason: REASON });
      expect(answer.status).toBe(200);
      expect(await json(answer)).toMatchObject({ refundNo: `${own}*2`, state: 'requested', amountFen: 1200 });
    }
    expect((await test.load(number)).refunds).toHaveLength(2);
  });

  it.each<[RefundResolveOutcome, number, string]>([
    ['unconfirmed', 409, 'resolve_unconfirmed'],
    ['not_applicable', 409, 'resolve_not_applicable'],
    ['not_allowed', 409, 'reissue_not_allowed'],
    ['refused', 422, 'abnormal_refund_refused'],
  ])('that comes to %s is answered %i %s, and kept', async (outcome, status, code) => {
    test.refunds.answers.resolve = () => Promise.resolve(outcome);
    expect(await refusalOf(await resolve(own, { action: 'reissue', reason: REASON }))).toEqual([status, code]);
    expect(await test.actionsOf(number)).toMatchObject([{ action: 'reissue', outcome }]);
  });

  it('that is not decided yet is answered 503, and a repeat joins it; two refunds do not share a request', async () => {
    const body = { action: 'paidOffline', reason: REASON };
    test.refunds.answers.resolve = () => Promise.resolve('pending');
    expect(await refusalOf(await resolve(own, body))).toEqual([503, 'outcome_pending']);
    test.refunds.answers.resolve = () => Promise.reject(new TemporalUnavailable());
    expect(await refusalOf(await resolve(own, body))).toEqual([503, 'outcome_pending']);
    expect(await test.actionsOf(number)).toHaveLength(1);
    const other = await test.placePaidOrder();
    await test.send('POST', `/v1/orders/${other}/refunds`, { body: { refundNo: `S-${other}-1`, amountFen: 1 } });
    await test.send('POST', `/v1/orders/${other}/refunds`, { body: { refundNo: `S-${other}-2`, amountFen: 1 } });
    test.refunds.answers.resolve = () => Promise.resolve('pending');
    for (const refund of [`S-${other}-1`, `S-${other}-2`]) await resolve(refund, body);
    const asked = test.refunds.callsOf('resolve') as { requestId: string }[];
    expect(new Set(asked.map(({ requestId }) => requestId)).size).toBe(3);
    expect(await test.actionsOf(other)).toMatchObject([{ outcome: null }, { outcome: null }]);
  });

  it.each([
    {},
    { action: 'reissue' },
    { action: 'accept', reason: REASON },
    { action: 'reissue', reason: 'a\u0007b' },
    { action: 'reissue', reason: REASON, refundNo: 'R-1' },
  ])('is refused as %j', async (body) => {
    expect(await refusalOf(await resolve(own, body))).toEqual([400, 'invalid_request']);
    expect(test.refunds.callsOf('resolve')).toEqual([]);
  });

  it('is for operators of the merchant, and for a refund that is there', async () => {
    const body = { action: 'reissue', reason: REASON };
    expect(await refusalOf(await resolve(own, body, test.merchantKey))).toEqual([403, 'forbidden']);
    const { key } = await test.newKey('operator', [OTHER_MCHID], 'Han Meimei');
    expect(await refusalOf(await resolve(own, body, key))).toEqual([404, 'refund_not_found']);
    expect(await refusalOf(await resolve(`${own}*2`, body))).toEqual([404, 'refund_not_found']);
  });
});
