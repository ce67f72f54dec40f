import { beforeAll, describe, expect, it } from 'vitest';
import { control, open, tryControl, verified, type Credentials, type Json } from './support/client.js';
import { applyRefund, newRefundNo, paidTrade, queryRefund, refundBody } from './support/refund.js';
import { close, newNumber, prepay, query } from './support/trade.js';
import { useReceiver, useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();
const receiver = useReceiver();

beforeAll(async () => {
  await control(sandbox, 'PUT', '/settings', { refundDelayMs: 86_400_000 });
});

const foreign = async (state: string, more: Json = {}) => {
  const outTradeNo = newNumber();
  const row = await control(sandbox, 'POST', '/trades', { outTradeNo, totalFen: 1200, state, ...more });
  expect(row).toMatchObject({ out_trade_no: outTradeNo, trade_state: state, total: 1200 });
  return outTradeNo;
};
const codeOf = async (reply: Promise<{ json: Json }>) => (await reply).json['code'];
const settle = (outRefundNo: string) =>
  control(sandbox, 'POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status: 'SUCCESS' });

describe('a trade that somebody else made', () => {
  it.each([
    ['NOTPAY', 'INVALID_REQUEST', 'OUT_TRADE_NO_USED', undefined],
    ['SUCCESS', 'ORDER_PAID', 'OUT_TRADE_NO_USED', 'ORDER_PAID'],
    ['REFUND', 'ORDER_PAID', 'OUT_TRADE_NO_USED', 'ORDER_PAID'],
    ['CLOSED', 'ORDER_CLOSED', 'OUT_TRADE_NO_USED', undefined],
  ])(
    'that is %s refuses our prepay with %s, another product with %s, a close with %s',
    async (state, own, other, closed) => {
      const outTradeNo = await foreign(state);
      expect((await query(sandbox, merchant, outTradeNo)).json).toMatchObject({
        trade_state: state,
        appid: merchant.appid,
      });
      expect(await codeOf(prepay(sandbox, merchant, outTradeNo))).toBe(own);
      expect(await codeOf(prepay(sandbox, merchant, outTradeNo, 'jsapi'))).toBe(other);
      expect(await codeOf(close(sandbox, merchant, outTradeNo))).toBe(closed);
    },
  );

  it('that is NOTPAY can still be paid by whoever has its code', async () => {
    const outTradeNo = await foreign('NOTPAY', { tradeType: 'JSAPI' });
    await control(sandbox, 'POST', '/pay', { outTradeNo });
    expect((await query(sandbox, merchant, outTradeNo)).json).toMatchObject({
      trade_state: 'SUCCESS',
      trade_type: 'JSAPI',
    });
  });

  it('tells its own notify URL, and nobody without one', async () => {
    const count = receiver.received.length;
    await foreign('SUCCESS');
    const outTradeNo = await foreign('SUCCESS', { notifyUrl: receiver.url });
    const received = (await receiver.atLeast(count + 1))[count];
    expect(open(received?.json.resource ?? {}, merchant.apiV3Key)).toMatchObject({ out_trade_no: outTradeNo });
    expect(verified(received?.headers ?? {}, received?.text ?? '', merchant.publicKeyPem)).toBe(true);
    expect(receiver.received).toHaveLength(count + 1);
  });

  it('was paid when it is said to have been', async () => {
    const outTradeNo = await foreign('SUCCESS', { successTime: '2026-01-31T23:00:00Z' });
    expect((await query(sandbox, merchant, outTradeNo)).json).toMatchObject({
      success_time: '2026-02-01T07:00:00+08:00',
    });
  });

  it('that is REFUND was given back in whole, under a number nobody here knows', async () => {
    const outTradeNo = await foreign('REFUND');
    const ofTrade = (await control<Json[]>(sandbox, 'GET', '/refunds')).filter(
      (row) => row['out_trade_no'] === outTradeNo,
    );
    expect(ofTrade).toMatchObject([{ refund: 1200, out_refund_no: expect.stringMatching(/^\d{28}$/) as string }]);
  });

  it.each<[Json, number]>([
    [{ totalFen: 0 }, 400],
    [{ state: 'OPEN' }, 400],
    [{ appid: 'wxsomebodyelse' }, 400],
    [{ outTradeNo: 'short' }, 400],
    [{ notifyUrl: 'http://example.com' }, 400],
    [{ state: undefined }, 400],
  ])('%o is refused', async (wrong, status) => {
    const body = { outTradeNo: newNumber(), totalFen: 1, state: 'NOTPAY', ...wrong };
    expect(await tryControl(sandbox, 'POST', '/trades', body)).toMatchObject({ status });
  });

  it('under a number that has its trade is refused', async () => {
    const outTradeNo = await foreign('CLOSED');
    const body = { outTradeNo, totalFen: 1, state: 'NOTPAY' };
    expect(await tryControl(sandbox, 'POST', '/trades', body)).toMatchObject({
      status: 409,
      json: { code: 'trade_exists' },
    });
  });
});

describe('a refund that somebody else made', () => {
  const outside = (body: Json) => control(sandbox, 'POST', '/refunds', body);

  it('makes its trade REFUND, leaves less to refund, and is found by its number', async () => {
    const { outTradeNo } = await paidTrade(sandbox, merchant);
    const { out_refund_no: outRefundNo } = await outside({ outTradeNo, refundFen: 900, notify: null });
    expect((await query(sandbox, merchant, outTradeNo)).json['trade_state']).toBe('REFUND');
    const found = await queryRefund(sandbox, merchant, String(outRefundNo));
    expect(found.json).toMatchObject({ status: 'PROCESSING', amount: { refund: 900, total: 1200 } });
    const tooMuch = await applyRefund(sandbox, merchant, refundBody(outTradeNo, newRefundNo(), 301));
    expect([tooMuch.status, tooMuch.json['code']]).toEqual([400, 'INVALID_REQUEST']);
    expect((await applyRefund(sandbox, merchant, refundBody(outTradeNo, newRefundNo(), 300))).status).toBe(200);
  });

  it('is told to where its payment was told, with v3, and to nobody with null', async () => {
    const before = receiver.received.length;
    const { outTradeNo } = await paidTrade(sandbox, merchant, {}, { notify_url: receiver.url });
    await receiver.atLeast(before + 1);
    const told = newRefundNo();
    const untold = await outside({ outTradeNo, refundFen: 1 });
    await outside({ outTradeNo, outRefundNo: told, refundFen: 2, notify: 'v3' });
    await settle(String(untold['out_refund_no']));
    await settle(told);
    const received = (await receiver.atLeast(before + 2))[before + 1];
    expect(open(received?.json.resource ?? {}, merchant.apiV3Key)).toMatchObject({
      out_refund_no: told,
      refund_status: 'SUCCESS',
      amount: { total: 1200, refund: 2 },
    });
  });

  it('cannot have a number twice, nor give back what is not there', async () => {
    const { outTradeNo } = await paidTrade(sandbox, merchant);
    const outRefundNo = newRefundNo();
    await outside({ outTradeNo, outRefundNo, refundFen: 1200 });
    const refused = async (body: Json) => (await tryControl(sandbox, 'POST', '/refunds', body)).json['code'];
    expect(await refused({ outTradeNo, outRefundNo, refundFen: 1200 })).toBe('refund_exists');
    expect(await refused({ outTradeNo, refundFen: 1 })).toBe('tooMuch');
    expect(await refused({ outTradeNo: await foreign('NOTPAY'), refundFen: 1 })).toBe('unknown');
    expect(await refused({ outTradeNo: newNumber(), refundFen: 1 })).toBe('unknown_trade');
    expect(await codeOf(applyRefund(sandbox, merchant, refundBody(outTradeNo, outRefundNo)))).toBe('INVALID_REQUEST');
  });

  it.each(['v2', 'v3'])('is not told over %s when nobody said where', async (notify) => {
    const nowhere = await foreign('SUCCESS');
    const refused = await tryControl(sandbox, 'POST', '/refunds', { outTradeNo: nowhere, refundFen: 1, notify });
    expect([refused.status, refused.json['message']]).toEqual([400, expect.stringContaining('notifyUrl')]);
  });
});

describe('a payment', () => {
  it('in another currency shows what the payer was charged, to queries, the notify and refunds', async () => {
    const count = receiver.received.length;
    const charged = { payerCurrency: 'HKD', payerTotalFen: 1301 };
    const { outTradeNo } = await paidTrade(sandbox, merchant, charged, { notify_url: receiver.url });
    const amount = { total: 1200, payer_total: 1301, currency: 'CNY', payer_currency: 'HKD' };
    expect((await query(sandbox, merchant, outTradeNo)).json['amount']).toEqual(amount);
    const received = (await receiver.atLeast(count + 1))[count];
    expect(open(received?.json.resource ?? {}, merchant.apiV3Key)['amount']).toEqual(amount);
    const refund = await applyRefund(sandbox, merchant, refundBody(outTradeNo, newRefundNo(), 600));
    expect(refund.json['amount']).toMatchObject({ refund: 600, payer_total: 1301, payer_refund: 650 });
    const rows = await control<Json[]>(sandbox, 'GET', '/trades');
    expect(rows.find((row) => row['out_trade_no'] === outTradeNo)).toMatchObject({ payer_total: 1301 });
  });

  it('does without the fields it is told to, in the query and in the notify', async () => {
    const count = receiver.received.length;
    const omit = ['success_time', 'trade_type', 'payer', 'payer_total', 'bank_type', 'amount.payer_currency'];
    const { outTradeNo, transactionId } = await paidTrade(sandbox, merchant, { omit }, { notify_url: receiver.url });
    const expected = {
      ...{ appid: merchant.appid, mchid: merchant.mchid, out_trade_no: outTradeNo, transaction_id: transactionId },
      ...{ trade_state: 'SUCCESS', trade_state_desc: '支付成功', amount: { total: 1200, currency: 'CNY' } },
    };
    expect((await query(sandbox, merchant, outTradeNo)).json).toEqual(expected);
    const received = (await receiver.atLeast(count + 1))[count];
    expect(open(received?.json.resource ?? {}, merchant.apiV3Key)).toEqual(expected);
  });

  it('cannot do without what is no field', async () => {
    const reply = await tryControl(sandbox, 'POST', '/pay', { outTradeNo: newNumber(), omit: ['successTime'] });
    expect([reply.status, reply.json['code']]).toEqual([400, 'invalid_request']);
  });
});

describe('a merchant with several appids', () => {
  it('prepays with any of its own and with no other, and the trade keeps the one it was made with', async () => {
    const appids = ['wxshop', 'wxminiprogram', 'wxapp'];
    const several = await control<Credentials & { appids: string[] }>(sandbox, 'POST', '/merchants', { appids });
    expect([several.appid, several.appids]).toEqual(['wxshop', appids]);
    for (const appid of appids) {
      const outTradeNo = newNumber();
      expect((await prepay(sandbox, several, outTradeNo, 'native', { appid })).status).toBe(200);
      expect((await query(sandbox, several, outTradeNo)).json['appid']).toBe(appid);
    }
    const strange = await prepay(sandbox, several, newNumber(), 'native', { appid: merchant.appid });
    expect([strange.status, strange.json['code']]).toEqual([400, 'APPID_MCHID_NOT_MATCH']);
    const outTradeNo = newNumber();
    await prepay(sandbox, several, outTradeNo, 'native', { appid: 'wxapp' });
    const reentered = await prepay(sandbox, several, outTradeNo, 'native', { appid: 'wxshop' });
    expect(reentered.json['code']).toBe('INVALID_REQUEST');
  });

  it('is paid under another of them, as where a payer came from a page of its own', async () => {
    const appids = ['wxshop', 'wxapp'];
    const several = await control<Credentials>(sandbox, 'POST', '/merchants', { appids });
    const outTradeNo = newNumber();
    await prepay(sandbox, several, outTradeNo, 'native', { appid: 'wxshop', notify_url: receiver.url });
    const count = receiver.received.length;
    const pay = (appid: string) => tryControl(sandbox, 'POST', `/pay?mchid=${several.mchid}`, { outTradeNo, appid });
    expect((await pay(merchant.appid)).status).toBe(400);
    expect((await pay('wxapp')).status).toBe(200);
    expect((await query(sandbox, several, outTradeNo)).json['appid']).toBe('wxapp');
    const received = (await receiver.atLeast(count + 1))[count];
    expect(open(received?.json.resource ?? {}, several.apiV3Key)).toMatchObject({ appid: 'wxapp' });
  });

  it.each([{ appids: [] }, { appids: ['wxa', 'wxa'] }, { appid: 'wxa', appids: ['wxb'] }, { appids: ['nope'] }])(
    '%o is refused',
    async (body) => {
      expect((await tryControl(sandbox, 'POST', '/merchants', body)).status).toBe(400);
    },
  );
});
