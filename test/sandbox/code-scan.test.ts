import { describe, expect, it } from 'vitest';
import { until } from '../support/until.js';
import { control, tryControl, verified, type Json } from './support/client.js';
import { charge, newCode, reverse } from './support/code-scan.js';
import { close, newNumber, prepay, query } from './support/trade.js';
import { useReceiver, useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();
const receiver = useReceiver();

const advance = (advanceSeconds: number) => control(sandbox, 'POST', '/clock', { advanceSeconds });
const stateOf = async (outTradeNo: string) => (await query(sandbox, merchant, outTradeNo)).json['trade_state'];
const pay = (body: Json) => tryControl(sandbox, 'POST', '/pay', body);
const rowOf = async (outTradeNo: string) =>
  (await control<Json[]>(sandbox, 'GET', '/trades')).find((row) => row['out_trade_no'] === outTradeNo);

/** A trade with this payer: paid, or with the prompt on the payer's phone. */
async function charged(wanted: Json = {}, more: Json = {}): Promise<string> {
  const outTradeNo = newNumber();
  const { status, text } = await charge(sandbox, merchant, outTradeNo, await newCode(sandbox, wanted), more);
  if (status > 202) throw new Error(text);
  return outTradeNo;
}

/** What differs from a good call. */
const bodies: [string, Json, field: string][] = [
  ['no scene', { scene_info: undefined }, '/scene_info'],
  ['no device_ip', { scene_info: { store_info: { id: '1' } } }, '/scene_info/device_ip'],
  [
    'a device_ip that is none',
    { scene_info: { device_ip: '1.2.3', store_info: { id: '1' } } },
    '/scene_info/device_ip',
  ],
  ['no store', { scene_info: { device_ip: '203.0.113.7' } }, '/scene_info/store_info'],
  [
    'a store without a number',
    { scene_info: { device_ip: '203.0.113.7', store_info: {} } },
    '/scene_info/store_info/id',
  ],
  [
    'a store with both numbers',
    { scene_info: { device_ip: '203.0.113.7', store_info: { id: '1', out_id: 'A' } } },
    '/scene_info/store_info/id',
  ],
  [
    'a place id that is no number',
    { scene_info: { device_ip: '203.0.113.7', store_info: { id: 'A1' } } },
    '/scene_info/store_info/id',
  ],
  ['no payer', { payer: undefined }, '/payer'],
  ['a code of 17 digits', { payer: { auth_code: '13006109882800940' } }, '/payer/auth_code'],
  ['a code that begins with 16', { payer: { auth_code: '160061098828009406' } }, '/payer/auth_code'],
  ['a notify_url', { notify_url: 'https://shop.example/notify' }, '/notify_url'],
  ['a time_expire', { time_expire: '2030-01-01T00:00:00+08:00' }, '/time_expire'],
  ['too long a description', { description: '茶'.repeat(43) }, '/description'],
  ['no amount', { amount: { total: 0 } }, '/amount/total'],
];

describe('a charge', () => {
  it('of a code whose payer needs no password is paid in the answer', async () => {
    const outTradeNo = newNumber();
    const scene_info = { device_ip: '203.0.113.7', device_id: 'till-3', store_info: { id: '4711' } };
    const authCode = await newCode(sandbox, { openid: 'oScanned', couponFen: 200 });
    expect(authCode).toMatch(/^1[0-5]\d{16}$/);
    const more = { attach: 'counter 3', goods_tag: 'tea', support_fapiao: true, scene_info };
    const { status, json, headers, text } = await charge(sandbox, merchant, outTradeNo, authCode, more);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      appid: merchant.appid,
      mchid: merchant.mchid,
      out_trade_no: outTradeNo,
      trade_type: 'MICROPAY',
      trade_state: 'SUCCESS',
      payer: { openid: 'oScanned' },
      amount: { total: 1200, payer_total: 1000, currency: 'CNY' },
      promotion_detail: [{ amount: 200 }],
      ...more,
    });
    expect(verified(headers, text, merchant.platformCertificatePem)).toBe(true);
    const found = (await query(sandbox, merchant, outTradeNo)).json;
    expect(found).toMatchObject({
      trade_state: 'SUCCESS',
      transaction_id: json['transaction_id'],
      attach: 'counter 3',
    });
  });

  it.each(bodies)('with %s is a PARAM_ERROR that names it', async (_, more, field) => {
    const { status, json } = await charge(sandbox, merchant, newNumber(), await newCode(sandbox), more);
    expect([status, json['code']]).toEqual([400, 'PARAM_ERROR']);
    expect(json['detail']).toMatchObject({ field, location: 'body' });
  });

  it('with another appid or mchid is refused', async () => {
    const code = await newCode(sandbox);
    const wrongAppid = await charge(sandbox, merchant, newNumber(), code, { appid: 'wxOther' });
    expect(wrongAppid.json['code']).toBe('APPID_MCHID_NOT_MATCH');
    const wrongMchid = await charge(sandbox, merchant, newNumber(), code, { mchid: '1999999999' });
    expect(wrongMchid.json['code']).toBe('PARAM_ERROR');
    expect((await charge(sandbox, merchant, newNumber(), code)).status).toBe(200);
  });

  it('of a code that nobody showed, that was used, or that is a minute old, is refused and makes no trade', async () => {
    const refusedWith = async (authCode: string) => {
      const outTradeNo = newNumber();
      const { status, json } = await charge(sandbox, merchant, outTradeNo, authCode);
      expect(status).toBe(400);
      expect((await query(sandbox, merchant, outTradeNo)).json['code']).toBe('ORDER_NOT_EXIST');
      return json['code'];
    };
    expect(await refusedWith('130061098828009406')).toBe('AUTH_CODE_INVALID');
    const used = await newCode(sandbox);
    await charge(sandbox, merchant, newNumber(), used);
    expect(await refusedWith(used)).toBe('AUTH_CODE_INVALID');
    const prompted = await newCode(sandbox, { payer: 'silent' });
    await charge(sandbox, merchant, newNumber(), prompted);
    expect(await refusedWith(prompted)).toBe('AUTH_CODE_INVALID');
    const old = await newCode(sandbox);
    await advance(61);
    expect(await refusedWith(old)).toBe('AUTH_CODE_EXPIRE');
  });

  it('with a coupon that is worth more than the trade is a TRADE_ERROR', async () => {
    const { status, json } = await charge(sandbox, merchant, newNumber(), await newCode(sandbox, { couponFen: 1201 }));
    expect([status, json['code']]).toEqual([403, 'TRADE_ERROR']);
  });

  it('is made once for a number', async () => {
    const again = async (outTradeNo: string, code?: string, more: Json = {}) => {
      const { status, json } = await charge(sandbox, merchant, outTradeNo, code ?? (await newCode(sandbox)), more);
      return [status, json['code']];
    };
    expect(await again(await charged())).toEqual([400, 'ORDER_PAID']);
    const outTradeNo = newNumber();
    const code = await newCode(sandbox, { payer: 'silent' });
    expect(await again(outTradeNo, code)).toEqual([202, 'USERPAYING']);
    expect(await again(outTradeNo, code)).toEqual([202, 'USERPAYING']);
    expect(await again(outTradeNo)).toEqual([403, 'OUT_TRADE_NO_USED']);
    await control(sandbox, 'POST', '/refuse', { outTradeNo });
    expect(await again(outTradeNo, code)).toEqual([403, 'OUT_TRADE_NO_USED']);
    await reverse(sandbox, merchant, outTradeNo);
    expect(await again(outTradeNo)).toEqual([400, 'ORDER_REVERSED']);
    const [native, closed] = [newNumber(), newNumber()];
    for (const number of [native, closed]) await prepay(sandbox, merchant, number);
    await close(sandbox, merchant, closed);
    expect(await again(native)).toEqual([403, 'OUT_TRADE_NO_USED']);
    expect(await again(closed)).toEqual([400, 'ORDER_CLOSED']);
    const prepaid = await prepay(sandbox, merchant, await charged({ payer: 'silent' }));
    expect(prepaid.json['code']).toBe('OUT_TRADE_NO_USED');
  });

  it('of one code for two trades at the same time pays one', async () => {
    const code = await newCode(sandbox);
    const both = await Promise.all([newNumber(), newNumber()].map((no) => charge(sandbox, merchant, no, code)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it('tells nobody: there is no notify', async () => {
    const scanned = await charged();
    const told = newNumber();
    await prepay(sandbox, merchant, told, 'native', { notify_url: receiver.url });
    await pay({ outTradeNo: told });
    await receiver.atLeast(1);
    await until('the delivery', async () => (await control<Json[]>(sandbox, 'GET', '/notifies')).length > 0);
    const notifies = await control<Json[]>(sandbox, 'GET', '/notifies');
    expect(notifies.map((row) => row['out_trade_no'])).not.toContain(scanned);
  });
});

describe('a payer who is asked for the password', () => {
  it('types it after a while', async () => {
    const outTradeNo = await charged({ payer: 'password', afterMs: 20, couponFen: 100, openid: 'oTyper' });
    const found = await until('the payment', async () => {
      const { json } = await query(sandbox, merchant, outTradeNo);
      return json['trade_state'] === 'SUCCESS' && json;
    });
    expect(found).toMatchObject({ payer: { openid: 'oTyper' }, amount: { payer_total: 1100 } });
  });

  it('is waited for in USERPAYING, without a transaction', async () => {
    const outTradeNo = await charged({ payer: 'password', afterMs: 3_600_000 });
    const { json } = await query(sandbox, merchant, outTradeNo);
    expect(json).toMatchObject({ trade_state: 'USERPAYING', amount: { total: 1200 } });
    expect(json).not.toHaveProperty('transaction_id');
    expect(await rowOf(outTradeNo)).toMatchObject({ trade_state: 'USERPAYING', trade_type: 'MICROPAY', total: 1200 });
  });

  it('types it as the clock moves on, at the time it was due', async () => {
    const outTradeNo = await charged({ payer: 'password', afterMs: 60_000 });
    await advance(59);
    expect(await stateOf(outTradeNo)).toBe('USERPAYING');
    await advance(10 * 86_400);
    const { json } = await query(sandbox, merchant, outTradeNo);
    const now = Date.parse(String((await control(sandbox, 'GET', '/clock'))['now']));
    expect(json['trade_state']).toBe('SUCCESS');
    expect(now - Date.parse(String(json['success_time']))).toBeGreaterThan(9 * 86_400_000);
  });

  it('types it at once by a control call, and once only', async () => {
    const outTradeNo = await charged({ payer: 'password', afterMs: 60_000 });
    const { json } = await pay({ outTradeNo });
    expect(await stateOf(outTradeNo)).toBe('SUCCESS');
    await advance(60);
    expect((await query(sandbox, merchant, outTradeNo)).json['transaction_id']).toBe(json['transactionId']);
    expect((await pay({ outTradeNo })).json['reason']).toBe('paid');
  });

  it('refuses after a while, and can pay no more', async () => {
    const outTradeNo = await charged({ payer: 'refuses', afterMs: 60_000 });
    expect(await stateOf(outTradeNo)).toBe('USERPAYING');
    await advance(60);
    expect((await query(sandbox, merchant, outTradeNo)).json).toMatchObject({
      trade_state: 'PAYERROR',
      trade_state_desc: '支付失败，请撤销订单',
    });
    expect((await pay({ outTradeNo })).json['reason']).toBe('refused');
    expect((await pay({ outTradeNo, force: true })).status).toBe(200);
  });

  it('refuses by a control call', async () => {
    const outTradeNo = await charged({ payer: 'silent' });
    expect((await tryControl(sandbox, 'POST', '/refuse', { outTradeNo })).status).toBe(204);
    expect(await stateOf(outTradeNo)).toBe('PAYERROR');
    const again = await tryControl(sandbox, 'POST', '/refuse', { outTradeNo });
    expect([again.status, again.json['reason']]).toEqual([409, 'no_prompt']);
    expect((await tryControl(sandbox, 'POST', '/refuse', { outTradeNo: 'unknown1' })).status).toBe(404);
  });

  it('who does nothing leaves it USERPAYING for ever', async () => {
    const outTradeNo = await charged({ payer: 'silent' });
    await advance(8 * 86_400);
    expect(await stateOf(outTradeNo)).toBe('USERPAYING');
    expect((await pay({ outTradeNo })).status).toBe(200);
  });
});

it('a code with settings that do not fit, or settings without any, are refused', async () => {
  expect((await tryControl(sandbox, 'POST', '/codes', { payer: 'pays twice' })).status).toBe(400);
  expect((await tryControl(sandbox, 'POST', '/codes', { afterMs: -1 })).status).toBe(400);
  expect((await tryControl(sandbox, 'PUT', '/settings', {})).status).toBe(400);
});

it('a code stands in no list', async () => {
  const code = await newCode(sandbox, { payer: 'silent' });
  await charge(sandbox, merchant, newNumber(), code);
  for (const path of ['/trades', '/calls', '/notifies', '/faults', '/refunds']) {
    expect((await tryControl(sandbox, 'GET', path)).text).not.toContain(code);
  }
});
