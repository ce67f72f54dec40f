import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMerchants, FIRST_MCHID, type Merchant } from '../../src/sandbox/identity/merchants.js';
import type { Sandbox } from '../../src/sandbox/start.js';
import { createClock } from '../../src/sandbox/store/clock.js';
import { openStore } from '../../src/sandbox/store/store.js';
import { createCounters, type Counters } from '../../src/sandbox/wire/apis.js';
import { keptKeys, startTestSandbox } from '../support/sandbox.js';
import { control, merchantOf, type Credentials } from './support/client.js';
import { applyRefund, newRefundNo, paidTrade, refundBody } from './support/refund.js';

describe('a limit', () => {
  let counters: Counters;
  let merchant: Merchant;

  beforeAll(async () => {
    const store = await openStore();
    const merchants = await createMerchants({
      store,
      clock: createClock(store, Date.now),
      firstMchid: FIRST_MCHID,
      newKeyPair: keptKeys(),
    });
    merchant = merchants.change(merchants.first().row.mchid, {
      limits: { refund: 3, refundQuery: 1, refundFailures: 1 },
    });
  });
  beforeEach(() => (counters = createCounters()));

  it('is for one API and for any second, not for the seconds of a clock', () => {
    const admitted = [0, 900, 950, 999, 1000, 1899, 1900].map((at) => counters.admit(merchant, 'refund', at));
    expect(admitted).toEqual([true, true, true, false, true, false, true]);
    expect([0, 1].map((at) => counters.admit(merchant, 'refundQuery', at))).toEqual([true, false]);
    expect([0, 1, 2, 3].map((at) => counters.admit(merchant, 'abnormalRefund', at))).not.toContain(false);
    expect(counters.calls(merchant.row.mchid)).toEqual({
      refund: { count: 7, refusedByLimit: 2 },
      refundQuery: { count: 2, refusedByLimit: 1 },
      abnormalRefund: { count: 4, refusedByLimit: 0 },
    });
  });

  it('of failing refunds counts nothing but them', () => {
    for (const at of [0, 1]) expect(counters.admit(merchant, 'refund', at)).toBe(true);
    expect([0, 1].map((at) => counters.admitFailure(merchant, 'refund', at))).toEqual([true, false]);
    expect([0, 1].map((at) => counters.admitFailure(merchant, 'refundQuery', at))).toEqual([true, true]);
    expect(counters.admit(merchant, 'refund', 2)).toBe(true);
    expect(counters.calls(merchant.row.mchid)).toEqual({ refund: { count: 3, refusedByLimit: 1 } });
  });
});

describe('on the wire', () => {
  let sandbox: Sandbox;
  let merchant: Credentials;

  beforeAll(async () => {
    sandbox = await startTestSandbox();
    merchant = await merchantOf(sandbox);
  });
  afterAll(() => sandbox.close());

  it('a failing refund too many is FREQUENCY_LIMITED, a good one is not', async () => {
    const { outTradeNo } = await paidTrade(sandbox, merchant);
    await control(sandbox, 'PUT', '/limits', { refundFailures: 1 });
    const fail = () => applyRefund(sandbox, merchant, refundBody('unknown1', newRefundNo()));
    const codes = async () => (await Promise.all([fail(), fail(), fail()])).map(({ json }) => json['code']);
    await expect.poll(codes).toContain('FREQUENCY_LIMITED');
    expect((await applyRefund(sandbox, merchant, refundBody(outTradeNo, newRefundNo()))).status).toBe(200);
  });
});
