import { beforeEach, describe, expect, it } from 'vitest';
import { control, tryControl, type Json } from '../support/client.js';
import { charge, newCode, reverse } from '../support/code-scan.js';
import { newRefundNo } from '../support/refund.js';
import { newNumber, query } from '../support/trade.js';
import { useSandbox } from '../support/use-sandbox.js';
import { isSignedV2, type Fields } from './support/client.js';
import { micropay, reverseOrder } from './support/code-scan.js';
import { refundOrder } from './support/refund.js';
import { advance, closeOrder, orderQuery, unifiedOrder } from './support/trade.js';

const { sandbox, merchant } = useSandbox();

beforeEach(() => control(sandbox, 'PUT', '/settings', { refundDelayMs: 1000, reverseAfterMs: 0 }));

const stateOf = async (outTradeNo: string) => (await orderQuery(sandbox, merchant, outTradeNo)).fields['trade_state'];
const pay = (body: Json) => tryControl(sandbox, 'POST', '/pay', body);
const reversal = async (by: Fields) => {
  const { result_code, err_code, recall } = (await reverseOrder(sandbox, merchant, by)).fields;
  return [result_code, err_code, recall];
};

/** A trade with this payer: paid, or with the prompt on the payer's phone. */
async function charged(wanted: Json = {}): Promise<string> {
  const outTradeNo = newNumber();
  await micropay(sandbox, merchant, outTradeNo, await newCode(sandbox, wanted));
  return outTradeNo;
}

