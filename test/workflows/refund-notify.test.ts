import { afterEach, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { call, merchantOf, type Reply } from '../sandbox/support/client.js';
import { refunding } from '../support/refunds.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });
const refunds = refunding(saga);
afterEach(() => saga.gateway.repair());

const heard = (orderNo: string): string[] => shop.of(orderNo).map(({ type }) => type);

async function expectRefundedOnce(orderNo: OrderNo, refundNo: string): Promise<void> {
  await refunds.ended(refundNo, 'succeeded');
  expect(await refunds.atWeChat(orderNo)).toMatchObject([{ out_refund_no: refundNo, refund: 500, status: 'SUCCESS' }]);
  expect(await refunds.atWeChat(orderNo)).toHaveLength(1);
  expect(await saga.order(orderNo)).toMatchObject({ refundedFen: 500, refundingFen: 0, stuckReason: null });
  expect(heard(orderNo)).toEqual(['order.paid', 'refund.succeeded']);
}

/** Deliveries of the refund's notify; the first of all was the payment's. */
const refundNotifies = async (orderNo: string) => (await saga.gateway.notifies(orderNo)).slice(1);

describe('a refund whose notify', () => {
  it('comes twice is refunded once', async () => {
    const orderNo = await refunds.paid();
    await saga.gateway.fault({ on: 'notify', kind: 'duplicate', outTradeNo: orderNo });
    const refundNo = await refunds.ask(orderNo, 500);
    await until('both', async () => (await refundNotifies(orderNo)).length === 2);
    await expectRefundedOnce(orderNo, refundNo);
  });

  it('comes late is refunded once', async () => {
    const orderNo = await refunds.paid();
    await saga.gateway.fault({ on: 'notify', kind: 'delay', ms: 3_000, outTradeNo: orderNo });
    await expectRefundedOnce(orderNo, await refunds.ask(orderNo, 500));
  });

  it('comes before its apply was answered is refunded once', async () => {
    const orderNo = await refunds.paid();
    await saga.gateway.refundDelay(0);
    await saga.gateway.fault({ on: 'refund', kind: 'slow', ms: 8_000, outTradeNo: orderNo });
    const applies = await saga.gateway.calls('refund');
    const refundNo = await refunds.ask(orderNo, 500);
    await expectRefundedOnce(orderNo, refundNo);
    expect(await saga.gateway.calls('refund')).toBe(applies + 1);
    await saga.gateway.refundDelay(1_000);
  });

  it.each([
    ['is not signed by WeChat Pay', 'badSignature'],
    ['is a probe with a wrong signature', 'signTest'],
    ['is encrypted for somebody else', 'wrongKey'],
  ] as const)('%s is refused, and believed when it comes as it should', async (_name, kind) => {
    const orderNo = await refunds.paid();
    await saga.gateway.fault({ on: 'notify', kind, outTradeNo: orderNo });
    const refundNo = await refunds.ask(orderNo, 500);
    const [refused] = await until('the first', async () => {
      const seen = await refundNotifies(orderNo);
      return seen.some(({ status }) => status !== null) && seen;
    });
    expect(refused?.status).toBe(401);
    expect(await saga.refund(refundNo)).toMatchObject({ state: 'processing' });
    // WeChat Pay repeats what was refused, after 15 s the first time.
    await saga.gateway.advance(20);
    await expectRefundedOnce(orderNo, refundNo);
    expect((await refundNotifies(orderNo)).map(({ status }) => status)).toEqual([401, 204]);
  });

  it('is a forgery changes nothing', async () => {
    const orderNo = await refunds.paid();
    await saga.gateway.refundDelay(3_600_000);
    const refundNo = await refunds.ask(orderNo, 500);
    await refunds.when(refundNo, ({ state }) => state === 'processing');
    const queries = await saga.gateway.calls('refundQuery');
    const forged = await fetch(`${saga.apiUrl}/notify/wechatpay/v3/${saga.mchid}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'Wechatpay-Timestamp': String(Math.floor(Date.now() / 1_000)),
        'Wechatpay-Nonce': 'nonce',
        'Wechatpay-Serial': (await merchantOf(saga.sandbox)).publicKeyId,
        'Wechatpay-Signature': Buffer.from('a forgery').toString('base64'),
      },
      body: JSON.stringify({ id: 'forged', event_type: 'REFUND.SUCCESS', resource: {} }),
    });
    expect([forged.status, await forged.json()]).toMatchObject([401, { code: 'FAIL' }]);
    expect(await saga.refund(refundNo)).toMatchObject({ state: 'processing' });
    expect(await saga.gateway.calls('refundQuery')).toBe(queries);
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await saga.gateway.refundDelay(1_000);
    await expectRefundedOnce(orderNo, refundNo);
  });
});

describe('money that went back without PaySaga', () => {
  /** As a colleague does on WeChat Pay's merchant platform, with the merchant's own keys. */
  async function refundElsewhere(orderNo: string, refundNo: string, refundFen: number): Promise<Reply> {
    const body = {
      out_trade_no: orderNo,
      out_refund_no: refundNo,
      notify_url: `${saga.apiUrl}/notify/wechatpay/v3/${saga.mchid}`,
      amount: { refund: refundFen, total: 1200, currency: 'CNY' },
    };
    return call(saga.sandbox, await merchantOf(saga.sandbox), 'POST', '/v3/refund/domestic/refunds', body);
  }

  it('becomes a refund of the order that somebody else made', async () => {
    const orderNo = await refunds.paid();
    const refundNo = refunds.newNo();
    expect((await refundElsewhere(orderNo, refundNo, 500)).status).toBe(200);
    const order = await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 500);
    expect(order).toMatchObject({ state: 'paid', stuckReason: null, refunds: [{ refundNo, cause: 'external' }] });
    await saga.workflow(orderNo).result();
  });

  it('under a number that the shop uses once more is for a person to compare', async () => {
    const orderNo = await refunds.paid();
    const refundNo = refunds.newNo();
    await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
    expect((await refundElsewhere(orderNo, refundNo, 300)).status).toBe(200);
    const { status } = await refunds.post(orderNo, { refundNo, amountFen: 500 });
    expect(status).toBe(201);
    const order = await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason !== null);
    expect(order).toMatchObject({ stuckReason: 'refund_failed', refundedFen: 0, refundingFen: 500 });
    expect(await refunds.atWeChat(orderNo)).toMatchObject([{ out_refund_no: refundNo, refund: 300 }]);
    await until('the reason in the list', async () => (await refunds.shown(refundNo)) === 'refund_failed');
  });
});
