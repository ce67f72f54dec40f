import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Gateway } from '../../../src/channels/port.js';
import { issueCertificate } from '../../../src/sandbox/identity/certificate.js';
import { runs } from '../../support/property-runs.js';
import { anyRefund } from '../support/any-refund.js';
import { failureOf } from '../support/failure-of.js';
import {
  fakeV2Merchant,
  fakeWechatPayV2,
  isSignedV2,
  OWN,
  refusedV2,
  sentV2,
  signedV2,
  v2GatewayOf,
  withSign,
  xmlOf,
  type FakeWechatPayV2,
  type V2Handler,
} from '../support/fake-wechatpay-v2.js';
import { startTlsAlert } from '../support/tls-alert.js';
import { outRefundNo, outTradeNo, refundOf } from '../support/values.js';

const durable = { patience: 'durable' } as const;
const REFUND_ID = '50300000002026112200000000001';
const number = outRefundNo('R-10001');
const LIMITS = { refund: 100_000, refundQuery: 100_000 };

let wechat: FakeWechatPayV2;
let gateway: Gateway;
let clockMs: number;
beforeEach(async () => {
  clockMs = 0;
  wechat = await fakeWechatPayV2();
  gateway = gatewayWith({});
});
afterEach(() => wechat.close());

const gatewayWith = (changes: Parameters<typeof fakeV2Merchant>[0]): Gateway =>
  v2GatewayOf(
    fakeV2Merchant({ gatewayUrls: [wechat.url], secapiUrls: [wechat.secapiUrl], limits: LIMITS, ...changes }),
    {
      monotonicMs: () => clockMs,
    },
  );

const refund = () => gateway.refund(refundOf(), durable);
const query = () => gateway.queryRefund({ outRefundNo: number }, durable);

const accepted = {
  transaction_id: '4200000000202611220000000001',
  out_trade_no: 'A-10001',
  out_refund_no: 'R-10001',
  refund_id: REFUND_ID,
  refund_fee: '405',
  total_fee: '1205',
  cash_fee: '1205',
};
const fact = {
  refundId: REFUND_ID,
  outRefundNo: 'R-10001',
  outTradeNo: 'A-10001',
  transactionId: '4200000000202611220000000001',
  refundFen: 405,
  totalFen: 1_205,
};

test('a refund goes to the address of its own with the certificate of the merchant, and is under way', async () => {
  wechat.answer = signedV2(accepted);
  expect(await gateway.refund(refundOf({ reason: '七天无理由 <&>' }), durable)).toEqual({
    kind: 'accepted',
    refund: { ...fact, status: 'processing', successAtMs: null },
    details: { channel: null, receivedAccount: null, acceptedAtMs: null },
  });
  const [seen] = wechat.seen;
  expect(seen).toMatchObject({ path: '/secapi/pay/refund', shown: '1900000001' });
  expect(seen?.fields).toMatchObject({
    appid: 'wx8888888888888888',
    mch_id: '1900000001',
    out_trade_no: 'A-10001',
    out_refund_no: 'R-10001',
    total_fee: '1205',
    refund_fee: '405',
    refund_fee_type: 'CNY',
    refund_desc: '七天无理由 <&>',
    notify_url: 'https://pay.example.com/notify/wechatpay/v2/1900000001/refund',
  });
  expect(seen !== undefined && isSignedV2(seen)).toBe(true);
});

test('any refund is sent twice with the same parameters, signed, and asked for by its number', async () => {
  const echoed: V2Handler = (seen, response) => {
    const { out_trade_no = '', out_refund_no = '', refund_fee = '' } = seen.fields;
    signedV2({ ...accepted, out_trade_no, out_refund_no, refund_fee })(seen, response);
  };
  await fc.assert(
    fc.asyncProperty(anyRefund, async (request) => {
      wechat.seen.length = 0;
      wechat.answer = echoed;
      clockMs += 60_000;
      await gateway.refund(request, durable);
      expect(await gateway.refund(request, durable)).toMatchObject({
        refund: { outRefundNo: request.outRefundNo, outTradeNo: request.outTradeNo, refundFen: request.amountFen },
      });
      const [first, second] = wechat.seen.map(({ fields: { nonce_str: _nonce, sign: _sign, ...fields } }) => fields);
      expect(first).toEqual(second);
      expect(wechat.seen.map((seen) => isSignedV2(seen))).toEqual([true, true]);
      wechat.answer = signedV2({ ...found, out_refund_no_0: request.outRefundNo });
      expect(await gateway.queryRefund(request, durable)).toMatchObject({ kind: 'found' });
      expect(wechat.seen[2]?.fields['out_refund_no']).toBe(request.outRefundNo);
    }),
    runs(20),
  );
});

