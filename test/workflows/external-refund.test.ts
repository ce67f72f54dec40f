import { afterEach, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const shop = useShopEndpoint();
const saga = useSaga(() => ({ endpoint: shop, activityNow: () => new Date(Date.now() + laterMs) }));
let laterMs = 0;
afterEach(() => saga.gateway.repair());

async function paidOrder(policy: Record<string, unknown> = {}): Promise<OrderNo> {
  const { orderNo } = await saga.createOrder({ policy });
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  return orderNo;
}

const FULFILS = { fulfilment: { required: true, deadlineSeconds: 3_600 } };

/** Somebody gives money back in the merchant platform; then WeChat Pay would take the next refund a minute later. */
async function refundOutside(orderNo: OrderNo, refundFen: number, notify: 'v3' | null, outRefundNo?: string) {
  const body = { outTradeNo: orderNo, refundFen, notify, ...(outRefundNo === undefined ? {} : { outRefundNo }) };
  const made = await saga.control('POST', `/refunds?mchid=${saga.mchid}`, body);
  await saga.gateway.advance(61);
  return (made as { out_refund_no: string }).out_refund_no;
}

const reject = (orderNo: OrderNo) => saga.call('POST', `/v1/orders/${orderNo}/fulfilment`, { outcome: 'rejected' });
const recheck = (orderNo: OrderNo) =>
  saga.call('POST', `/v1/orders/${orderNo}/recheck?mchid=${saga.mchid}`, { reason: 'test' }, saga.operatorKey);
const enter = (orderNo: OrderNo, outRefundNo: string) =>
  saga.call(
    'POST',
    `/v1/orders/${orderNo}/external-refunds?mchid=${saga.mchid}`,
    { outRefundNo, reason: 'seen in the merchant platform' },
    saga.operatorKey,
  );

const decide = (orderNo: OrderNo, action: 'accept' | 'return' | 'close') =>
  saga.call('POST', `/v1/orders/${orderNo}/resolve?mchid=${saga.mchid}`, { action, reason: 'test' }, saga.operatorKey);

/** What the card tells an operator to do, without the words that every command has. */
const acts = ({ explain }: { explain: { commands: readonly string[] } }, orderNo: OrderNo) =>
  explain.commands.flatMap(
    (it) => new RegExp(`^paysaga (.*?) *'?${orderNo}\\S* *(\\w*)`).exec(it)?.slice(1).join(' ').trim() ?? [],
  );

describe('a refund that somebody else made', () => {
  it('is known by its notify, counts, and the shop hears of it', async () => {
    const orderNo = await paidOrder();
    const outRefundNo = await refundOutside(orderNo, 900, 'v3', `mp|${orderNo}@1`);
    const order = await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 900);
    expect(order).toMatchObject({ state: 'paid', stuckReason: null, refundingFen: 0 });
    expect(order.refunds).toMatchObject([
      { refundNo: outRefundNo, cause: 'external', amountFen: 900, state: 'succeeded' },
    ]);
    await until('its event', () => shop.of(orderNo).some(({ type }) => type === 'refund.succeeded'));
    const tooMuch = await saga.call('POST', `/v1/orders/${orderNo}/refunds`, {
      refundNo: `R-${orderNo}`,
      amountFen: 301,
    });
    expect([tooMuch.status, tooMuch.body.code]).toEqual([422, 'refund_exceeds_paid']);
    await saga.refundWorkflow(outRefundNo).result();
  });

  it('leaves PaySaga only the rest to return: of 1200, 900 went back elsewhere, exactly 300 follow', async () => {
    const orderNo = await paidOrder(FULFILS);
    await refundOutside(orderNo, 900, 'v3');
    await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 900);
    await reject(orderNo);
    const order = await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 1200);
    expect(order).toMatchObject({ fulfilment: 'rejected', stuckReason: null, refundingFen: 0 });
    expect((await saga.gateway.refunds(orderNo)).map(({ refund }) => refund).toSorted()).toEqual([300, 900]);
    await saga.workflow(orderNo).result();
  });

  it('of all the money leaves nothing to return, and the order ends', async () => {
    const orderNo = await paidOrder(FULFILS);
    await refundOutside(orderNo, 1200, 'v3');
    await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 1200);
    await reject(orderNo);
    await saga.workflow(orderNo).result();
    expect(await saga.order(orderNo)).toMatchObject({ fulfilment: 'rejected', stuckReason: null, refundedFen: 1200 });
    expect(await saga.gateway.refunds(orderNo)).toHaveLength(1);
  });

  it('that nothing explains shows on the paid order until it is known', async () => {
    const orderNo = await paidOrder();
    const outRefundNo = await refundOutside(orderNo, 900, null);
    await recheck(orderNo);
    const stuck = await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason !== null);
    expect(stuck).toMatchObject({ state: 'paid', reviewReason: null, stuckReason: 'refunded_elsewhere' });
    const { status, body } = await enter(orderNo, outRefundNo);
    expect([status, body]).toMatchObject([201, { refundNo: outRefundNo, cause: 'external', amountFen: 900 }]);
    expect(await saga.orderWhen(orderNo, (it) => it.stuckReason === null)).toMatchObject({ refundedFen: 900 });
    expect((await enter(orderNo, outRefundNo)).status).toBe(200);
    await recheck(orderNo);
    await saga.workflow(orderNo).result();
    expect(await saga.order(orderNo)).toMatchObject({ state: 'paid', stuckReason: null });
  });

  it('which PaySaga learns of after its own was refused makes the next number over the rest by itself', async () => {
    const orderNo = await paidOrder(FULFILS);
    const outRefundNo = await refundOutside(orderNo, 900, null);
    await reject(orderNo);
    const stuck = await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'refund_failed');
    expect(stuck.refunds).toMatchObject([{ amountFen: 1200, state: 'rejected' }]);
    laterMs += 61_000;
    expect((await enter(orderNo, outRefundNo)).status).toBe(201);
    const order = await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 1200);
    expect(order).toMatchObject({ stuckReason: null, refundingFen: 0 });
    expect(order.refunds).toMatchObject([
      { refundNo: `${orderNo}@return`, state: 'rejected' },
      { refundNo: outRefundNo, cause: 'external', amountFen: 900 },
      { refundNo: `${orderNo}@return*2`, cause: 'fulfilment_rejected', amountFen: 300, state: 'succeeded' },
    ]);
  });

  it("because of which PaySaga's own is refused is asked for, however often that is issued again", async () => {
    const orderNo = await paidOrder(FULFILS);
    const outRefundNo = await refundOutside(orderNo, 900, null);
    await recheck(orderNo);
    await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'refunded_elsewhere');
    await reject(orderNo);
    await saga.orderWhen(orderNo, ({ refunds }) => refunds.some(({ state }) => state === 'rejected'));
    const reissue = { action: 'reissue', reason: 'test' };
    const own = encodeURIComponent(`${orderNo}@return`);
    laterMs += 61_000;
    const again = await saga.call('POST', `/v1/refunds/${own}/resolve?mchid=${saga.mchid}`, reissue, saga.operatorKey);
    expect(again.status).toBe(200);
    const isRefusedAgain = ({ refunds }: { refunds: readonly { state: string }[] }) =>
      refunds.filter(({ state }) => state === 'rejected').length === 2;
    const stuck = await saga.orderWhen(orderNo, isRefusedAgain);
    expect(acts(stuck, orderNo)[0]).toBe('refund external');
    laterMs += 61_000;
    expect((await enter(orderNo, outRefundNo)).status).toBe(201);
    const order = await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 1200);
    expect(order).toMatchObject({ stuckReason: null, refundingFen: 0 });
    expect((await saga.gateway.refunds(orderNo)).map(({ refund }) => refund).toSorted()).toEqual([300, 900]);
  });

  it.each([
    ['of another order', async () => refundOutside(await paidOrder(), 100, null), 409, 'refund_of_another_order'],
    ['that WeChat Pay does not know', () => Promise.resolve('no|such*refund@1'), 404, 'refund_not_at_wechat'],
  ])('%s is refused when a person enters it', async (_name, made, status, code) => {
    const orderNo = await paidOrder();
    const answer = await enter(orderNo, await made());
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect((await saga.order(orderNo)).refunds).toEqual([]);
  });

  it('of late money leaves less to return', async () => {
    const { orderNo } = await saga.createOrder({ policy: { latePayment: 'review' } });
    await saga.call('POST', `/v1/orders/${orderNo}/close`);
    await saga.gateway.pay(orderNo, { force: true });
    await saga.orderWhen(orderNo, ({ state }) => state === 'review');
    await refundOutside(orderNo, 500, 'v3');
    await saga.orderWhen(orderNo, ({ refunds }) => refunds.some(({ state }) => state === 'succeeded'));
    const resolve = { action: 'return', reason: 'test' };
    await saga.call('POST', `/v1/orders/${orderNo}/resolve?mchid=${saga.mchid}`, resolve, saga.operatorKey);
    const order = await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 1200);
    expect(order).toMatchObject({ state: 'closed', closedReason: 'returned', stuckReason: null });
    expect((await saga.gateway.refunds(orderNo)).map(({ refund }) => refund).toSorted()).toEqual([500, 700]);
  });
});

