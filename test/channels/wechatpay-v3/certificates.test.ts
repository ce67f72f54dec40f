import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Gateway, NotifyReader } from '../../../src/channels/port.js';
import { fakeWechatPay, failed, signed, signatureHeaders, type FakeWechatPay } from '../support/fake-wechatpay.js';
import { gatewayOf, withCredentials } from '../support/gateway.js';
import { outTradeNo } from '../support/values.js';
import { seal } from '../support/seal.js';
import { PUBLISHED_BODY, PUBLISHED_CERTIFICATE, PUBLISHED_HEADERS } from '../support/wechatpay-go-notify.js';

const wechatNo = outTradeNo('A-10001');
const SERIAL = 'D7CE59D1F522D701';
const entry = (sealed = seal(PUBLISHED_CERTIFICATE, 'certificate')) => ({
  serial_no: SERIAL,
  encrypt_certificate: sealed,
});

let wechat: FakeWechatPay;
beforeEach(async () => {
  wechat = await fakeWechatPay();
});
afterEach(() => wechat.close());

function gatewayAt(now = new Date(), publicKeys = wechat.merchant.credentials.publicKeys): Gateway & NotifyReader {
  const deps = { now: () => now, notifyUrl: () => 'https://pay.example.com/n', workers: 1 };
  return gatewayOf(withCredentials(wechat.merchant, { publicKeys }), deps);
}

/** What becomes of a notify that names the published certificate: its key is known exactly when the signature is looked at. */
async function verdict(gateway: NotifyReader, now = new Date()): Promise<unknown> {
  const headers = { ...PUBLISHED_HEADERS, 'Wechatpay-Timestamp': String(Math.floor(now.getTime() / 1_000)) };
  const outcome: unknown = await gateway
    .parseNotify({ headers, body: Buffer.from(PUBLISHED_BODY) })
    .catch((error: unknown) => error);
  return outcome instanceof Error && 'code' in outcome ? outcome.code : outcome;
}

test('a certificate is known after a download that a configured key has signed', async () => {
  wechat.answer = signed(200, { data: [entry()] });
  expect(await verdict(gatewayAt())).toBe('bad_signature');
  expect(wechat.seen.map((seen) => `${seen.method} ${seen.target}`)).toEqual(['GET /v3/certificates']);
});

test('a certificate that has run out is not known', async () => {
  const in2032 = new Date('2032-01-01T00:00:00Z');
  wechat.answer = signed(200, { data: [entry()] }, { at: in2032 });
  expect(await verdict(gatewayAt(in2032), in2032)).toBe('unknown_serial');
});

test('a list that nobody known has signed gives no certificate', async () => {
  const body = JSON.stringify({ data: [entry()] });
  wechat.answer = (_, response) => response.writeHead(200, signatureHeaders(body, { serial: 'FF' })).end(body);
  expect(await verdict(gatewayAt())).toBe('unknown_serial');
});

test('an API v3 key that opens no certificate is a matter for a person', async () => {
  wechat.answer = signed(200, { data: [entry(seal(PUBLISHED_CERTIFICATE, 'certificate', 'f'.repeat(32)))] });
  const call = gatewayAt(new Date(), new Map()).query({ outTradeNo: wechatNo }, { patience: 'durable' });
  await expect(call).rejects.toMatchObject({ code: 'merchant_config' });
});

test.each([
  ['a list of something else', signed(200, { data: [{ serial_no: SERIAL }] }), 'unreachable'],
  ['a gateway that fails', failed(500, { code: 'SYSTEM_ERROR' }), 'unreachable'],
  ['an empty list', failed(404, { code: 'RESOURCE_NOT_EXISTS', message: '无可用的平台证书' }), 'merchant_config'],
  ['a wrong signature', failed(401, { code: 'SIGN_ERROR', message: '签名错误' }), 'merchant_config'],
] as const)('%s leaves a merchant without keys unable to call', async (_, answer, code) => {
  wechat.answer = answer;
  const call = gatewayAt(new Date(), new Map()).query({ outTradeNo: wechatNo }, { patience: 'durable' });
  await expect(call).rejects.toMatchObject({ code });
  expect(wechat.seen.map((seen) => seen.target)).toEqual(['/v3/certificates']);
});
