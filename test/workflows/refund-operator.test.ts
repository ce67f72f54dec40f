import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { refunding, returnNo } from '../support/refunds.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });
const refunds = refunding(saga);
beforeAll(async () => {
  // Every refund waits for what the test makes of it.
  await saga.gateway.refundDelay(24 * 3_600_000);
});
afterEach(() => saga.gateway.repair());

async function heard(orderNo: string, types: readonly string[]): Promise<void> {
  const seen = (): string[] => shop.of(orderNo).map(({ type }) => type);
  await until(`the events ${types.join()}`, () => seen().length >= types.length);
  expect(seen()).toEqual(types);
  expect(new Set(shop.of(orderNo).map(({ id }) => id)).size).toBe(types.length);
}

async function underWay(amountFen = 1200): Promise<{ orderNo: OrderNo; refundNo: string }> {
  const orderNo = await refunds.paid();
  const refundNo = await refunds.ask(orderNo, amountFen);
  await refunds.when(refundNo, ({ state }) => state === 'processing');
  return { orderNo, refundNo };
}

async function abnormal(): Promise<{ orderNo: OrderNo; refundNo: string }> {
  const { orderNo, refundNo } = await underWay();
  await saga.gateway.settle(refundNo, 'ABNORMAL');
  await refunds.when(refundNo, ({ state }) => state === 'abnormal');
  return { orderNo, refundNo };
}

/** Late money whose return came to nothing. */
async function closedReturn(): Promise<{ orderNo: OrderNo; refundNo: string }> {
  const orderNo = await refunds.paidLate();
  const refundNo = returnNo(orderNo);
  await saga.gateway.settle(refundNo, 'CLOSED');
  await refunds.ended(refundNo, 'closed');
  return { orderNo, refundNo };
}

/** The money of an ended refund is free: all of it can be refunded under another number. */
async function expectFree(orderNo: OrderNo): Promise<void> {
  expect(await saga.order(orderNo)).toMatchObject({ refundingFen: 0, refundedFen: 0, stuckReason: null });
  await refunds.aMinuteLater(orderNo);
  const next = await refunds.ask(orderNo, 1200);
  await refunds.when(next, ({ state }) => state === 'processing');
  await saga.gateway.settle(next, 'SUCCESS');
  await refunds.ended(next, 'succeeded');
  expect(await saga.order(orderNo)).toMatchObject({ refundingFen: 0, refundedFen: 1200, stuckReason: null });
}

describe('a refund that comes to nothing', () => {
  it('is rejected when WeChat Pay refuses it and knows of none, and its money is free', async () => {
    const orderNo = await refunds.paid();
    const refusal = { kind: 'error', status: 404, code: 'RESOURCE_NOT_EXISTS', effect: false } as const;
    await saga.gateway.fault({ on: 'refund', ...refusal, outTradeNo: orderNo });
    const queries = await saga.gateway.calls('refundQuery');
    const refundNo = await refunds.ask(orderNo, 1200);
    await refunds.ended(refundNo, 'rejected');
    expect(await saga.gateway.calls('refundQuery')).toBe(queries + 1);
    expect(await refunds.atWeChat(orderNo)).toEqual([]);
    await heard(orderNo, ['order.paid', 'refund.rejected']);
    await expectFree(orderNo);
    await heard(orderNo, ['order.paid', 'refund.rejected', 'refund.succeeded']);
  });

  it('is not rejected on a refusal of what WeChat Pay has taken', async () => {
    const orderNo = await refunds.paid();
    const refusal = { kind: 'error', status: 400, code: 'INVALID_REQUEST', effect: true } as const;
    await saga.gateway.fault({ on: 'refund', ...refusal, outTradeNo: orderNo });
    const refundNo = await refunds.ask(orderNo, 1200);
    await refunds.when(refundNo, ({ state }) => state === 'processing');
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await refunds.ended(refundNo, 'succeeded');
    expect(await refunds.atWeChat(orderNo)).toHaveLength(1);
  });

  it('is closed when WeChat Pay closes it, and its money is free', async () => {
    const { orderNo, refundNo } = await underWay();
    await saga.gateway.settle(refundNo, 'CLOSED');
    await refunds.ended(refundNo, 'closed');
    await heard(orderNo, ['order.paid', 'refund.closed']);
    await expectFree(orderNo);
  });
});