describe('money that somebody gave back before PaySaga ever saw it', () => {
  /** WeChat Pay says REFUND to the first query that would have shown the payment. */
  async function inReview(refundFen: number): Promise<{ orderNo: OrderNo; outRefundNo: string }> {
    const { orderNo } = await saga.createOrder({ policy: FULFILS });
    await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
    await saga.gateway.pay(orderNo);
    const outRefundNo = await refundOutside(orderNo, refundFen, null);
    await recheck(orderNo);
    await saga.orderWhen(orderNo, ({ state }) => state === 'review');
    return { orderNo, outRefundNo };
  }

  it('is entered first, and then the rest of it can be accepted', async () => {
    const { orderNo, outRefundNo } = await inReview(900);
    const review = await saga.order(orderNo);
    expect(review).toMatchObject({ reviewReason: 'refunded_elsewhere', stuckReason: 'review', paidFen: 0 });
    expect(acts(review, orderNo)).toEqual(['refund external', 'recheck', 'resolve close', 'show']);
    expect(review.explain.text.en).toContain('this trade of ¥12.00');
    for (const action of ['accept', 'return'] as const) {
      const refused = await decide(orderNo, action);
      expect([refused.status, refused.body.code]).toEqual([409, 'resolve_unconfirmed']);
    }
    expect((await enter(orderNo, outRefundNo)).status).toBe(201);
    const known = await saga.order(orderNo);
    expect(acts(known, orderNo)).toEqual(['refund external', 'recheck', 'resolve accept', 'resolve return', 'show']);
    expect(known.explain.text.en).toContain('¥9.00 is known to have gone back, which leaves ¥3.00');
    const held = await decide(orderNo, 'close');
    expect([held.status, held.body.code]).toEqual([409, 'money_held']);
    const { status, body } = await decide(orderNo, 'accept');
    expect([status, body]).toMatchObject([200, { state: 'paid', paidFen: 1200, refundedFen: 900, stuckReason: null }]);
    laterMs += 61_000;
    await reject(orderNo);
    await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 1200);
    expect((await saga.gateway.refunds(orderNo)).map(({ refund }) => refund).toSorted()).toEqual([300, 900]);
  });

  it('is entered first, and then the rest of it can go back', async () => {
    const { orderNo, outRefundNo } = await inReview(900);
    await enter(orderNo, outRefundNo);
    laterMs += 61_000;
    expect((await decide(orderNo, 'return')).status).toBe(200);
    const order = await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 1200);
    expect(order).toMatchObject({ state: 'closed', closedReason: 'returned', stuckReason: null });
    expect((await saga.gateway.refunds(orderNo)).map(({ refund }) => refund).toSorted()).toEqual([300, 900]);
  });

  it('is called returned only once all of it is known to be', async () => {
    const { orderNo, outRefundNo } = await inReview(1200);
    await enter(orderNo, outRefundNo);
    const known = await saga.order(orderNo);
    expect(acts(known, orderNo)).toEqual(['recheck', 'resolve return', 'resolve close', 'show']);
    const accepted = await decide(orderNo, 'accept');
    expect([accepted.status, accepted.body.code]).toEqual([409, 'resolve_unconfirmed']);
    expect((await decide(orderNo, 'close')).body).toMatchObject({ state: 'closed', closedReason: 'returned' });
    await saga.workflow(orderNo).result();
    expect(await saga.gateway.refunds(orderNo)).toHaveLength(1);
  });

  it('may be left behind by a person, and then nothing says that it was returned', async () => {
    const { orderNo } = await inReview(900);
    expect((await decide(orderNo, 'close')).body).toMatchObject({ state: 'closed', closedReason: 'cancelled' });
    await saga.workflow(orderNo).result();
    const { explain } = await saga.order(orderNo);
    expect(explain.text.en).toContain('¥12.00 of that is not known to have gone back');
    expect(await saga.gateway.refunds(orderNo)).toHaveLength(1);
  });
});