describe('a charge over API v2', () => {
  it('of a code whose payer needs no password is paid in the answer', async () => {
    const outTradeNo = newNumber();
    const authCode = await newCode(sandbox, { openid: 'oScanned', couponFen: 200 });
    const more = { attach: 'counter 3', device_info: 'till-3', goods_tag: 'tea', sign_type: 'HMAC-SHA256' };
    const { fields } = await micropay(sandbox, merchant, outTradeNo, authCode, {
      ...more,
      detail: '{"goods_detail":[]}',
      scene_info: '{"store_info":{"id":"S1"}}',
    });
    expect(fields).toMatchObject({
      return_code: 'SUCCESS',
      result_code: 'SUCCESS',
      out_trade_no: outTradeNo,
      trade_type: 'MICROPAY',
      openid: 'oScanned',
      total_fee: '1200',
      cash_fee: '1000',
      coupon_fee: '200',
      attach: 'counter 3',
      device_info: 'till-3',
    });
    expect(isSignedV2(fields, merchant.apiV2Key)).toBe(true);
    expect(fields['sign']).toHaveLength(64);
    const found = (await orderQuery(sandbox, merchant, outTradeNo)).fields;
    expect(found).toMatchObject({ trade_state: 'SUCCESS', transaction_id: fields['transaction_id'] });
  });

  it.each([
    ['auth_code', undefined, 'LACK_PARAMS'],
    ['auth_code', '13006109882800940', 'AUTH_CODE_ERROR'],
    ['auth_code', '160061098828009406', 'AUTH_CODE_ERROR'],
    ['spbill_create_ip', undefined, 'LACK_PARAMS'],
    ['spbill_create_ip', 'shop', 'PARAM_ERROR'],
    ['body', '茶'.repeat(43), 'PARAM_ERROR'],
    ['attach', 'a'.repeat(128), 'PARAM_ERROR'],
    ['scene_info', 'a'.repeat(257), 'PARAM_ERROR'],
    ['total_fee', '0', 'PARAM_ERROR'],
    ['appid', 'wxOther', 'APPID_MCHID_NOT_MATCH'],
  ])('with %s %s is a %s', async (name, value, code) => {
    const { fields } = await micropay(sandbox, merchant, newNumber(), await newCode(sandbox), { [name]: value });
    expect(fields).toMatchObject({ result_code: 'FAIL', err_code: code });
  });

  it('of a code that nobody showed, that was used, or that is a minute old, is refused and makes no trade', async () => {
    const refusedWith = async (authCode: string) => {
      const outTradeNo = newNumber();
      const { fields } = await micropay(sandbox, merchant, outTradeNo, authCode);
      expect((await orderQuery(sandbox, merchant, outTradeNo)).fields['err_code']).toBe('ORDERNOTEXIST');
      return fields['err_code'];
    };
    expect(await refusedWith('130061098828009406')).toBe('AUTH_CODE_INVALID');
    const used = await newCode(sandbox);
    await micropay(sandbox, merchant, newNumber(), used);
    expect(await refusedWith(used)).toBe('AUTH_CODE_INVALID');
    const old = await newCode(sandbox);
    await advance(sandbox, 61);
    expect(await refusedWith(old)).toBe('AUTHCODEEXPIRE');
    expect(await refusedWith(await newCode(sandbox, { couponFen: 1201 }))).toBe('TRADE_ERROR');
  });

  it('is made once for a number', async () => {
    const again = async (outTradeNo: string, code?: string) =>
      (await micropay(sandbox, merchant, outTradeNo, code ?? (await newCode(sandbox)))).fields['err_code'];
    expect(await again(await charged())).toBe('ORDERPAID');
    const outTradeNo = newNumber();
    const code = await newCode(sandbox, { payer: 'silent' });
    expect(await again(outTradeNo, code)).toBe('USERPAYING');
    expect(await again(outTradeNo, code)).toBe('USERPAYING');
    expect(await again(outTradeNo)).toBe('OUT_TRADE_NO_USED');
    await reverseOrder(sandbox, merchant, { out_trade_no: outTradeNo });
    expect(await again(outTradeNo)).toBe('ORDERREVERSED');
    const closed = newNumber();
    await unifiedOrder(sandbox, merchant, closed);
    await advance(sandbox, 301);
    await closeOrder(sandbox, merchant, closed);
    expect(await again(closed)).toBe('ORDERCLOSED');
    const native = newNumber();
    await unifiedOrder(sandbox, merchant, native);
    expect(await again(native)).toBe('OUT_TRADE_NO_USED');
    expect((await unifiedOrder(sandbox, merchant, outTradeNo)).fields['err_code']).toBe('OUT_TRADE_NO_USED');
  });

  it('waits for the password, and is paid, refused, or waits on', async () => {
    const trades = await Promise.all(
      ['password', 'refuses', 'silent'].map((payer) => charged({ payer, afterMs: 5000 })),
    );
    const states = () => Promise.all(trades.map(stateOf));
    expect(await states()).toEqual(['USERPAYING', 'USERPAYING', 'USERPAYING']);
    await advance(sandbox, 5);
    expect(await states()).toEqual(['SUCCESS', 'PAYERROR', 'USERPAYING']);
    const [, refused = ''] = trades;
    const { fields } = await orderQuery(sandbox, merchant, refused);
    expect(fields['trade_state_desc']).toBe('支付失败，请撤销订单');
    expect(fields).not.toHaveProperty('transaction_id');
  });
});