describe('an abnormal refund', () => {
  it('shows, tells the shop, and keeps its money', async () => {
    const { orderNo, refundNo } = await abnormal();
    const order = await saga.order(orderNo);
    expect(order).toMatchObject({ state: 'paid', stuckReason: 'refund_failed', refundingFen: 1200, refundedFen: 0 });
    expect(order.explain).toMatchObject({ waitingFor: 'refund_repaired', actor: 'operator' });
    await until('the reason in the list', async () => (await refunds.shown(refundNo)) === 'refund_failed');
    await heard(orderNo, ['order.paid', 'refund.abnormal']);
    const more = await refunds.post(orderNo, { refundNo: refunds.newNo(), amountFen: 1 });
    expect([more.status, more.body.code]).toEqual([422, 'refund_exceeds_paid']);
  });

  it('goes to the merchant card when an operator says so', async () => {
    const { orderNo, refundNo } = await abnormal();
    const answer = await refunds.decide(refundNo, 'abnormalRefund');
    expect([answer.status, answer.body]).toMatchObject([200, { refundNo, state: 'processing', offline: false }]);
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null, refundingFen: 1200 });
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await refunds.ended(refundNo, 'succeeded');
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null, refundingFen: 0, refundedFen: 1200 });
    expect(await refunds.atWeChat(orderNo)).toMatchObject([{ out_refund_no: refundNo, status: 'SUCCESS' }]);
    await until('no reason in the list', async () => (await refunds.shown(refundNo)) === undefined);
    await heard(orderNo, ['order.paid', 'refund.abnormal', 'refund.succeeded']);
  });

  it("goes to the payer's card, of which nothing but the bank is kept in the clear", async () => {
    const { orderNo, refundNo } = await abnormal();
    const card = { bankType: 'CMB_DEBIT', bankAccount: '6225760000000001', realName: '李雷' };
    await saga.gateway.fault({ on: 'abnormalRefund', kind: 'http500', outTradeNo: orderNo });
    const path = `/v1/refunds/${refundNo}/resolve?mchid=${saga.mchid}`;
    const asked = { action: 'abnormalRefund', card, reason: 'the payer sent it' };
    const answer = await saga.call('POST', path, asked, saga.operatorKey);
    expect([answer.status, answer.body]).toMatchObject([200, { state: 'processing' }]);
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await refunds.ended(refundNo, 'succeeded');
    expect(await saga.refund(refundNo)).toMatchObject({ channel: 'OTHER_BANKCARD', receivedAccount: '支付用户银行卡' });
    const history = JSON.stringify(await saga.refundWorkflow(refundNo).fetchHistory());
    const rows = await saga.services.connection.sql`
      select to_jsonb(a)::text as row from operator_actions a where out_refund_no = ${refundNo}`;
    const timeline = await saga.call('GET', `/v1/orders/${orderNo}/timeline`);
    expect(JSON.stringify(rows)).toContain('CMB_DEBIT');
    for (const text of [history, JSON.stringify(rows), JSON.stringify(timeline)]) {
      expect(text).not.toContain(card.bankAccount);
      expect(text).not.toContain(card.realName);
    }
  });

  it.each([
    ['a system error after the effect', { kind: 'error', status: 500, code: 'SYSTEM_ERROR', effect: true }],
    ['a 500', { kind: 'http500' }],
  ] as const)('goes there once when the call gets %s', async (_name, fault) => {
    const { orderNo, refundNo } = await abnormal();
    await saga.gateway.fault({ on: 'abnormalRefund', ...fault, outTradeNo: orderNo });
    const queries = await saga.gateway.calls('refundQuery');
    const answer = await refunds.decide(refundNo, 'abnormalRefund');
    expect([answer.status, answer.body]).toMatchObject([200, { state: 'processing' }]);
    // One confirms what the decision is based on, one comes before the repeat.
    expect(await saga.gateway.calls('refundQuery')).toBeGreaterThanOrEqual(queries + 2);
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await refunds.ended(refundNo, 'succeeded');
    expect(await refunds.atWeChat(orderNo)).toMatchObject([{ out_refund_no: refundNo, status: 'SUCCESS' }]);
    expect(await saga.order(orderNo)).toMatchObject({ refundedFen: 1200, refundingFen: 0 });
  });

  it('fails again on the card, and is shown again', async () => {
    const { orderNo, refundNo } = await abnormal();
    expect((await refunds.decide(refundNo, 'abnormalRefund')).body).toMatchObject({ state: 'processing' });
    await saga.gateway.settle(refundNo, 'ABNORMAL');
    await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'refund_failed');
    await heard(orderNo, ['order.paid', 'refund.abnormal', 'refund.abnormal']);
    expect((await refunds.decide(refundNo, 'abnormalRefund')).body).toMatchObject({ state: 'processing' });
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await refunds.ended(refundNo, 'succeeded');
  });

  it('may be refused by WeChat Pay, and stays for another decision', async () => {
    const { orderNo, refundNo } = await abnormal();
    const refusal = { kind: 'error', status: 400, code: 'PARAM_ERROR', effect: false } as const;
    await saga.gateway.fault({ on: 'abnormalRefund', ...refusal, outTradeNo: orderNo });
    const answer = await refunds.decide(refundNo, 'abnormalRefund');
    expect([answer.status, answer.body.code]).toEqual([422, 'abnormal_refund_refused']);
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: 'refund_failed', refundingFen: 1200 });
    expect((await refunds.decide(refundNo, 'abnormalRefund')).status).toBe(200);
  });

  it('ends as paid offline when an operator says so, and its money is not refunded twice', async () => {
    const { orderNo, refundNo } = await abnormal();
    const answer = await refunds.decide(refundNo, 'paidOffline');
    expect([answer.status, answer.body]).toMatchObject([200, { refundNo, state: 'succeeded', offline: true }]);
    await saga.refundWorkflow(refundNo).result();
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null, refundedFen: 1200, refundingFen: 0 });
    expect(await refunds.atWeChat(orderNo)).toMatchObject([{ out_refund_no: refundNo, status: 'ABNORMAL' }]);
    const more = await refunds.post(orderNo, { refundNo: refunds.newNo(), amountFen: 1 });
    expect([more.status, more.body.code]).toEqual([422, 'refund_exceeds_paid']);
    await heard(orderNo, ['order.paid', 'refund.abnormal', 'refund.succeeded']);
  });

  it.each(['paidOffline', 'abnormalRefund'] as const)(
    '%s is not done when WeChat Pay has refunded it meanwhile',
    async (action) => {
      const { orderNo, refundNo } = await abnormal();
      await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
      await saga.gateway.settle(refundNo, 'SUCCESS');
      const answer = await refunds.decide(refundNo, action);
      expect([answer.status, answer.body.code]).toEqual([409, 'resolve_unconfirmed']);
      expect(await refunds.ended(refundNo, 'succeeded')).toMatchObject({ offline: false });
      expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null, refundedFen: 1200 });
    },
  );
});

