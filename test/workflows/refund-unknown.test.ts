import { beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../support/sandbox-control.js';
import { refunding, returnNo } from '../support/refunds.js';
import { type Shop, useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const SYSTEM_ERROR = { kind: 'error', status: 500, code: 'SYSTEM_ERROR' } as const;
const LIMITED = { kind: 'error', status: 429, code: 'FREQUENCY_LIMITED', effect: false } as const;

/** What the first apply gets, and how often WeChat Pay is asked to refund in all. */
const FAULTS = [
  ['a 500', { kind: 'http500' }, 2],
  ['no answer, and no effect', { kind: 'timeoutBefore' }, 2],
  ['no answer after the effect', { kind: 'timeoutAfter' }, 1],
  ['a system error after the effect', { ...SYSTEM_ERROR, effect: true }, 1],
  ['a system error without effect', { ...SYSTEM_ERROR, effect: false }, 2],
  ['a 429', LIMITED, 2],
  ['an answer that nobody signed', { kind: 'badSignature' }, 1],
] as const;

const endpoint = useShopEndpoint();
const saga = useSaga(() => ({ endpoint, merchants: FAULTS.length + 6 }));
const free: Shop[] = [];
beforeAll(() => {
  free.push(...saga.shops);
});

/** Each test has a merchant of its own, whose calls are counted apart. */
function ownShop(): Shop {
  const shop = free.pop();
  if (shop === undefined) throw new Error('more tests than merchants');
  return shop;
}

const heard = (orderNo: string): string[] => endpoint.of(orderNo).map(({ type }) => type);

describe.concurrent('an apply that gets', () => {
  it.each(FAULTS)('%s ends in one refund under its number', async (_name, fault, applies) => {
    const shop = ownShop();
    const refunds = refunding(saga, shop);
    const orderNo = await refunds.paid();
    await shop.gateway.fault({ on: 'refund', outTradeNo: orderNo, ...fault });
    const refundNo = await refunds.ask(orderNo, 500);
    await refunds.ended(refundNo, 'succeeded');
    expect(await refunds.atWeChat(orderNo)).toMatchObject([
      { out_refund_no: refundNo, refund: 500, status: 'SUCCESS' },
    ]);
    expect(await refunds.atWeChat(orderNo)).toHaveLength(1);
    expect(await shop.gateway.calls('refund')).toBe(applies);
    const order = await saga.order(orderNo, shop);
    expect(order).toMatchObject({ refundedFen: 500, refundingFen: 0, stuckReason: null });
    expect(heard(orderNo)).toEqual(['order.paid', 'refund.succeeded']);
  });
});

describe.concurrent('after an apply of unknown outcome', () => {
  it('nothing is sent again before a query has answered', async () => {
    const shop = ownShop();
    const refunds = refunding(saga, shop);
    const orderNo = await refunds.paid();
    await shop.gateway.fault(
      { on: 'refund', kind: 'http500', outTradeNo: orderNo },
      { on: 'refundQuery', kind: 'http500', times: 3 },
    );
    const refundNo = await refunds.ask(orderNo, 500);
    await until('three queries', async () => (await shop.gateway.calls('refundQuery')) >= 3);
    expect(await shop.gateway.calls('refund')).toBe(1);
    await refunds.ended(refundNo, 'succeeded');
    expect(await shop.gateway.calls('refund')).toBe(2);
    expect(await refunds.atWeChat(orderNo)).toHaveLength(1);
  });

  it('a query that does not see it yet leads to the same number again, and to no second refund', async () => {
    const shop = ownShop();
    const refunds = refunding(saga, shop);
    await shop.gateway.refundDelay(3_600_000);
    const orderNo = await refunds.paid();
    await shop.gateway.fault(
      { on: 'refund', ...SYSTEM_ERROR, effect: true, outTradeNo: orderNo },
      { on: 'refundQuery', kind: 'stale', outTradeNo: orderNo },
    );
    const refundNo = await refunds.ask(orderNo, 500);
    await refunds.when(refundNo, ({ state }) => state === 'processing');
    expect(await shop.gateway.calls('refund')).toBe(2);
    await shop.gateway.settle(refundNo, 'SUCCESS');
    await refunds.ended(refundNo, 'succeeded');
    expect(await refunds.atWeChat(orderNo)).toMatchObject([{ out_refund_no: refundNo, refund: 500 }]);
    expect(await refunds.atWeChat(orderNo)).toHaveLength(1);
  });

  it('a refusal counts only after two queries half a minute apart that show none', async () => {
    const shop = ownShop();
    const refunds = refunding(saga, shop);
    const orderNo = await refunds.paid();
    const refusal = { kind: 'error', status: 400, code: 'PARAM_ERROR', effect: false } as const;
    await shop.gateway.fault(
      { on: 'refund', kind: 'http500', outTradeNo: orderNo },
      { on: 'refund', ...refusal, outTradeNo: orderNo, times: 0 },
    );
    const refundNo = await refunds.ask(orderNo, 500);
    await until('the refusal', async () => (await shop.gateway.calls('refund')) >= 2);
    const refusedAtMs = Date.now();
    await refunds.ended(refundNo, 'rejected');
    expect(Date.now() - refusedAtMs).toBeGreaterThan(25_000);
    // One before the repeat, two after the refusal.
    expect(await shop.gateway.calls('refundQuery')).toBe(3);
    expect(await refunds.atWeChat(orderNo)).toEqual([]);
    expect(await saga.order(orderNo, shop)).toMatchObject({ refundedFen: 0, refundingFen: 0, stuckReason: null });
    expect(heard(orderNo)).toEqual(['order.paid', 'refund.rejected']);
  });

  it("PaySaga's own refund of late money goes back once as well", async () => {
    const shop = ownShop();
    const refunds = refunding(saga, shop);
    const { orderNo } = await saga.createOrder({}, shop);
    await saga.call('POST', `/v1/orders/${orderNo}/close`, undefined, shop.apiKey);
    const lost: Fault = { on: 'refund', ...SYSTEM_ERROR, effect: true, outTradeNo: orderNo };
    await shop.gateway.fault(lost, { on: 'refundQuery', kind: 'http500', outTradeNo: orderNo });
    await shop.gateway.pay(orderNo, { force: true });
    await refunds.ended(returnNo(orderNo), 'succeeded');
    expect(await refunds.atWeChat(orderNo)).toMatchObject([{ out_refund_no: returnNo(orderNo), refund: 1200 }]);
    expect(await refunds.atWeChat(orderNo)).toHaveLength(1);
    expect(await saga.order(orderNo, shop)).toMatchObject({ state: 'closed', returnedFen: 1200, stuckReason: null });
  });
});

describe.concurrent('a confirmation that gets', () => {
  it.each([
    ['a 500', { kind: 'http500' }],
    ['no answer', { kind: 'timeoutBefore' }],
  ] as const)('%s is asked again', async (_name, fault) => {
    const shop = ownShop();
    const refunds = refunding(saga, shop);
    const orderNo = await refunds.paid();
    await shop.gateway.fault({ on: 'refundQuery', outTradeNo: orderNo, ...fault });
    const refundNo = await refunds.ask(orderNo, 500);
    await refunds.ended(refundNo, 'succeeded');
    expect(await shop.gateway.calls('refund')).toBe(1);
    expect(await refunds.atWeChat(orderNo)).toHaveLength(1);
  });
});