test.each([
  ['another number', { out_refund_no: 'R-10002' }],
  ['another trade', { out_trade_no: 'A-10002' }],
  ['no refund id', { refund_id: '' }],
  ['an odd sum', { refund_fee: '4.05' }],
])('a refund that is accepted with %s is not what was asked for', async (_, change) => {
  wechat.answer = signedV2({ ...accepted, ...change });
  expect(await failureOf(refund())).toMatchObject({ code: 'unknown', refusal: { status: 200 } });
});

test.each([
  ['NOTENOUGH', 'notEnough'],
  ['NOT_ENOUGH', 'notEnough'],
  ['TRADE_OVERDUE', 'refused'],
  ['USER_ACCOUNT_ABNORMAL', 'refused'],
  ['PARAM_ERROR', 'refused'],
  ['ORDERNOTEXIST', 'refused'],
  ['ERROR', 'conflict'],
  ['INVALID_REQUEST', 'conflict'],
  ['A_CODE_OF_TOMORROW', 'conflict'],
])('a refund told %s is %s', async (code, kind) => {
  wechat.answer = refusedV2(code, '请核实后再试');
  expect(await refund()).toEqual({ kind, refusal: { status: 200, code, message: '请核实后再试', detail: null } });
});

test.each([
  ['SYSTEMERROR', 'unknown'],
  ['BIZERR_NEED_RETRY', 'unknown'],
  ['INVALID_REQ_TOO_MUCH', 'rate_limited'],
  ['FREQUENCY_LIMITED', 'rate_limited'],
  ['MCHID_NOT_EXIST', 'merchant_config'],
])('a refund told %s may be asked for again: %s', async (gatewayCode, code) => {
  wechat.answer = refusedV2(gatewayCode);
  expect(await failureOf(refund())).toMatchObject({ code, gatewayCode });
});

test.each<[string, V2Handler]>([
  ['no sign', sentV2(xmlOf({ return_code: 'SUCCESS', result_code: 'SUCCESS', ...accepted }))],
  ['an unsigned refusal', sentV2(xmlOf({ return_code: 'SUCCESS', result_code: 'FAIL', err_code: 'NOTENOUGH' }))],
  ['a failure without a sign', sentV2(xmlOf({ return_code: 'FAIL', return_msg: '系统繁忙' }))],
  ['HTTP 500', sentV2('', 500)],
  ['a broken connection', (_, response) => void response.destroy()],
])('%s leaves the outcome of every call unknown', async (_, handler) => {
  wechat.answer = handler;
  expect(await failureOf(refund())).toMatchObject({ code: 'unknown' });
  expect(await failureOf(query())).toMatchObject({ code: 'unknown' });
});

const found = {
  transaction_id: '4200000000202611220000000001',
  out_trade_no: 'A-10001',
  total_fee: '1205',
  refund_count: '1',
  out_refund_no_0: 'R-10001',
  refund_id_0: REFUND_ID,
  refund_channel_0: 'ORIGINAL',
  refund_fee_0: '405',
  settlement_refund_fee_0: '400',
  refund_status_0: 'SUCCESS',
  refund_account_0: 'REFUND_SOURCE_UNSETTLED_FUNDS',
  refund_recv_accout_0: '招商银行信用卡0403',
  refund_success_time_0: '2026-11-22 18:40:00',
};

test('a refund that went back is told with its account and the time of Beijing', async () => {
  wechat.answer = signedV2(found);
  expect(await query()).toEqual({
    kind: 'found',
    refund: { ...fact, status: 'succeeded', successAtMs: Date.parse('2026-11-22T10:40:00Z') },
    details: { channel: 'ORIGINAL', receivedAccount: '招商银行信用卡0403', acceptedAtMs: null },
  });
  expect(wechat.seen[0]).toMatchObject({
    path: '/pay/refundquery',
    shown: undefined,
    fields: { out_refund_no: 'R-10001' },
  });
});

