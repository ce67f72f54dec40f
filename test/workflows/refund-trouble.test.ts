import { beforeAll, describe, expect, it } from 'vitest';
import { refunding, type Refunding } from '../support/refunds.js';
import { type Shop, useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

let aheadMs = 0;
const saga = useSaga(() => ({ merchants: 3, activityNow: () => new Date(Date.now() + aheadMs) }));
let shops: readonly [Shop, Shop, Shop];
beforeAll(() => {
  const [first, second, third] = saga.shops;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three merchants');
  shops = [first, second, third];
});

async function expectRefunded(refunds: Refunding, orderNo: string, refundNo: string): Promise<void> {
  await refunds.ended(refundNo, 'succeeded');
  expect(await refunds.atWeChat(orderNo)).toMatchObject([{ out_refund_no: refundNo, refund: 500, status: 'SUCCESS' }]);
  expect(await refunds.atWeChat(orderNo)).toHaveLength(1);
}

describe('what keeps a refund from going on', () => {
  it('a balance that is too small shows until it is topped up, and the same number is sent again', async () => {
    const [shop] = shops;
    const refunds = refunding(saga, shop);
    const orderNo = await refunds.paid();
    await shop.gateway.balance(0);
    // A first apply needs no query; each further one begins with one.
    const queries = await shop.gateway.calls('refundQuery');
    const refundNo = await refunds.ask(orderNo, 500);
    const stuck = await refunds.orderWhen(orderNo, ({ stuckReason }) => stuckReason !== null);
    expect(stuck).toMatchObject({ state: 'paid', stuckReason: 'merchant_balance', refundingFen: 500, refundedFen: 0 });
    expect(stuck.explain).toMatchObject({ waitingFor: 'merchant_balance', actor: 'operator' });
    await until('the reason in the list', async () => (await refunds.shown(refundNo)) === 'merchant_balance');
    expect(await refunds.atWeChat(orderNo)).toEqual([]);
    await until('when it is tried again', async () => {
      const { explain } = await saga.order(orderNo, shop);
      return explain.nextAt !== null && Date.parse(explain.nextAt) > Date.now() - 1_000;
    });
    const applies = await shop.gateway.calls('refund');
    await until('another try, of itself', async () => (await shop.gateway.calls('refund')) > applies);
    expect(await shop.gateway.calls('refundQuery')).toBeGreaterThan(queries);
    await shop.gateway.balance(100_000);
    await expectRefunded(refunds, orderNo, refundNo);
    expect(await saga.order(orderNo, shop)).toMatchObject({ refundedFen: 500, refundingFen: 0, stuckReason: null });
    await until('no reason in the list', async () => (await refunds.shown(refundNo)) === undefined);
  });

  it('rights that WeChat Pay refuses show until they are repaired', async () => {
    const [, shop] = shops;
    const refunds = refunding(saga, shop);
    const orderNo = await refunds.paid();
    const refusal = { kind: 'error', status: 403, code: 'NO_AUTH', effect: false } as const;
    await shop.gateway.fault({ on: 'refund', ...refusal, outTradeNo: orderNo, times: 0 });
    const refundNo = await refunds.ask(orderNo, 500);
    const stuck = await refunds.orderWhen(orderNo, ({ stuckReason }) => stuckReason !== null);
    expect(stuck).toMatchObject({ state: 'paid', stuckReason: 'merchant_config', refundingFen: 500 });
    await until('the reason in the list', async () => (await refunds.shown(refundNo)) === 'merchant_config');
    await shop.gateway.repair();
    await expectRefunded(refunds, orderNo, refundNo);
    expect(await saga.order(orderNo, shop)).toMatchObject({ refundedFen: 500, stuckReason: null });
    await until('no reason in the list', async () => (await refunds.shown(refundNo)) === undefined);
  });

  it('a gateway without an answer for three minutes shows until it answers', async () => {
    const [, , shop] = shops;
    const refunds = refunding(saga, shop);
    const orderNo = await refunds.paid();
    await shop.gateway.fault({ on: 'refund', kind: 'http500', outTradeNo: orderNo, times: 0 });
    const refundNo = await refunds.ask(orderNo, 500);
    await until('two tries', async () => (await shop.gateway.calls('refund')) >= 2);
    aheadMs = 3 * 60_000 + 1_000;
    const stuck = await refunds.orderWhen(orderNo, ({ stuckReason }) => stuckReason !== null);
    expect(stuck).toMatchObject({ state: 'paid', stuckReason: 'gateway_unreachable', refundingFen: 500 });
    await until('the reason in the list', async () => (await refunds.shown(refundNo)) === 'gateway_unreachable');
    expect(await refunds.atWeChat(orderNo)).toEqual([]);
    await shop.gateway.repair();
    await expectRefunded(refunds, orderNo, refundNo);
    expect(await saga.order(orderNo, shop)).toMatchObject({ refundedFen: 500, stuckReason: null });
  });
});