describe("PaySaga's own refund that came to nothing", () => {
  it('shows until it is issued again under the next number', async () => {
    const { orderNo, refundNo } = await closedReturn();
    expect(await saga.order(orderNo)).toMatchObject({ state: 'closed', stuckReason: 'refund_failed', returnedFen: 0 });
    await refunds.aMinuteLater(orderNo);
    const answer = await refunds.decide(refundNo, 'reissue');
    const successor = `${refundNo}*2`;
    const terms = { refundNo: successor, amountFen: 1200, cause: 'late_payment' };
    expect([answer.status, answer.body]).toMatchObject([200, terms]);
    await refunds.when(successor, ({ state }) => state === 'processing');
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null });
    await saga.gateway.settle(successor, 'SUCCESS');
    await refunds.ended(successor, 'succeeded');
    expect(await saga.order(orderNo)).toMatchObject({ state: 'closed', stuckReason: null, returnedFen: 1200 });
    expect(await refunds.atWeChat(orderNo)).toMatchObject([
      { out_refund_no: refundNo, status: 'CLOSED' },
      { out_refund_no: successor, refund: 1200, status: 'SUCCESS' },
    ]);
    await heard(orderNo, ['order.closed', 'refund.closed', 'refund.succeeded']);
  });

  it('has one successor, however often and by how many it is asked, and that one its own', async () => {
    const { orderNo, refundNo } = await closedReturn();
    await refunds.aMinuteLater(orderNo);
    const answers = await Promise.all(Array.from({ length: 5 }, () => refunds.decide(refundNo, 'reissue')));
    for (const { status, body } of answers) expect([status, body.refundNo]).toEqual([200, `${refundNo}*2`]);
    const again = await refunds.decide(refundNo, 'reissue');
    expect([again.status, again.body.refundNo]).toEqual([200, `${refundNo}*2`]);
    await refunds.when(`${refundNo}*2`, ({ state }) => state === 'processing');
    await saga.gateway.settle(`${refundNo}*2`, 'CLOSED');
    await refunds.ended(`${refundNo}*2`, 'closed');
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: 'refund_failed' });
    await refunds.aMinuteLater(orderNo);
    const third = await refunds.decide(`${refundNo}*2`, 'reissue');
    expect([third.status, third.body.refundNo]).toEqual([200, `${refundNo}*3`]);
    await refunds.when(`${refundNo}*3`, ({ state }) => state === 'processing');
    await saga.gateway.settle(`${refundNo}*3`, 'SUCCESS');
    await refunds.ended(`${refundNo}*3`, 'succeeded');
    expect(await refunds.atWeChat(orderNo)).toHaveLength(3);
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null, returnedFen: 1200 });
  });

  it('that was refused is issued again as well', async () => {
    const { orderNo } = await saga.createOrder();
    await saga.call('POST', `/v1/orders/${orderNo}/close`);
    const refusal = { kind: 'error', status: 400, code: 'PARAM_ERROR', effect: false } as const;
    await saga.gateway.fault({ on: 'refund', ...refusal, outTradeNo: orderNo });
    await saga.gateway.pay(orderNo, { force: true });
    await refunds.ended(returnNo(orderNo), 'rejected');
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: 'refund_failed', returnedFen: 0 });
    await refunds.aMinuteLater(orderNo);
    const answer = await refunds.decide(returnNo(orderNo), 'reissue');
    expect([answer.status, answer.body.refundNo]).toEqual([200, `${returnNo(orderNo)}*2`]);
    await refunds.when(`${returnNo(orderNo)}*2`, ({ state }) => state === 'processing');
    await saga.gateway.settle(`${returnNo(orderNo)}*2`, 'SUCCESS');
    await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 1200);
    expect(await refunds.atWeChat(orderNo)).toHaveLength(1);
  });

  it.each(['TRADE_OVERDUE', 'USER_ACCOUNT_ABNORMAL'])(
    'and refused with %s ends as paid offline when an operator says so: nothing goes out again',
    async (code) => {
      const { orderNo } = await saga.createOrder();
      await saga.call('POST', `/v1/orders/${orderNo}/close`);
      const refusal = { kind: 'error', status: 403, code, effect: false } as const;
      await saga.gateway.fault({ on: 'refund', ...refusal, outTradeNo: orderNo });
      await saga.gateway.pay(orderNo, { force: true });
      const refundNo = returnNo(orderNo);
      await refunds.ended(refundNo, 'rejected');
      const { explain } = await saga.order(orderNo);
      expect(explain.commands[0]).toContain(`refund resolve '${refundNo}' paidOffline`);
      const answers = await Promise.all(Array.from({ length: 3 }, () => refunds.decide(refundNo, 'paidOffline')));
      const successor = `${refundNo}*2`;
      const paid = { refundNo: successor, amountFen: 1200, state: 'succeeded', offline: true, cause: 'late_payment' };
      for (const answer of answers) expect([answer.status, answer.body]).toMatchObject([200, paid]);
      await saga.refundWorkflow(successor).result();
      await heard(orderNo, ['order.closed', 'refund.rejected', 'refund.succeeded']);
      expect(await saga.order(orderNo)).toMatchObject({
        ...{ state: 'closed', stuckReason: null, returnedFen: 1200 },
        explain: { waitingFor: 'nothing' },
      });
      const again = await refunds.decide(refundNo, 'reissue');
      expect([again.status, again.body.code]).toEqual([409, 'reissue_not_allowed']);
      expect(await refunds.atWeChat(orderNo)).toEqual([]);
    },
  );

  it('is not issued again while WeChat Pay does not confirm how it ended', async () => {
    const { orderNo, refundNo } = await closedReturn();
    await refunds.aMinuteLater(orderNo);
    await saga.gateway.fault({ on: 'refundQuery', kind: 'stale', outTradeNo: orderNo });
    const answer = await refunds.decide(refundNo, 'reissue');
    expect([answer.status, answer.body.code]).toEqual([409, 'resolve_unconfirmed']);
    expect(await refunds.atWeChat(orderNo)).toHaveLength(1);
    expect((await refunds.decide(refundNo, 'reissue')).status).toBe(200);
  });
});

describe('nothing to decide', () => {
  it("a shop's own number is not issued again", async () => {
    const { refundNo } = await underWay();
    await saga.gateway.settle(refundNo, 'CLOSED');
    await refunds.ended(refundNo, 'closed');
    const answer = await refunds.decide(refundNo, 'reissue');
    expect([answer.status, answer.body.code]).toEqual([409, 'reissue_not_allowed']);
  });

  it.each(['abnormalRefund', 'paidOffline'] as const)('%s of a refund that needs nobody is refused', async (action) => {
    const { refundNo } = await underWay();
    const before = await refunds.decide(refundNo, action);
    expect([before.status, before.body.code]).toEqual([409, 'resolve_not_applicable']);
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await refunds.ended(refundNo, 'succeeded');
    const after = await refunds.decide(refundNo, action);
    expect([after.status, after.body.code]).toEqual([409, 'resolve_not_applicable']);
  });

  it('a shop may not decide at all', async () => {
    const { refundNo } = await abnormal();
    const answer = await refunds.decide(refundNo, 'paidOffline', saga.apiKey);
    expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    expect(await saga.refund(refundNo)).toMatchObject({ state: 'abnormal' });
  });
});