test.each([
  ['PROCESSING', { kind: 'found', refund: { status: 'processing', successAtMs: null } }],
  ['NOTSURE', { kind: 'found', refund: { status: 'processing', successAtMs: null } }],
  ['REFUNDCLOSE', { kind: 'found', refund: { status: 'closed', successAtMs: null } }],
  ['CHANGE', { kind: 'found', refund: { status: 'abnormal', successAtMs: null } }],
  ['A_WORD_OF_TOMORROW', { kind: 'unrecognised', status: 'A_WORD_OF_TOMORROW' }],
])('refund_status %s is translated', async (word, expected) => {
  wechat.answer = signedV2({ ...found, refund_status_0: word });
  expect(await query()).toMatchObject(expected);
});

test('a refund is found among those of its trade, on whatever page it is', async () => {
  const page = (first: number, of: readonly string[]): Record<string, string> => ({
    ...{ transaction_id: found.transaction_id, out_trade_no: 'A-10001', total_fee: '1205' },
    ...{ total_refund_count: '13', refund_count: String(of.length) },
    ...Object.fromEntries(
      of.flatMap((it, n) => [
        [`out_refund_no_${n}`, it],
        [`refund_id_${n}`, String(first + n)],
        [`refund_fee_${n}`, String(n + 1)],
        [`refund_status_${n}`, 'PROCESSING'],
      ]),
    ),
  });
  const first = Array.from({ length: 10 }, (_, n) => `S-${n}`);
  wechat.answer = (seen, response) =>
    signedV2(seen.fields['offset'] === '10' ? page(11, ['S-10', 'R-10001', 'S-11']) : page(1, first))(seen, response);
  expect(await query()).toMatchObject({ kind: 'found', refund: { refundId: '12', refundFen: 2 } });
  expect(wechat.seen.map(({ fields }) => fields['offset'])).toEqual([undefined, '10']);
});

test('an endless list of refunds is left, and without the refund it tells nothing', async () => {
  wechat.answer = signedV2({ ...found, out_refund_no_0: 'R-10002', total_refund_count: '1000' });
  expect(await failureOf(query())).toMatchObject({ code: 'unknown' });
  expect(wechat.seen).toHaveLength(6);
});

test.each([
  ['no number', { out_refund_no_0: '' }],
  ['no status', { refund_status_0: '' }],
  ['no refund id', { refund_id_0: '' }],
  ['an odd sum', { refund_fee_0: '-5' }],
  ['no trade', { out_trade_no: '' }],
])('a refund that is found with %s tells nothing', async (_, change) => {
  wechat.answer = signedV2({ ...found, ...change });
  expect(await failureOf(query())).toMatchObject({ code: 'unknown' });
});

test('a query of a refund that nobody accepted is an answer', async () => {
  wechat.answer = refusedV2('REFUNDNOTEXIST', '退款订单查询失败');
  expect(await query()).toEqual({ kind: 'notExist' });
  wechat.answer = refusedV2('ORDERNOTEXIST');
  expect(await failureOf(query())).toMatchObject({ code: 'unknown' });
});

test('API v2 sends no refund elsewhere: the answer is definite, and nobody is asked', async () => {
  const answer = await gateway.abnormalRefund({ refundId: REFUND_ID, outRefundNo: number, card: null }, durable);
  expect(answer).toMatchObject({ kind: 'refused', refusal: { code: 'NOT_IN_API_V2' } });
  expect(wechat.seen).toHaveLength(0);
});

test('after three refunds that failed the next one stays here for a second', async () => {
  wechat.answer = refusedV2('NOTENOUGH');
  for (let i = 0; i < 3; i += 1) await refund();
  const brief = { patience: 'brief' } as const;
  expect(await failureOf(gateway.refund(refundOf(), brief))).toMatchObject({ code: 'gate_shut', retryAfterMs: 1_000 });
  clockMs = 1_000;
  wechat.answer = signedV2(accepted);
  expect(await gateway.refund(refundOf(), brief)).toMatchObject({ kind: 'accepted' });
});

const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const strange = issueCertificate({
  subject: { commonName: '1900000001', organization: 'x', unit: 'x' },
  publicKeyPem: stranger.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  issuer: { commonName: 'nobody', organization: 'x', unit: 'x' },
  issuerPrivateKeyPem: stranger.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  notBefore: new Date(Date.now() - 60_000),
  notAfter: new Date(Date.now() + 3_600_000),
  authority: false,
});

