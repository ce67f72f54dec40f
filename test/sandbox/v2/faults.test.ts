import { beforeEach, describe, expect, it } from 'vitest';
import { control, type Json } from '../support/client.js';
import { newRefundNo } from '../support/refund.js';
import { newNumber, query } from '../support/trade.js';
import { useSandbox } from '../support/use-sandbox.js';
import { until } from '../../support/until.js';
import { callV2, isSignedV2, type OverridesV2, type ReplyV2 } from './support/client.js';
import { refundOrder, refundQuery } from './support/refund.js';
import { advance, closeOrder, orderQuery, paidOrder, unifiedOrder } from './support/trade.js';

const { sandbox, merchant } = useSandbox();
beforeEach(() => control(sandbox, 'PUT', '/settings', { refundDelayMs: 86_400_000 }));

const faults = (...list: Json[]) => control(sandbox, 'PUT', '/faults', list);
const isStruck = () =>
  until('the fault used up', async () =>
    (await control<Json[]>(sandbox, 'GET', '/faults')).every((fault) => fault['left'] === 0),
  );
const states = async (outTradeNo: string) =>
  (await control<Json[]>(sandbox, 'GET', '/trades')).find((row) => row['out_trade_no'] === outTradeNo)?.['trade_state'];

/** Each call of API v2, about an order of its own. */
const calls: [on: string, prepared: () => Promise<(overrides?: OverridesV2) => Promise<ReplyV2>>][] = [
  [
    'prepay',
    () => {
      const outTradeNo = newNumber();
      return Promise.resolve((overrides) => unifiedOrder(sandbox, merchant, outTradeNo, {}, overrides));
    },
  ],
  [
    'query',
    async () => {
      const { outTradeNo } = await paidOrder(sandbox, merchant);
      return (overrides) => orderQuery(sandbox, merchant, outTradeNo, {}, overrides);
    },
  ],
  [
    'close',
    async () => {
      const outTradeNo = newNumber();
      await unifiedOrder(sandbox, merchant, outTradeNo);
      await advance(sandbox, 301);
      return (overrides) => callV2(sandbox, merchant, '/pay/closeorder', { out_trade_no: outTradeNo }, overrides);
    },
  ],
  [
    'refund',
    async () => {
      const { outTradeNo } = await paidOrder(sandbox, merchant);
      const outRefundNo = newRefundNo();
      return (overrides) => refundOrder(sandbox, merchant, outTradeNo, outRefundNo, {}, overrides);
    },
  ],
  [
    'refundQuery',
    async () => {
      const { outTradeNo } = await paidOrder(sandbox, merchant);
      const outRefundNo = newRefundNo();
      await refundOrder(sandbox, merchant, outTradeNo, outRefundNo);
      return (overrides) => refundQuery(sandbox, merchant, { out_refund_no: outRefundNo }, overrides);
    },
  ],
];

