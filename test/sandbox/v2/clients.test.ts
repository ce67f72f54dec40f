import { Agent } from 'node:https';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import wechatpay from 'wechatpay-axios-plugin';
import { moveTo } from '../support/bill.js';
import { control, type Json } from '../support/client.js';
import { newCode } from '../support/code-scan.js';
import { newRefundNo } from '../support/refund.js';
import { newNumber } from '../support/trade.js';
import { until } from '../../support/until.js';
import { useReceiver, useSandbox } from '../support/use-sandbox.js';
import type { Fields } from './support/client.js';
import { chargeFields } from './support/code-scan.js';
import { advance, orderFields, products } from './support/trade.js';

const { sandbox, merchant } = useSandbox();
const receiver = useReceiver();

beforeAll(() => control(sandbox, 'PUT', '/settings', { refundDelayMs: 86_400_000 }));
beforeEach(() => {
  receiver.answer = 200;
});

/** What comes while `act` is done, as text. */
async function notified(act: () => Promise<unknown>): Promise<string> {
  const count = receiver.received.length;
  await act();
  const received = (await receiver.atLeast(count + 1))[count];
  if (!received) throw new Error('nothing came');
  return received.text;
}

const pay = (outTradeNo: string) => control(sandbox, 'POST', '/pay', { outTradeNo, couponFen: 200 });
const settle = (outRefundNo: string) =>
  control(sandbox, 'POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status: 'SUCCESS' });

/** The reasons of the deliveries of this order's notifies, once there are so many: none when it was accepted. */
const reasonsOf = (outTradeNo: string, count: number) =>
  until('the deliveries', async () => {
    const rows = await control<Json[]>(sandbox, 'GET', '/notifies');
    const reasons = rows.filter((row) => row['out_trade_no'] === outTradeNo).map((row) => row['reason']);
    return reasons.length >= count && reasons;
  });

/** A day with a paid order, and the clock on the next one. */
async function dayWithOrder(prepay: (outTradeNo: string) => Promise<unknown>) {
  const date = await moveTo(sandbox, 1);
  const outTradeNo = newNumber();
  await prepay(outTradeNo);
  await pay(outTradeNo);
  await moveTo(sandbox, 1);
  return { outTradeNo, bill_date: date.replaceAll('-', '') };
}

describe('wechatpay-axios-plugin', () => {
  const { Wechatpay, Hash, Aes, Formatter, Transformer } = wechatpay as unknown as AxiosPlugin;
  const client = () =>
    new Wechatpay({
      mchid: merchant.mchid,
      secret: merchant.apiV2Key,
      merchant: { cert: merchant.certificatePem, key: merchant.privateKeyPem, ca: merchant.secapiCaPem },
      serial: merchant.serialNo,
      privateKey: merchant.privateKeyPem,
      certs: { [merchant.publicKeyId]: merchant.publicKeyPem },
      baseURL: `${sandbox.url}/`,
    });
  const secure = () => ({ security: true, baseURL: `${merchant.secapiUrl}/` });
  const post = async (path: string, fields: Json, options: Json = {}): Promise<Fields> => {
    const { data } = await client()
      .chain(`v2/${path}`)
      .post({ appid: merchant.appid, mch_id: merchant.mchid, ...fields }, options);
    return data as Fields;
  };
  const order = (outTradeNo: string, more: Json = {}) =>
    post('pay/unifiedorder', { ...orderFields(outTradeNo), notify_url: receiver.url, ...more });
  const isSigned = (fields: Fields) =>
    Hash.sign(fields['sign']?.length === 64 ? 'HMAC-SHA256' : 'MD5', fields, merchant.apiV2Key) === fields['sign'];
  const receipt = () => Transformer.toXml({ return_code: 'SUCCESS', return_msg: 'OK' });

  it.each(['MD5', 'HMAC-SHA256'])('goes through every prepay, query, notify and query with %s', async (sign_type) => {
    receiver.answerBody = receipt();
    for (const [trade_type, more] of products) {
      const outTradeNo = `${newNumber()}*2`;
      expect((await order(outTradeNo, { trade_type, sign_type, ...more }))['prepay_id']).toMatch(/^wx/);
      const ask = () => post('pay/orderquery', { out_trade_no: outTradeNo, sign_type });
      expect((await ask())['trade_state']).toBe('NOTPAY');
      const told = Transformer.toObject(await notified(() => pay(outTradeNo)));
      expect(isSigned(told)).toBe(true);
      const { transaction_id, total_fee, cash_fee, time_end } = told;
      expect(await ask()).toMatchObject({ trade_state: 'SUCCESS', transaction_id, total_fee, cash_fee, time_end });
      expect(await reasonsOf(outTradeNo, 1)).toEqual([undefined]);
    }
  });

  it('goes through close', async () => {
    const outTradeNo = newNumber();
    await order(outTradeNo);
    const close = () => post('pay/closeorder', { out_trade_no: outTradeNo });
    await expect(close()).rejects.toMatchObject({ response: { data: { err_code: 'INVALID_REQUEST' } } });
    await advance(sandbox, 301);
    expect((await close())['result_code']).toBe('SUCCESS');
    await expect(close()).rejects.toMatchObject({ response: { data: { err_code: 'ORDERCLOSED' } } });
  });

  it.each(['MD5', 'HMAC-SHA256'])('goes through code scan, its query and its reverse with %s', async (sign_type) => {
    const outTradeNo = newNumber();
    const micropay = async (wanted: Json, number = newNumber()) =>
      post('pay/micropay', { ...chargeFields(number, await newCode(sandbox, wanted)), sign_type });
    const ask = () => post('pay/orderquery', { out_trade_no: outTradeNo, sign_type });
    expect(await micropay({ couponFen: 200 })).toMatchObject({ trade_type: 'MICROPAY', cash_fee: '1000' });
    await expect(micropay({ payer: 'password', afterMs: 5000 }, outTradeNo)).rejects.toMatchObject({
      response: { data: { err_code: 'USERPAYING' } },
    });
    expect((await ask())['trade_state']).toBe('USERPAYING');
    await advance(sandbox, 5);
    expect((await ask())['trade_state']).toBe('SUCCESS');
    const reverse = () => post('secapi/pay/reverse', { out_trade_no: outTradeNo, sign_type }, secure());
    expect(await reverse()).toMatchObject({ result_code: 'SUCCESS', recall: 'N' });
    expect((await ask())['trade_state']).toBe('REVOKED');
  });

  it('goes through a refund with its certificate, its notify and its query', async () => {
    receiver.answerBody = receipt();
    const [outTradeNo, outRefundNo] = [newNumber(), newRefundNo()];
    await order(outTradeNo);
    await notified(() => pay(outTradeNo));
    const refund = { out_trade_no: outTradeNo, out_refund_no: outRefundNo, total_fee: 1200, refund_fee: 600 };
    const asked = await post('secapi/pay/refund', { ...refund, notify_url: receiver.url }, secure());
    expect(asked).toMatchObject({ refund_fee: '600', cash_refund_fee: '500', coupon_refund_fee: '100' });
    const told = Transformer.toObject(await notified(() => settle(outRefundNo)));
    const opened = Aes.AesEcb.decrypt(told['req_info'] ?? '', Hash.md5(merchant.apiV2Key));
    const { refund_id = '', success_time = '' } = Transformer.toObject(opened);
    expect(refund_id).toBe(asked['refund_id']);
    expect(await post('pay/refundquery', { refund_id, sign_type: 'HMAC-SHA256' })).toMatchObject({
      ...{ out_refund_no_0: outRefundNo, refund_status_0: 'SUCCESS', refund_success_time_0: success_time },
    });
  });

  it('downloads and reads both bills', async () => {
    const { outTradeNo, bill_date } = await dayWithOrder(order);
    for (const [path, more, column] of [
      ['pay/downloadbill', { bill_type: 'ALL' }, '商户订单号'],
      ['pay/downloadfundflow', { account_type: 'Basic', sign_type: 'HMAC-SHA256' }, '业务凭证号'],
    ] as const) {
      const { data } = await client()
        .chain(`v2/${path}`)
        .post(
          { appid: merchant.appid, mch_id: merchant.mchid, bill_date, tar_type: 'GZIP', ...more },
          {
            responseType: 'arraybuffer',
            transformResponse: [],
            ...(path === 'pay/downloadfundflow' ? secure() : {}),
          },
        );
      const { rows } = Formatter.castCsvBill(gunzipSync(data as unknown as Buffer));
      expect(rows[0]?.[column]).toBe(outTradeNo);
    }
    await expect(post('pay/downloadbill', { bill_date: '20200101' })).rejects.toMatchObject({
      response: { data: { return_code: 'FAIL', return_msg: 'invalid bill_date' } },
    });
  });

  it('refuses a forged answer, and an answer that nobody signed', async () => {
    const outTradeNo = newNumber();
    await order(outTradeNo);
    await control(sandbox, 'PUT', '/faults', [
      { on: 'query', kind: 'badSignature' },
      { on: 'query', kind: 'error', status: 200, effect: true, signed: false },
    ]);
    const ask = () => post('pay/orderquery', { out_trade_no: outTradeNo });
    await expect(ask()).rejects.toThrow(/sign/);
    await expect(ask()).rejects.toThrow(/sign/);
    expect((await ask())['trade_state']).toBe('NOTPAY');
  });
});

/** tenpay's addresses are a field of its own, and its HTTP client has one agent for TLS, which knows the sandbox's authority here. */
describe('tenpay', () => {
  const require = createRequire(import.meta.url);
  const Tenpay = require('tenpay') as new (options: Json) => Tenpay;
  const urllib = createRequire(require.resolve('tenpay'))('urllib/lib/urllib') as { httpsAgent: Agent };
  const { httpsAgent } = urllib;

  beforeAll(() => {
    const { secapiCaPem: ca, certificatePem: cert, privateKeyPem: key } = merchant;
    urllib.httpsAgent = new Agent({ ca, cert, key });
  });
  afterAll(() => void (urllib.httpsAgent = httpsAgent));

  const client = () => {
    const tenpay = new Tenpay({
      appid: merchant.appid,
      mchid: merchant.mchid,
      partnerKey: merchant.apiV2Key,
      notify_url: receiver.url,
      refund_url: receiver.url,
    });
    const isSecure = (name: string) => ['refund', 'reverse', 'downloadfundflow'].includes(name);
    tenpay.urls = Object.fromEntries(
      Object.entries(tenpay.urls).map(([name, url]) => [
        name,
        `${isSecure(name) ? merchant.secapiUrl : sandbox.url}${new URL(url).pathname}`,
      ]),
    );
    return tenpay;
  };
  const order = (outTradeNo: string, more: Fields = {}) =>
    client().unifiedOrder({ ...orderFields(outTradeNo), ...more });

  /** As its middleware answers the notify: what it read, and the receipt that it writes. */
  async function received(kind: 'pay' | 'refund', body: string): Promise<{ read: Json; reply: string }> {
    const context: KoaContext = { request: { body }, body: '' };
    await client().middleware(kind)(context, () => {
      context.reply?.();
      return Promise.resolve();
    });
    return { read: context.request.weixin ?? {}, reply: context.body };
  }

  it.each(['MD5', 'HMAC-SHA256'])('goes through every prepay, query, notify and query with %s', async (sign_type) => {
    receiver.answerBody = '<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>';
    for (const [trade_type, more] of products) {
      const outTradeNo = newNumber();
      await order(outTradeNo, { trade_type, sign_type, ...more, notify_url: receiver.url });
      const ask = () => client().orderQuery({ out_trade_no: outTradeNo, sign_type });
      expect((await ask())['trade_state']).toBe('NOTPAY');
      const { read, reply } = await received('pay', await notified(() => pay(outTradeNo)));
      expect(read).toMatchObject({ out_trade_no: outTradeNo, total_fee: '1200', cash_fee: '1000' });
      expect(reply).toContain('SUCCESS');
      expect(await ask()).toMatchObject({ trade_state: 'SUCCESS', transaction_id: read['transaction_id'] });
    }
  });

  it('has its receipt accepted, and its refusal not', async () => {
    const outTradeNo = newNumber();
    await order(outTradeNo, { notify_url: receiver.url });
    receiver.answerBody = (await received('pay', '<xml></xml>')).reply;
    expect(receiver.answerBody).toContain('FAIL');
    const told = await notified(() => pay(outTradeNo));
    const refused = 'the answer does not accept it';
    expect(await reasonsOf(outTradeNo, 1)).toEqual([refused]);
    receiver.answerBody = (await received('pay', told)).reply;
    expect(await notified(() => advance(sandbox, 15))).toContain(outTradeNo);
    expect(await reasonsOf(outTradeNo, 2)).toEqual([refused, undefined]);
  });

  it('goes through close', async () => {
    const outTradeNo = newNumber();
    await order(outTradeNo);
    await expect(client().closeOrder({ out_trade_no: outTradeNo })).rejects.toThrow('INVALID_REQUEST');
    await advance(sandbox, 301);
    expect((await client().closeOrder({ out_trade_no: outTradeNo }))['result_code']).toBe('SUCCESS');
    await expect(order(outTradeNo)).rejects.toThrow('ORDERCLOSED');
  });

  it('goes through code scan, its query and its reverse', async () => {
    const outTradeNo = newNumber();
    const micropay = async (wanted: Json, number = newNumber()) =>
      client().micropay(chargeFields(number, await newCode(sandbox, wanted)));
    expect(await micropay({})).toMatchObject({ trade_type: 'MICROPAY', total_fee: '1200' });
    await expect(micropay({ payer: 'refuses', afterMs: 5000 }, outTradeNo)).rejects.toThrow('USERPAYING');
    await advance(sandbox, 5);
    const ask = () => client().orderQuery({ out_trade_no: outTradeNo });
    expect((await ask())['trade_state']).toBe('PAYERROR');
    expect((await client().reverse({ out_trade_no: outTradeNo }))['recall']).toBe('N');
    expect((await ask())['trade_state']).toBe('REVOKED');
  });

  it('goes through a refund with its certificate, its notify and its query', async () => {
    receiver.answerBody = '<xml><return_code>SUCCESS</return_code></xml>';
    const [out_trade_no, out_refund_no] = [newNumber(), newRefundNo()];
    await order(out_trade_no, { notify_url: receiver.url });
    await notified(() => pay(out_trade_no));
    const asked = await client().refund({ out_trade_no, out_refund_no, total_fee: 1200, refund_fee: 600 });
    const { read } = await received('refund', await notified(() => settle(out_refund_no)));
    expect(read['req_info']).toMatchObject({ out_refund_no, refund_id: asked['refund_id'], refund_status: 'SUCCESS' });
    const found = await client().refundQuery({ out_refund_no });
    expect(found).toMatchObject({ refund_id_0: asked['refund_id'], refund_status_0: 'SUCCESS' });
  });

  it('downloads and reads both bills', async () => {
    const { outTradeNo, bill_date } = await dayWithOrder(order);
    const trade = await client().downloadBill({ bill_date }, true);
    const column = trade.list_title.indexOf('商户订单号');
    expect(trade.list_data.map((row) => row[column])).toEqual([outTradeNo]);
    const fund = await client().downloadFundflow({ bill_date }, true);
    expect(fund.list_data.at(0)?.at(-1)).toBe(outTradeNo);
    await expect(client().downloadBill({ bill_date: '20200101' })).rejects.toThrow('invalid bill_date');
  });

  it('refuses a forged answer', async () => {
    await control(sandbox, 'PUT', '/faults', [{ on: 'query', kind: 'badSignature' }]);
    const outTradeNo = newNumber();
    await order(outTradeNo);
    await expect(client().orderQuery({ out_trade_no: outTradeNo })).rejects.toThrow('sign');
  });
});

interface AxiosPlugin {
  Wechatpay: new (options: Json) => {
    chain(path: string): { post(body: Json, options: Json): Promise<{ data: Json }> };
  };
  Hash: { sign(type: string, fields: Fields, key: string): string; md5(text: string): string };
  Aes: { AesEcb: { decrypt(ciphertext: string, key: string): string } };
  Formatter: { castCsvBill(file: Buffer): { rows: Json[] } };
  Transformer: { toObject(xml: string): Fields; toXml(fields: Fields): string };
}

interface TenpayBill {
  list_title: string[];
  list_data: string[][];
}

type TenpayCall = (fields: Json) => Promise<Fields>;

type TenpayName = 'unifiedOrder' | 'orderQuery' | 'closeOrder' | 'refund' | 'refundQuery' | 'micropay' | 'reverse';

interface Tenpay extends Record<TenpayName, TenpayCall> {
  urls: Record<string, string>;
  downloadBill(fields: Json, format?: true): Promise<TenpayBill>;
  downloadFundflow(fields: Json, format?: true): Promise<TenpayBill>;
  middleware(kind: 'pay' | 'refund'): (context: KoaContext, next: () => Promise<void>) => Promise<void>;
}

interface KoaContext {
  request: { body: string; weixin?: Json };
  body: string;
  reply?: (message?: string) => void;
}
