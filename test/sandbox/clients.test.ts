import http from 'node:http';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import wechatpay from 'wechatpay-axios-plugin';
import { control, header, type Json } from './support/client.js';
import { chargeBody, newCode } from './support/code-scan.js';
import { newRefundNo, paidTrade, refundBody, refunds } from './support/refund.js';
import { moveTo } from './support/bill.js';
import { newNumber, prepayBody } from './support/trade.js';
import { useReceiver, useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();
const receiver = useReceiver();

beforeAll(async () => {
  await control(sandbox, 'PUT', '/settings', { refundDelayMs: 86_400_000 });
});

/** The notify of this trade, paid now. */
async function notified(outTradeNo: string) {
  const count = receiver.received.length;
  await control(sandbox, 'POST', '/pay', { outTradeNo });
  const received = (await receiver.atLeast(count + 1))[count];
  if (!received) throw new Error('nothing came');
  return received;
}

/** A refund of a paid trade, not asked for yet. */
async function refundable(): Promise<{ outRefundNo: string; body: Json }> {
  const { outTradeNo } = await paidTrade(sandbox, merchant, { couponFen: 200 });
  const outRefundNo = newRefundNo();
  return { outRefundNo, body: refundBody(outTradeNo, outRefundNo, 600, { notify_url: receiver.url }) };
}

/** The notify of this refund, succeeded now. */
async function refundNotified(outRefundNo: string) {
  const count = receiver.received.length;
  await control(sandbox, 'POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status: 'SUCCESS' });
  const received = (await receiver.atLeast(count + 1))[count];
  if (!received) throw new Error('nothing came');
  return received;
}

/** What the query of a succeeded refund and its notify say alike. */
function notifyOf(refund: Json): Json {
  const { total, refund: refunded, payer_total, payer_refund } = refund['amount'] as Json;
  return {
    mchid: merchant.mchid,
    refund_status: 'SUCCESS',
    amount: { total, refund: refunded, payer_total, payer_refund },
    ...Object.fromEntries(shared.map((name) => [name, refund[name]])),
  };
}
const shared = [
  ...['transaction_id', 'out_trade_no', 'refund_id', 'out_refund_no'],
  ...['success_time', 'user_received_account'],
];

/** wechatpay-axios-plugin takes its base URL as an option, so nothing has to be redirected. */
describe('wechatpay-axios-plugin', () => {
  const { Wechatpay, Rsa, Aes } = wechatpay as unknown as AxiosPlugin;
  const client = () =>
    new Wechatpay({
      mchid: merchant.mchid,
      serial: merchant.serialNo,
      privateKey: merchant.privateKeyPem,
      certs: {
        [merchant.platformSerialNo]: merchant.platformCertificatePem,
        [merchant.publicKeyId]: merchant.publicKeyPem,
      },
      baseURL: `${sandbox.url}/`,
    });
  const path = (outTradeNo: string) => `v3/pay/transactions/out-trade-no/${outTradeNo}`;

  it.each(['native', 'jsapi', 'app', 'h5'] as const)(
    'goes through prepay %s, query, notify and query',
    async (product) => {
      const outTradeNo = `${newNumber()}*2`;
      const body = prepayBody(merchant, outTradeNo, product, { notify_url: receiver.url });
      expect((await client().chain(`v3/pay/transactions/${product}`).post(body)).status).toBe(200);
      const ask = () =>
        client()
          .chain(path(outTradeNo))
          .get({ params: { mchid: merchant.mchid } });
      expect((await ask()).data).toMatchObject({ trade_state: 'NOTPAY' });
      const { headers, text, json } = await notified(outTradeNo);
      const message = `${header(headers, 'wechatpay-timestamp')}\n${header(headers, 'wechatpay-nonce')}\n${text}\n`;
      expect(Rsa.verify(message, header(headers, 'wechatpay-signature'), merchant.platformCertificatePem)).toBe(true);
      const { ciphertext, nonce, associated_data } = json.resource as Record<string, string>;
      const opened = Aes.AesGcm.decrypt(ciphertext, merchant.apiV3Key, nonce, associated_data);
      expect(JSON.parse(opened)).toEqual((await ask()).data);
    },
  );

  it('goes through close and reads the certificates, in both signing modes', async () => {
    for (const serial of [merchant.publicKeyId, merchant.platformSerialNo]) {
      const outTradeNo = newNumber();
      const headers = { 'Wechatpay-Serial': serial };
      const made = await client()
        .chain('v3/pay/transactions/native')
        .post(prepayBody(merchant, outTradeNo), { headers });
      expect(made.headers['wechatpay-serial']).toBe(serial);
      const closed = await client()
        .chain(`${path(outTradeNo)}/close`)
        .post({ mchid: merchant.mchid }, { headers });
      expect([closed.status, closed.headers['wechatpay-serial']]).toEqual([204, serial]);
    }
    const certificates = await client().chain('v3/certificates').get();
    expect(JSON.stringify(certificates.data)).toContain(merchant.platformSerialNo);
  });

  it('goes through code scan, its query and its reverse', async () => {
    const [paid, prompted] = [newNumber(), newNumber()];
    const charge = async (outTradeNo: string, wanted: Json) => {
      const body = chargeBody(merchant, outTradeNo, await newCode(sandbox, wanted));
      return client().chain('v3/pay/transactions/codepay').post(body);
    };
    const ask = async (outTradeNo: string) => {
      const { data } = await client()
        .chain(path(outTradeNo))
        .get({ params: { mchid: merchant.mchid } });
      return data;
    };
    const { data } = await charge(paid, {});
    expect(data).toMatchObject(await ask(paid));
    const waiting = await charge(prompted, { payer: 'silent' });
    expect([waiting.status, waiting.data['code']]).toEqual([202, 'USERPAYING']);
    for (const outTradeNo of [paid, prompted]) {
      const body = { appid: merchant.appid, mchid: merchant.mchid };
      const reversed = await client()
        .chain(`${path(outTradeNo)}/reverse`)
        .post(body);
      expect([reversed.status, reversed.data]).toEqual([200, { ...body, out_trade_no: outTradeNo }]);
      expect((await ask(outTradeNo))['trade_state']).toBe('REVOKED');
    }
  });

  it('goes through a refund, its notify and its query, an abnormal one too', async () => {
    const { outRefundNo, body } = await refundable();
    const applied = await client().chain(refunds.slice(1)).post(body);
    expect([applied.status, applied.data['status']]).toEqual([200, 'PROCESSING']);
    const settle = (status: string) =>
      control(sandbox, 'POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status });
    const count = receiver.received.length;
    await settle('ABNORMAL');
    await receiver.atLeast(count + 1);
    const abnormal = `${refunds.slice(1)}/${String(applied.data['refund_id'])}/apply-abnormal-refund`;
    const redirected = await client().chain(abnormal).post({ out_refund_no: outRefundNo, type: 'MERCHANT_BANK_CARD' });
    expect(redirected.data['status']).toBe('PROCESSING');
    const { headers, text, json } = await refundNotified(outRefundNo);
    const message = `${header(headers, 'wechatpay-timestamp')}\n${header(headers, 'wechatpay-nonce')}\n${text}\n`;
    expect(Rsa.verify(message, header(headers, 'wechatpay-signature'), merchant.platformCertificatePem)).toBe(true);
    const { ciphertext, nonce, associated_data } = json.resource as Record<string, string>;
    const opened = Aes.AesGcm.decrypt(ciphertext, merchant.apiV3Key, nonce, associated_data);
    const asked = await client()
      .chain(`${refunds.slice(1)}/${encodeURIComponent(outRefundNo)}`)
      .get();
    expect(asked.data).toMatchObject({
      status: 'SUCCESS',
      channel: 'OTHER_BANKCARD',
      amount: { discount_refund: 100 },
    });
    expect(JSON.parse(opened)).toEqual(notifyOf(asked.data));
  });

  it('refuses a forged answer', async () => {
    await control(sandbox, 'PUT', '/faults', [{ on: 'certificates', kind: 'badSignature' }]);
    await expect(client().chain('v3/certificates').get()).rejects.toThrow(/signature|verify/i);
  });

  it('hears what is wrong with a field, and takes no answer that nobody signed', async () => {
    const detail = { field: '/amount/total', issue: 'too small' };
    const fault = { on: 'certificates', kind: 'error' };
    await control(sandbox, 'PUT', '/faults', [
      { ...fault, status: 400, code: 'PARAM_ERROR', effect: false, detail, retryAfter: '9' },
      { ...fault, status: 200, effect: true, signed: false },
    ]);
    const ask = () => client().chain('v3/certificates').get();
    const response = { status: 400, data: { code: 'PARAM_ERROR', detail } };
    await expect(ask()).rejects.toMatchObject({ response });
    await expect(ask()).rejects.toThrow();
    expect((await ask()).status).toBe(200);
  });
});

/**
 * wechatpay-node-v3 has its host built in. Only its HTTP client's table of transports is changed: what would open a TLS
 * connection to api.mch.weixin.qq.com opens a plain one to the sandbox.
 */
describe('wechatpay-node-v3', () => {
  const require = createRequire(createRequire(import.meta.url).resolve('wechatpay-node-v3'));
  const { protocols } = require('superagent') as { protocols: Record<string, unknown> };
  const Pay = require('wechatpay-node-v3') as new (options: Json) => NodeV3;
  const https = protocols['https:'];

  beforeAll(() => {
    const { hostname, port } = new URL(sandbox.url);
    protocols['https:'] = {
      request: (options: http.RequestOptions) =>
        http.request({ ...options, protocol: 'http:', host: hostname, port, agent: false }),
    };
  });
  afterAll(() => (protocols['https:'] = https));

  const client = () =>
    new Pay({
      appid: merchant.appid,
      mchid: merchant.mchid,
      publicKey: Buffer.from(merchant.certificatePem),
      privateKey: Buffer.from(merchant.privateKeyPem),
      key: merchant.apiV3Key,
    });
  const fields = (outTradeNo: string, product?: Parameters<typeof prepayBody>[2]) =>
    prepayBody(merchant, outTradeNo, product, { notify_url: receiver.url });

  it('goes through every prepay, query, notify and query', async () => {
    const pay = client();
    for (const product of ['native', 'jsapi', 'app', 'h5'] as const) {
      const outTradeNo = newNumber();
      expect((await pay[`transactions_${product}`](fields(outTradeNo, product))).status).toBe(200);
      expect((await pay.query({ out_trade_no: outTradeNo })).data).toMatchObject({ trade_state: 'NOTPAY' });
      const { headers, text, json } = await notified(outTradeNo);
      const ok = await pay.verifySign({
        timestamp: header(headers, 'wechatpay-timestamp'),
        nonce: header(headers, 'wechatpay-nonce'),
        body: text,
        serial: header(headers, 'wechatpay-serial'),
        signature: header(headers, 'wechatpay-signature'),
        apiSecret: merchant.apiV3Key,
      });
      expect(ok).toBe(true);
      const { ciphertext, nonce, associated_data } = json.resource as Record<string, string>;
      const opened = pay.decipher_gcm(ciphertext, associated_data, nonce, merchant.apiV3Key) as Json;
      expect(opened).toEqual((await pay.query({ transaction_id: opened['transaction_id'] })).data);
    }
  });

  it('goes through a refund, its notify and its query', async () => {
    const pay = client();
    const { outRefundNo, body } = await refundable();
    expect((await pay.refunds(body)).data).toMatchObject({ status: 'PROCESSING', out_refund_no: outRefundNo });
    const { headers, text, json } = await refundNotified(outRefundNo);
    const ok = await pay.verifySign({
      timestamp: header(headers, 'wechatpay-timestamp'),
      nonce: header(headers, 'wechatpay-nonce'),
      body: text,
      serial: header(headers, 'wechatpay-serial'),
      signature: header(headers, 'wechatpay-signature'),
      apiSecret: merchant.apiV3Key,
    });
    expect(ok).toBe(true);
    const { ciphertext, nonce, associated_data } = json.resource as Record<string, string>;
    const opened = pay.decipher_gcm(ciphertext, associated_data, nonce, merchant.apiV3Key) as Json;
    expect(opened).toEqual(notifyOf((await pay.find_refunds(outRefundNo)).data));
  });

  it('goes through close and reads the certificates', async () => {
    const pay = client();
    const outTradeNo = newNumber();
    await pay.transactions_native(fields(outTradeNo));
    expect((await pay.close(outTradeNo)).status).toBe(204);
    expect((await pay.query({ out_trade_no: outTradeNo })).data).toMatchObject({ trade_state: 'CLOSED' });
    const [certificate] = await pay.get_certificates(merchant.apiV3Key);
    expect(certificate).toMatchObject({ serial_no: merchant.platformSerialNo });
    expect(String(certificate?.['publicKey'])).toContain('BEGIN PUBLIC KEY');
  });

  it('is told why it is refused', async () => {
    const reply = await client().transactions_native({ ...fields(newNumber()), amount: { total: 0 } });
    expect(reply.status).toBe(400);
    expect(JSON.stringify(reply)).toContain('PARAM_ERROR');
  });
});

describe('wechatpay-axios-plugin and bills', () => {
  const { Wechatpay, Hash, Formatter } = wechatpay as unknown as AxiosPlugin;
  const client = () =>
    new Wechatpay({
      mchid: merchant.mchid,
      serial: merchant.serialNo,
      privateKey: merchant.privateKeyPem,
      certs: { [merchant.platformSerialNo]: merchant.platformCertificatePem },
      baseURL: `${sandbox.url}/`,
    });

  it.each([
    ['tradebill', ''],
    ['tradebill', 'GZIP'],
    ['fundflowbill', ''],
    ['fundflowbill', 'GZIP'],
  ])('applies for a %s %s, downloads, hashes and reads it', async (kind, tarType) => {
    const bill_date = await moveTo(sandbox, 1);
    const { outTradeNo, transactionId } = await paidTrade(sandbox, merchant);
    await moveTo(sandbox, 1);
    const params = { bill_date, ...(tarType === '' ? {} : { tar_type: tarType }) };
    const { hash_value, download_url } = (await client().chain(`v3/bill/${kind}`).get({ params })).data;
    const url = new URL(String(download_url));
    const { data } = await client()
      .chain('v3/billdownload/file')
      .get({ params: Object.fromEntries(url.searchParams), responseType: 'arraybuffer' });
    const sent = Buffer.from(data as unknown as ArrayBuffer);
    const file = tarType === 'GZIP' ? gunzipSync(sent) : sent;
    expect(Hash.sha1(file)).toBe(hash_value);
    const { rows, summary } = Formatter.castCsvBill(file);
    const [row] = rows;
    if (kind === 'tradebill') {
      expect(row).toMatchObject({ 商户订单号: outTradeNo, 微信订单号: transactionId, 订单金额: '12.00', 费率备注: '' });
      expect(summary).toMatchObject({ 总交易单数: '1', 订单总金额: '12.00', 申请退款总金额: '0.00' });
    } else {
      expect(row).toMatchObject({ 微信支付业务单号: transactionId, '收支金额(元)': '12.00', 业务凭证号: outTradeNo });
      expect(summary).toMatchObject({ 资金流水总笔数: '2', 收入金额: '12.00', 支出金额: '0.07' });
    }
  });
});

interface Answered {
  status: number;
  data: Json;
  headers: Record<string, string>;
}

interface AxiosPlugin {
  Wechatpay: new (options: Json) => {
    chain(path: string): {
      get(options?: Json): Promise<Answered>;
      post(body: Json, options?: Json): Promise<Answered>;
    };
  };
  Rsa: { verify(message: string, signature: string, key: string): boolean };
  Hash: { sha1(data: Buffer): string };
  Formatter: { castCsvBill(file: Buffer): { rows: Json[]; summary: Json } };
  Aes: { AesGcm: { decrypt(ciphertext?: string, key?: string, iv?: string, aad?: string): string } };
}

type Ask = (fields: Json) => Promise<Answered>;

interface NodeV3 extends Record<`transactions_${'native' | 'jsapi' | 'app' | 'h5'}`, Ask> {
  query: Ask;
  close(outTradeNo: string): Promise<Answered>;
  refunds: Ask;
  find_refunds(outRefundNo: string): Promise<Answered>;
  get_certificates(key: string): Promise<Json[]>;
  verifySign(signed: Json): Promise<boolean>;
  decipher_gcm(ciphertext?: string, associatedData?: string, nonce?: string, key?: string): unknown;
}