describe('a reverse over API v2', () => {
  it('ends an unpaid trade, and once more changes nothing', async () => {
    const outTradeNo = await charged({ payer: 'silent' });
    expect(await reversal({ out_trade_no: outTradeNo })).toEqual(['SUCCESS', undefined, 'N']);
    expect(await stateOf(outTradeNo)).toBe('REVOKED');
    expect(await reversal({ out_trade_no: outTradeNo })).toEqual(['SUCCESS', undefined, 'N']);
  });

  it('gives the money of a paid trade back, by its transaction_id', async () => {
    const outTradeNo = await charged();
    const { transaction_id = '' } = (await orderQuery(sandbox, merchant, outTradeNo)).fields;
    await control(sandbox, 'PUT', '/balance', { balanceFen: 1199 });
    expect(await reversal({ transaction_id })).toEqual(['FAIL', 'NOTENOUGH', 'Y']);
    await control(sandbox, 'PUT', '/balance', { balanceFen: 2000 });
    expect(await reversal({ transaction_id })).toEqual(['SUCCESS', undefined, 'N']);
    expect(await control(sandbox, 'GET', '/balance')).toEqual({ balanceFen: 800 });
    await control(sandbox, 'PUT', '/balance', { balanceFen: null });
    const { fields } = await orderQuery(sandbox, merchant, '', { transaction_id });
    expect(fields).toMatchObject({ trade_state: 'REVOKED', out_trade_no: outTradeNo });
    const refund = await refundOrder(sandbox, merchant, outTradeNo, newRefundNo());
    expect(refund.fields['err_code']).toBe('ORDERNOTEXIST');
  });

  it('is refused for numbers that name nothing, another product and a refunded trade', async () => {
    expect(await reversal({ out_trade_no: newNumber() })).toEqual(['FAIL', 'ORDERNOTEXIST', 'N']);
    expect(await reversal({ transaction_id: '4200009999' })).toEqual(['FAIL', 'INVALID_TRANSACTIONID', 'N']);
    expect(await reversal({})).toEqual(['FAIL', 'LACK_PARAMS', undefined]);
    const native = newNumber();
    await unifiedOrder(sandbox, merchant, native);
    expect(await reversal({ out_trade_no: native })).toEqual(['FAIL', 'INVALID_REQUEST', 'N']);
    const refunded = await charged();
    await refundOrder(sandbox, merchant, refunded, newRefundNo());
    expect(await reversal({ out_trade_no: refunded })).toEqual(['FAIL', 'INVALID_REQUEST', 'N']);
  });

  it('is refused when it comes too early, by the setting, or after 7 days', async () => {
    const by = { out_trade_no: await charged({ payer: 'silent' }) };
    await control(sandbox, 'PUT', '/settings', { reverseAfterMs: 15_000 });
    expect(await reversal(by)).toEqual(['FAIL', 'INVALID_REQUEST', 'Y']);
    await advance(sandbox, 7 * 86_400 + 1);
    expect(await reversal(by)).toEqual(['FAIL', 'REVERSE_EXPIRE', 'N']);
  });

  it('comes over TLS, with the certificate of its merchant', async () => {
    const by = { out_trade_no: await charged({ payer: 'silent' }) };
    expect((await reverseOrder(sandbox, merchant, by, { certificateOf: null })).status).toBe(400);
    expect((await reverseOrder(sandbox, merchant, by, { url: sandbox.url })).status).toBe(400);
    expect(await stateOf(by.out_trade_no)).toBe('USERPAYING');
  });
});

it('a close does not end a trade of code scan, however old it is', async () => {
  const outTradeNo = await charged({ payer: 'silent' });
  await advance(sandbox, 301);
  expect((await closeOrder(sandbox, merchant, outTradeNo)).fields['err_code']).toBe('INVALID_REQUEST');
  expect((await closeOrder(sandbox, merchant, await charged())).fields['err_code']).toBe('ORDERPAID');
});

it('what one API charged, the other queries and reverses', async () => {
  const ofV3 = newNumber();
  await charge(sandbox, merchant, ofV3, await newCode(sandbox));
  expect(await stateOf(ofV3)).toBe('SUCCESS');
  expect(await reversal({ out_trade_no: ofV3 })).toEqual(['SUCCESS', undefined, 'N']);
  expect((await query(sandbox, merchant, ofV3)).json['trade_state']).toBe('REVOKED');
  const ofV2 = await charged({ payer: 'silent' });
  expect((await query(sandbox, merchant, ofV2)).json['trade_state']).toBe('USERPAYING');
  expect((await reverse(sandbox, merchant, ofV2)).status).toBe(200);
  expect(await stateOf(ofV2)).toBe('REVOKED');
  expect((await pay({ outTradeNo: ofV2, force: true })).status).toBe(200);
});
