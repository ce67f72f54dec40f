import { describe, expect, it } from 'vitest';
import { refunding } from '../support/refunds.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });
const refunds = refunding(saga);

const recheck = (orderNo: string) =>
  saga.call('POST', `/v1/orders/${orderNo}/recheck?mchid=${saga.mchid}`, { reason: 'a test' }, saga.operatorKey);

describe('a paid order', () => {
  it('goes back in parts, each a refund of its own at WeChat Pay, until nothing is left', async () => {
    const orderNo = await refunds.paid();
    const made: string[] = [];
    let refundedFen = 0;
    for (const amountFen of [300, 400, 500]) {
      if (made.length > 0) await refunds.aMinuteLater(orderNo);
      const refundNo = await refunds.ask(orderNo, amountFen);
      made.push(refundNo);
      refundedFen += amountFen;
      expect(await refunds.ended(refundNo, 'succeeded')).toMatchObject({ amountFen, offline: false });
      const order = await saga.order(orderNo);
      expect(order).toMatchObject({ state: 'paid', paidFen: 1200, refundedFen, refundingFen: 0, stuckReason: null });
      expect(order.explain.waitingFor).toBe('nothing');
    }
    const tooMuch = await refunds.post(orderNo, { refundNo: refunds.newNo(), amountFen: 1 });
    expect([tooMuch.status, tooMuch.body.code]).toEqual([422, 'refund_exceeds_paid']);
    expect(await refunds.atWeChat(orderNo)).toMatchObject([
      { out_refund_no: made[0], refund: 300, status: 'SUCCESS' },
      { out_refund_no: made[1], refund: 400, status: 'SUCCESS' },
      { out_refund_no: made[2], refund: 500, status: 'SUCCESS' },
    ]);
    const events = shop.of(orderNo).filter(({ type }) => type === 'refund.succeeded');
    expect(events.map(({ refund }) => refund?.refundNo)).toEqual(made);
    expect(events.map(({ order }) => order.refundedFen)).toEqual([300, 700, 1200]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    expect(events.every(({ verified }) => verified)).toBe(true);
  });

  it('goes back in full, and stays paid', async () => {
    const orderNo = await refunds.paid();
    const refundNo = await refunds.ask(orderNo, 1200);
    await refunds.ended(refundNo, 'succeeded');
    const order = await saga.order(orderNo);
    expect(order).toMatchObject({ state: 'paid', refundedFen: 1200, refundingFen: 0, returnedFen: 0 });
    expect(order.refunds).toMatchObject([{ refundNo, outTradeNo: orderNo, amountFen: 1200, state: 'succeeded' }]);
    expect(await refunds.atWeChat(orderNo)).toMatchObject([{ out_refund_no: refundNo, status: 'SUCCESS' }]);
  });

  it('is still paid when WeChat Pay, asked again, calls a partly refunded trade REFUND', async () => {
    const orderNo = await refunds.paid();
    await refunds.ended(await refunds.ask(orderNo, 500), 'succeeded');
    expect(await saga.gateway.trade(orderNo)).toMatchObject({ trade_state: 'REFUND' });
    const before = await saga.order(orderNo);
    const asked = await saga.gateway.calls('query');
    expect((await recheck(orderNo)).status).toBeLessThan(300);
    await until('the query', async () => (await saga.gateway.calls('query')) > asked);
    await saga.workflow(orderNo).result();
    const after = await saga.order(orderNo);
    expect(after).toMatchObject({ state: 'paid', refundedFen: 500, reviewReason: null, stuckReason: null });
    expect(after.version).toBe(before.version);
    expect(shop.of(orderNo).map(({ type }) => type)).toEqual(['order.paid', 'refund.succeeded']);
  });
});

describe('asked many times at once', () => {
  it('a hundred equal calls are one refund, and another body is a conflict', async () => {
    const orderNo = await refunds.paid();
    const body = { refundNo: refunds.newNo(), amountFen: 700, reason: 'damaged' };
    const answers = await Promise.all(Array.from({ length: 100 }, () => refunds.post(orderNo, body)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array.from({ length: 99 }, () => 200), 201]);
    await refunds.ended(body.refundNo, 'succeeded');
    expect(await refunds.atWeChat(orderNo)).toMatchObject([{ out_refund_no: body.refundNo, refund: 700 }]);
    expect(await saga.order(orderNo)).toMatchObject({ refundedFen: 700, refundingFen: 0 });
    const repeat = await refunds.post(orderNo, body);
    expect([repeat.status, repeat.body.state]).toEqual([200, 'succeeded']);
    const other = await refunds.post(orderNo, { ...body, amountFen: 100 });
    expect([other.status, other.body.code]).toEqual([409, 'refund_conflict']);
    const elsewhere = await refunds.post(await refunds.paid(), body);
    expect([elsewhere.status, elsewhere.body.code]).toEqual([409, 'refund_conflict']);
    expect(await refunds.atWeChat(orderNo)).toHaveLength(1);
  });

  it('refunds of more than was paid never hold more than was paid', async () => {
    const orderNo = await refunds.paid();
    const ask = () => refunds.post(orderNo, { refundNo: refunds.newNo(), amountFen: 500 });
    const answers = await Promise.all(Array.from({ length: 10 }, ask));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      Array.from({ length: 8 }, () => [422, 'refund_exceeds_paid']),
    );
    const order = await saga.order(orderNo);
    expect(order.refundingFen + order.refundedFen).toBe(1000);
  });
});
