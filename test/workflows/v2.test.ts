import { describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { daysAfter } from '../../src/reconciliation/rules/day.js';
import { billClock, billDay, nextNoon, NOON_MS, READY_MS, runBillDay } from '../support/bill-day.js';
import { costOf } from '../support/history.js';
import { useSaga, type Shop } from '../support/saga.js';
import { until } from '../support/until.js';

const clock = billClock();
const saga = useSaga({ merchants: 3, protocol: 'v2', activityNow: clock.now });
const shopOf = (n: number): Shop => {
  const shop = saga.shops[n];
  if (shop === undefined) throw new Error('a merchant');
  return shop;
};
/** The first one is of API v3. */
const v2 = (): Shop => shopOf(1);
const created = async (fields = {}, shop = v2()) => (await saga.createOrder(fields, shop)).orderNo;
const stateOf = async (orderNo: OrderNo, shop = v2()) => (await saga.order(orderNo, shop)).state;
const paidOf = async (orderNo: OrderNo, shop = v2()) => {
  await until('the order to be paid', async () => (await stateOf(orderNo, shop)) === 'paid');
  return saga.order(orderNo, shop);
};

describe('an order of a merchant on API v2', () => {
  it('is paid by its notify, beside one of API v3, and costs as much', async () => {
    const [first] = saga.shops;
    if (first === undefined) throw new Error('a merchant');
    for (const shop of [v2(), first]) {
      const { status, body, orderNo } = await saga.createOrder({}, shop);
      expect([status, body.state]).toEqual([201, 'awaitingPayment']);
      expect(body.attempts[0]?.codeUrl).toMatch(/^weixin:/);
      await shop.gateway.pay(orderNo);
      const paid = await paidOf(orderNo, shop);
      expect(paid).toMatchObject({ paidFen: 1200, stuckReason: null });
      expect(paid.evidence.map(({ source }) => source)).toContain('notify');
      const workflow = saga.workflow(orderNo, shop);
      await workflow.result();
      expect(await costOf(workflow)).toEqual({ events: 18, transitions: 6, actions: 7 });
    }
  });

  it('is found by polling when its notify is lost', async () => {
    const orderNo = await created();
    await v2().gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
    await v2().gateway.pay(orderNo);
    const answer = await saga.call('POST', `/v1/orders/${orderNo}/sync`, undefined, v2().apiKey);
    expect([answer.status, answer.body.state]).toEqual([200, 'paid']);
  });

  it('is opened for the payer on every product', async () => {
    const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';
    const jsapi = await saga.createOrder({ product: 'jsapi', payer: { openid } }, v2());
    expect([jsapi.status, jsapi.body.attempts[0]?.state]).toEqual([201, 'open']);
    const h5 = await saga.createOrder({ product: 'h5', clientIp: '203.0.113.7' }, v2());
    expect([h5.status, h5.body.attempts[0]?.state]).toEqual([201, 'open']);
    const short = await saga.createOrder({ expiresInSeconds: 60 }, v2());
    expect([short.status, short.body.attempts[0]?.state]).toEqual([201, 'open']);
  });

  it('gives money back in parts, told by a refund notify that a query confirms', async () => {
    const orderNo = await created();
    await v2().gateway.pay(orderNo);
    await paidOf(orderNo);
    const refundNo = `R-${orderNo}`;
    const asked = { refundNo, amountFen: 500, reason: 'cold tea' };
    const answer = await saga.call('POST', `/v1/orders/${orderNo}/refunds`, asked, v2().apiKey);
    expect(answer.status).toBeLessThan(300);
    await until('the refund', async () => (await saga.refund(refundNo, v2())).state === 'succeeded');
    expect(await saga.order(orderNo, v2())).toMatchObject({ state: 'paid', refundedFen: 500 });
  });

  it('sees what was refunded in the merchant platform, told in v2, also of a merchant on API v3', async () => {
    for (const shop of [v2(), shopOf(0)]) {
      const orderNo = await created({}, shop);
      await shop.gateway.pay(orderNo);
      await paidOf(orderNo, shop);
      // Where the merchant platform sends it is set up there.
      const notifyUrl = `${saga.apiUrl}/notify/wechatpay/v2/${shop.mchid}/refund`;
      const outRefundNo = `C-${orderNo}`;
      const outside = { outTradeNo: orderNo, refundFen: 300, outRefundNo, notify: 'v2', notifyUrl } as const;
      await shop.gateway.outsideRefund(outside);
      await until('the external refund', async () => (await saga.order(orderNo, shop)).refundedFen === 300);
      expect(await saga.refund(`C-${orderNo}`, shop)).toMatchObject({ cause: 'external', amountFen: 300 });
    }
  });

  it('is closed five minutes after its code, and says so until then; money that comes meanwhile counts', async () => {
    const orderNo = await created();
    const close = () => saga.briefly.call('POST', `/v1/orders/${orderNo}/close`, undefined, v2().apiKey);
    expect((await close()).status).toBe(202);
    const waiting = await until('the word', async () => {
      const order = await saga.order(orderNo, v2());
      return order.explain.text.en.includes('takes no close of an API v2 order in its first 5 minutes') && order;
    });
    expect(waiting).toMatchObject({ state: 'awaitingPayment', ending: 'cancelled', stuckReason: null });
    expect(await v2().gateway.calls('close')).toBe(0);
    await v2().gateway.pay(orderNo);
    await paidOf(orderNo);
  });

  it('cannot change its way of paying before that', async () => {
    const orderNo = await created();
    const h5 = { product: 'h5', clientIp: '203.0.113.7' };
    const answer = await saga.call('POST', `/v1/orders/${orderNo}/attempts`, h5, v2().apiKey);
    expect([answer.status, answer.body.code]).toEqual([409, 'close_too_early']);
    expect((await saga.order(orderNo, v2())).attempts).toHaveLength(1);
  });

  it('says which key is wrong when WeChat Pay refuses its signature', async () => {
    const orderNo = saga.newOrderNo();
    const refusal = { kind: 'error', status: 200, code: 'SIGNERROR', message: '签名错误', effect: false } as const;
    await v2().gateway.fault({ on: 'prepay', ...refusal, outTradeNo: orderNo, times: 0 });
    await saga.briefly.createOrder({ orderNo }, v2());
    await until('the trouble', async () => (await saga.order(orderNo, v2())).stuckReason === 'merchant_config');
    await v2().gateway.repair();
  });
});

describe("a merchant's day on API v2", () => {
  const { date } = nextNoon(new Date());

  it('is held against its bills, which are fetched over the XML endpoints', async () => {
    const shop = shopOf(2);
    await clock.moveTo(saga, date, NOON_MS);
    const orderNo = await created({ expiresInSeconds: 604_800 }, shop);
    await shop.gateway.pay(orderNo);
    await paidOf(orderNo, shop);
    await clock.moveTo(saga, daysAfter(date, 1), READY_MS);
    await runBillDay(saga, date, clock.now(), shop.mchid);
    const day = await billDay(saga, date, shop.mchid).ended();
    expect(day).toMatchObject({ state: 'balanced', failure: null, open: [] });
    expect(day.bills).toMatchObject([
      { kind: 'trade', state: 'imported', lines: 1 },
      { kind: 'fundflow', state: 'imported' },
    ]);
  });
});