describe.each(calls)('on %s', (on, prepared) => {
  it('http500 is XML with that status, which nobody signed', async () => {
    const ask = await prepared();
    await faults({ on, kind: 'http500' });
    const { status, fields } = await ask();
    expect([status, fields['return_code'], 'sign' in fields]).toEqual([500, 'FAIL', false]);
    expect((await ask()).fields['result_code']).toBe('SUCCESS');
  });

  it('an error is an err_code with HTTP 200 and a signature, or without one', async () => {
    const ask = await prepared();
    const fault = { on, kind: 'error', status: 429, code: 'SYSTEMERROR', message: '系统繁忙', effect: false };
    await faults({ ...fault, retryAfter: '7' }, { ...fault, signed: false });
    const first = await ask();
    expect([first.status, first.headers['retry-after']]).toEqual([200, '7']);
    expect(first.fields).toMatchObject({
      return_code: 'SUCCESS',
      result_code: 'FAIL',
      err_code: 'SYSTEMERROR',
      err_code_des: '系统繁忙',
    });
    expect(isSignedV2(first.fields, merchant.apiV2Key)).toBe(true);
    const second = await ask();
    expect([second.fields['err_code'], 'sign' in second.fields]).toEqual(['SYSTEMERROR', false]);
    expect(second.fields).toMatchObject({ return_code: 'SUCCESS', mch_id: merchant.mchid });
    expect((await ask()).fields['result_code']).toBe('SUCCESS');
  });

  it("a page of a proxy's comes as it is", async () => {
    const ask = await prepared();
    await faults({
      on,
      kind: 'error',
      status: 503,
      effect: false,
      body: '<html>busy</html>',
      contentType: 'text/html',
    });
    const { status, headers, text } = await ask();
    expect([status, headers['content-type'], text]).toEqual([503, 'text/html', '<html>busy</html>']);
  });

  it('a bad signature looks like one and does not fit', async () => {
    const ask = await prepared();
    await faults({ on, kind: 'badSignature' }, { on, kind: 'signTest' });
    const forged = (await ask()).fields;
    expect(forged['sign']).toMatch(/^[0-9A-F]{32}$/);
    expect(isSignedV2(forged, merchant.apiV2Key)).toBe(false);
    expect(isSignedV2((await ask()).fields, merchant.apiV2Key)).toBe(true);
    expect(await control<Json[]>(sandbox, 'GET', '/faults')).toMatchObject([{ left: 0 }, { left: 1 }]);
  });

  it('slow answers late', async () => {
    const ask = await prepared();
    await faults({ on, kind: 'slow', ms: 150 });
    const began = performance.now();
    expect((await ask()).fields['result_code']).toBe('SUCCESS');
    expect(performance.now() - began).toBeGreaterThan(140);
  });

  it.each(['timeoutBefore', 'timeoutAfter'])('%s never answers', async (kind) => {
    const ask = await prepared();
    await faults({ on, kind });
    const giveUp = new AbortController();
    const asked = expect(ask({ signal: giveUp.signal })).rejects.toThrow();
    await isStruck();
    giveUp.abort();
    await asked;
  });
});

describe('the effect', () => {
  const gone = async (ask: (overrides: OverridesV2) => Promise<ReplyV2>) => {
    const giveUp = new AbortController();
    const asked = expect(ask({ signal: giveUp.signal })).rejects.toThrow();
    await isStruck();
    giveUp.abort();
    await asked;
  };

  it('of a prepay happened after timeoutAfter, not after timeoutBefore', async () => {
    for (const [kind, state] of [
      ['timeoutBefore', undefined],
      ['timeoutAfter', 'NOTPAY'],
    ] as const) {
      const outTradeNo = newNumber();
      await faults({ on: 'prepay', kind });
      await gone((overrides) => unifiedOrder(sandbox, merchant, outTradeNo, {}, overrides));
      expect(await states(outTradeNo)).toBe(state);
    }
  });

  it('of a refund happened behind an error that says so, and its own refusal stands', async () => {
    const { outTradeNo } = await paidOrder(sandbox, merchant);
    const fault = { on: 'refund', kind: 'error', status: 429, code: 'FREQUENCY_LIMITED', effect: true };
    await faults(fault, { on: 'refund', kind: 'error', status: 200, effect: true, signed: false });
    const outRefundNo = newRefundNo();
    const first = await refundOrder(sandbox, merchant, outTradeNo, outRefundNo);
    expect(first.fields['err_code']).toBe('FREQUENCY_LIMITED');
    expect((await refundQuery(sandbox, merchant, { out_refund_no: outRefundNo })).fields['refund_fee_0']).toBe('1200');
    const second = await refundOrder(sandbox, merchant, outTradeNo, newRefundNo());
    expect([second.fields['err_code'], 'sign' in second.fields]).toEqual(['ERROR', false]);
  });

  it('without one, and without an answer of its own, is an empty body', async () => {
    await faults({ on: 'query', kind: 'error', status: 200, effect: false });
    expect(await orderQuery(sandbox, merchant, newNumber())).toMatchObject({ status: 200, text: '' });
  });
});