test.each([
  ['bad_certificate', 42, 'CERTIFICATE_REFUSED'],
  ['unsupported_certificate', 43, 'CERTIFICATE_REFUSED'],
  ['certificate_revoked', 44, 'CERTIFICATE_REFUSED'],
  ['certificate_expired', 45, 'CERTIFICATE_REFUSED'],
  ['certificate_unknown', 46, 'CERTIFICATE_REFUSED'],
  ['unknown_ca', 48, 'CERTIFICATE_REFUSED'],
  ['access_denied', 49, 'CERTIFICATE_REFUSED'],
  ['certificate_required', 116, 'CERTIFICATE_REFUSED'],
  ['handshake_failure', 40, 'HANDSHAKE_REFUSED'],
])('a server that ends the handshake of a refund with %s asks for a person', async (_, alert, gatewayCode) => {
  gateway = gatewayWith({ secapiUrls: [await startTlsAlert(alert)] });
  expect(await failureOf(refund())).toMatchObject({ code: 'merchant_config', gatewayCode });
});

test.each([
  ['protocol_version', 70],
  ['internal_error', 80],
  ['close_notify', 0],
])('the alert %s says nothing of the certificate', async (_, alert) => {
  gateway = gatewayWith({ secapiUrls: [await startTlsAlert(alert)] });
  expect(await failureOf(refund())).toMatchObject({ code: 'unreachable', gatewayCode: null });
});

test('of a call that shows no certificate an alert is a server that cannot be reached', async () => {
  gateway = gatewayWith({ gatewayUrls: [await startTlsAlert(42)] });
  expect(await failureOf(query())).toMatchObject({ code: 'unreachable', gatewayCode: null });
});

test('a server that ends the connection over the certificate may have ended it over anything', async () => {
  gateway = gatewayWith({ certificate: strange.pem, privateKey: stranger.privateKey });
  wechat.answer = signedV2(accepted);
  expect(await failureOf(refund())).toMatchObject({ code: 'unknown', gatewayCode: null });
  expect(wechat.seen).toHaveLength(0);
});

test('a server that nobody vouches for is not asked', async () => {
  for (const secapiCa of [undefined, strange.pem]) {
    gateway = gatewayWith({ secapiCa });
    expect(await failureOf(refund())).toMatchObject({ code: 'merchant_config', gatewayCode: 'SERVER_NOT_TRUSTED' });
  }
  expect(wechat.seen).toHaveLength(0);
});

test('the server before WeChat Pay says that it saw no certificate', async () => {
  wechat.answer = sentV2(
    '<center><h1>400 Bad Request</h1></center><center>No required SSL certificate was sent</center>',
    400,
  );
  expect(await failureOf(refund())).toMatchObject({ code: 'merchant_config', gatewayCode: 'CERTIFICATE_REFUSED' });
  wechat.answer = sentV2('<h1>400 Bad Request</h1>', 400);
  expect(await failureOf(refund())).toMatchObject({ code: 'unknown' });
});

test('the certificate is shown nowhere else', async () => {
  gateway = gatewayWith({ gatewayUrls: [wechat.secapiUrl] });
  // Without the authority of the test the system trusts nobody there.
  expect(await failureOf(query())).toMatchObject({ code: 'merchant_config' });
  expect(wechat.seen).toHaveLength(0);
});

test('an error tells nothing of the request: no reason, no number, no sign, no key', async () => {
  wechat.answer = (_, response) => void response.destroy();
  const request = refundOf({ reason: 'oSecretReason', outTradeNo: outTradeNo('A-10001*2') });
  const { inspect } = await import('node:util');
  const strangers = gatewayWith({ certificate: strange.pem, privateKey: createPrivateKey(OWN.privateKeyPem) });
  for (const it of [gateway, strangers]) {
    const error: unknown = await it.refund(request, durable).catch((reason: unknown) => reason);
    const told = inspect(error, { depth: 10, showHidden: true });
    expect(told).not.toMatch(/oSecretReason|A-10001|nonce_str|fedcba98|BEGIN/);
  }
});

test('an unsigned success is no proof that the money goes back', async () => {
  wechat.answer = sentV2(xmlOf({ ...withSign({ result_code: 'SUCCESS', ...accepted }), refund_fee: '1205' }));
  expect(await failureOf(refund())).toMatchObject({ code: 'unknown', refusal: { status: 200, code: null } });
});