describe('a query', () => {
  it('is stale: as before the payment, before the prepay, before the refund', async () => {
    const { outTradeNo, transactionId } = await paidOrder(sandbox, merchant);
    const stale = { on: 'query', kind: 'stale' };
    await faults(stale, stale);
    expect((await orderQuery(sandbox, merchant, outTradeNo)).fields['trade_state']).toBe('NOTPAY');
    const byId = await callV2(sandbox, merchant, '/pay/orderquery', { transaction_id: transactionId });
    expect(byId.fields['err_code']).toBe('ORDERNOTEXIST');
    const fresh = newNumber();
    await unifiedOrder(sandbox, merchant, fresh);
    await faults(stale);
    expect((await orderQuery(sandbox, merchant, fresh)).fields['err_code']).toBe('ORDERNOTEXIST');
    const outRefundNo = newRefundNo();
    await refundOrder(sandbox, merchant, outTradeNo, outRefundNo);
    await faults({ on: 'refundQuery', kind: 'stale' });
    const asked = () => refundQuery(sandbox, merchant, { out_refund_no: outRefundNo });
    expect((await asked()).fields['err_code']).toBe('REFUNDNOTEXIST');
    expect((await asked()).fields['refund_status_0']).toBe('PROCESSING');
  });

  it('shows another amount', async () => {
    const { outTradeNo } = await paidOrder(sandbox, merchant, { couponFen: 200 });
    await faults({ on: 'query', kind: 'wrongAmount' });
    const { fields } = await orderQuery(sandbox, merchant, outTradeNo);
    expect([fields['total_fee'], fields['cash_fee']]).toEqual(['1201', '1001']);
    expect(isSignedV2(fields, merchant.apiV2Key)).toBe(true);
  });

  it('meets a payment just before it or just after', async () => {
    const [before, after] = [newNumber(), newNumber()];
    for (const number of [before, after]) await unifiedOrder(sandbox, merchant, number);
    await faults({ on: 'query', kind: 'payBefore' }, { on: 'query', kind: 'payAfter' });
    expect((await orderQuery(sandbox, merchant, before)).fields['trade_state']).toBe('SUCCESS');
    expect((await orderQuery(sandbox, merchant, after)).fields['trade_state']).toBe('NOTPAY');
    expect((await query(sandbox, merchant, after)).json['trade_state']).toBe('SUCCESS');
  });
});

describe('a close', () => {
  it('meets a payment just before it or just after', async () => {
    const [before, after] = [newNumber(), newNumber()];
    for (const number of [before, after]) await unifiedOrder(sandbox, merchant, number);
    await advance(sandbox, 301);
    await faults({ on: 'close', kind: 'payBefore' }, { on: 'close', kind: 'payAfter' });
    expect((await closeOrder(sandbox, merchant, before)).fields['err_code']).toBe('ORDERPAID');
    expect((await closeOrder(sandbox, merchant, after)).fields['result_code']).toBe('SUCCESS');
    expect(await states(after)).toBe('SUCCESS');
  });
});

describe('a fault of one trade', () => {
  it('strikes the calls of API v2 that are about it, by whatever name', async () => {
    const { outTradeNo, transactionId } = await paidOrder(sandbox, merchant);
    const outRefundNo = newRefundNo();
    await refundOrder(sandbox, merchant, outTradeNo, outRefundNo, { refund_fee: '1' });
    await faults(
      { on: 'query', kind: 'http500', outTradeNo },
      { on: 'refundQuery', kind: 'http500', outTradeNo },
      { on: 'refund', kind: 'http500', outTradeNo },
    );
    expect((await orderQuery(sandbox, merchant, newNumber())).status).toBe(200);
    const byId = { out_trade_no: undefined, transaction_id: transactionId };
    expect((await callV2(sandbox, merchant, '/pay/orderquery', byId)).status).toBe(500);
    expect((await refundQuery(sandbox, merchant, { out_refund_no: outRefundNo })).status).toBe(500);
    expect((await refundOrder(sandbox, merchant, outTradeNo, newRefundNo(), byId)).status).toBe(500);
  });
});
