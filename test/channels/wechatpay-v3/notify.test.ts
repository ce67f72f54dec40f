import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { expect, test } from 'vitest';
import { NotifyRejected, type RawNotify } from '../../../src/channels/port.js';
import { parseNotify, readNotify } from '../../../src/channels/wechatpay-v3/notify.js';
import { resourceKey } from '../../../src/channels/wechatpay-v3/resource.js';
import { API_V3_KEY, fakeMerchant, signatureHeaders } from '../support/fake-wechatpay.js';
import { seal } from '../support/seal.js';
import { mchid as anotherMchid } from '../support/values.js';
import {
  PUBLISHED_AT,
  PUBLISHED_BODY,
  PUBLISHED_CERTIFICATE,
  PUBLISHED_HEADERS,
} from '../support/wechatpay-go-notify.js';

const { mchid, publicKeys } = fakeMerchant('http://127.0.0.1').credentials;

function parse(request: RawNotify, options: { at?: Date; keys?: ReadonlyMap<string, KeyObject> } = {}) {
  const keys = options.keys ?? publicKeys;
  return parseNotify(
    {
      mchid,
      keyring: { known: (serial) => keys.get(serial), find: () => Promise.resolve(undefined) },
      apiV3Key: resourceKey(API_V3_KEY),
      now: () => options.at ?? new Date(),
    },
    request,
  );
}

async function rejectionOf(request: RawNotify, options?: Parameters<typeof parse>[1]): Promise<string> {
  const outcome: unknown = await parse(request, options).catch((error: unknown) => error);
  return outcome instanceof NotifyRejected ? outcome.code : 'accepted';
}

const transaction = {
  mchid: '1900000001',
  appid: 'wx8888888888888888',
  out_trade_no: 'A-10001*2',
  transaction_id: '4200000000202611220000000001',
  trade_type: 'JSAPI',
  trade_state: 'SUCCESS',
  success_time: '2026-11-22T10:34:56+08:00',
  payer: { openid: 'oSecretOpenid' },
  amount: { total: 1_205, payer_total: 1_000, currency: 'CNY', payer_currency: 'CNY' },
  of_tomorrow: true,
};

function envelope(
  changes: object = {},
  resource: object = {},
  plaintext: string = JSON.stringify(transaction),
): object {
  return {
    id: 'EV-2026112210345600001',
    create_time: '2026-11-22T10:34:56+08:00',
    event_type: 'TRANSACTION.SUCCESS',
    resource_type: 'encrypt-resource',
    summary: '支付成功',
    resource: { original_type: 'transaction', ...seal(plaintext, 'transaction'), ...resource },
    of_tomorrow: 1,
    ...changes,
  };
}

const refund = {
  mchid: '1900000001',
  transaction_id: '4200000000202611220000000001',
  out_trade_no: 'A-10001*2',
  refund_id: '50300000002026112200000000001',
  out_refund_no: 'A-10001*2@return',
  status: 'SUCCESS',
  refund_status: 'SUCCESS',
  success_time: '2026-11-22T10:40:00+08:00',
  user_received_account: '招商银行信用卡0403',
  amount: { total: 1_205, refund: 405, payer_total: 1_000, payer_refund: 336 },
};

function refundEnvelope(changes: object = {}, plain: object = {}): object {
  const resource = { original_type: 'refund', ...seal(JSON.stringify({ ...refund, ...plain }), 'refund') };
  return envelope({ event_type: 'REFUND.SUCCESS', ...changes, resource });
}

function notify(message: object | string, sign?: Parameters<typeof signatureHeaders>[1]): RawNotify {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return { body: Buffer.from(text), headers: signatureHeaders(text, sign) };
}

test('a payment notify becomes evidence without the payer', async () => {
  const parsed = await parse(notify(envelope()));
  expect(parsed).toEqual({
    key: 'EV-2026112210345600001',
    mchid,
    kind: 'payment',
    eventType: 'TRANSACTION.SUCCESS',
    serialNo: 'PUB_KEY_ID_0116000000000000000000000000000001',
    outTradeNo: 'A-10001*2',
    evidence: {
      transactionId: '4200000000202611220000000001',
      mchid: '1900000001',
      appid: 'wx8888888888888888',
      tradeType: 'JSAPI',
      totalFen: 1_205,
      currency: 'CNY',
    },
  });
});

test.each([
  ['REFUND.SUCCESS', 'SUCCESS', 'succeeded'],
  ['REFUND.ABNORMAL', 'ABNORMAL', 'abnormal'],
  ['REFUND.CLOSED', 'CLOSED', 'closed'],
])('a notify of %s becomes evidence about the refund, without the account it went to', async (event, word, status) => {
  expect(await parse(notify(refundEnvelope({ event_type: event }, { refund_status: word })))).toEqual({
    key: 'EV-2026112210345600001',
    mchid,
    kind: 'refund',
    eventType: event,
    serialNo: 'PUB_KEY_ID_0116000000000000000000000000000001',
    outTradeNo: 'A-10001*2',
    outRefundNo: 'A-10001*2@return',
    evidence: { refundId: '50300000002026112200000000001', status },
  });
});

test('a notify whose resource says a field twice is kept, and evidence of nothing', async () => {
  const plain = JSON.stringify(transaction).replace('"total":', '"total":1,"total":');
  expect(await parse(notify(envelope({}, {}, plain)))).toMatchObject({ kind: 'other', isUnread: true });
  const text = JSON.stringify({ ...refund }).replace('"refund_status":', '"refund_status":"CLOSED","refund_status":');
  const ofRefund = envelope({
    event_type: 'REFUND.SUCCESS',
    resource: { original_type: 'refund', ...seal(text, 'refund') },
  });
  expect(await parse(notify(ofRefund))).toMatchObject({ kind: 'other', isUnread: true });
});

test('a notify that says twice what it is, is not understood', async () => {
  const text = JSON.stringify(envelope()).replace('"event_type":', '"event_type":"REFUND.SUCCESS","event_type":');
  expect(await rejectionOf(notify(text))).toBe('malformed');
});

test('an absent currency is CNY', async () => {
  const text = JSON.stringify({ ...transaction, amount: { total: 1 } });
  expect((await parse(notify(envelope({}, {}, text)))).evidence).toMatchObject({ totalFen: 1, currency: 'CNY' });
});

test.each<[string, object]>([
  ['no success_time', { success_time: null }],
  ['no payer and no payer_total', { payer: undefined, amount: { total: 1_205, payer_total: null, currency: null } }],
  ['a payer who paid in another currency', { amount: { total: 1_205, payer_total: 1_206, payer_currency: 'USD' } }],
  ['odd bank and coupons', { bank_type: 7, promotion_detail: 'none' }],
])('a payment notify with %s is evidence like any other', async (_, fields) => {
  const parsed = await parse(notify(envelope({}, {}, JSON.stringify({ ...transaction, ...fields }))));
  expect(parsed.evidence).toMatchObject({ tradeType: 'JSAPI', totalFen: 1_205, currency: 'CNY' });
});

test('what a notify says in text is kept without what Postgres refuses', async () => {
  const text = JSON.stringify({
    ...transaction,
    appid: 'wx\u00008',
    trade_type: 'J\ud800',
    amount: { total: 1, currency: 'x'.repeat(99) },
  });
  expect((await parse(notify(envelope({}, {}, text)))).evidence).toMatchObject({
    appid: 'wx 8',
    tradeType: 'J',
    currency: 'x'.repeat(16),
  });
});

test.each([{ success_time: {}, user_received_account: 7 }, { amount: null }, { success_time: undefined }])(
  'a refund notify with %j says how far the refund is',
  async (fields) => {
    expect((await parse(notify(refundEnvelope({}, fields)))).evidence).toMatchObject({ status: 'succeeded' });
  },
);

test("WeChat Pay's published notify is authentic, and sealed for somebody else; one changed character is not authentic", async () => {
  const certificate = new X509Certificate(PUBLISHED_CERTIFICATE);
  const options = { at: PUBLISHED_AT, keys: new Map([[certificate.serialNumber, certificate.publicKey]]) };
  const published = { headers: PUBLISHED_HEADERS, body: Buffer.from(PUBLISHED_BODY) };
  expect(await rejectionOf(published, options)).toBe('undecryptable');
  const changed = Buffer.from(PUBLISHED_BODY.replace('payscore', 'payscorf'));
  expect(await rejectionOf({ ...published, body: changed }, options)).toBe('bad_signature');
  expect(await rejectionOf(published)).toBe('stale');
});

test('nothing is read before the signature holds', async () => {
  const { body, headers } = notify(envelope());
  expect(await rejectionOf({ body: Buffer.from('{'), headers })).toBe('bad_signature');
  expect(await rejectionOf({ body, headers: { ...headers, 'Wechatpay-Nonce': 'another' } })).toBe('bad_signature');
  expect(await rejectionOf({ body, headers: { ...headers, 'Wechatpay-Signature': undefined } })).toBe('missing_header');
  expect(await rejectionOf({ body, headers: {} })).toBe('missing_header');
});

test.each([
  ['old', -300_000],
  ['from the future', 300_000],
])('a notify that is five minutes %s is rejected', async (_, aheadMs) => {
  const now = new Date('2026-11-22T10:34:56Z');
  const message = notify(envelope(), { at: new Date(now.getTime() + aheadMs) });
  expect(await rejectionOf(message, { at: now })).toBe('stale');
});

test.each([
  ['signed under an unknown serial', { serial: '5157F09EFDC096DE15EBE81A47057A7232F1B8E1' }, 'unknown_serial'],
  ['a probe', { signature: 'WECHATPAY/SIGNTEST/not+base64' }, 'bad_signature'],
] as const)('a notify that is %s is rejected', async (_, sign, code) => {
  expect(await rejectionOf(notify(envelope(), sign))).toBe(code);
});

test('a notify signed by one key is not accepted under the serial of another', async () => {
  const other = createPublicKey(
    new X509Certificate(PUBLISHED_CERTIFICATE).publicKey.export({ type: 'spki', format: 'pem' }),
  );
  const keys = new Map([...publicKeys, ['5157F09E', other]]);
  expect(await rejectionOf(notify(envelope(), { serial: '5157F09E' }), { keys })).toBe('bad_signature');
});

const profitSharing = {
  mchid: '1900000002',
  transaction_id: '4200000000202611220000000001',
  order_id: '1217752501201407033233368018',
  out_order_no: 'P20150806125346',
  receiver: { type: 'MERCHANT_ID', account: '1900000001', amount: 888, description: '运费' },
  success_time: '2026-11-22T10:34:56+08:00',
};
const combined = {
  combine_appid: 'wx8888888888888888',
  combine_mchid: '1900000001',
  combine_out_trade_no: 'C-10001',
  sub_orders: [{ ...transaction, amount: { total_amount: 1_205, currency: 'CNY', payer_amount: 1_205 } }],
};
const sealed = (plain: object | string) =>
  seal(typeof plain === 'string' ? plain : JSON.stringify(plain), 'transaction');
const untyped = (event: string, plain: object): object => envelope({ event_type: event, resource: sealed(plain) });

test.each<[string, object, string | null, string | null]>([
  [
    'a transfer',
    envelope({ event_type: 'MCHTRANSFER.BILL.FINISHED' }, { original_type: 'mch_payment' }),
    'mch_payment',
    'A-10001*2',
  ],
  ['a complaint', untyped('COMPLAINT.CREATE', { complaint_id: '1', action_type: 'CREATE_COMPLAINT' }), null, null],
  [
    'a coupon',
    envelope({ event_type: 'COUPON.USE' }, { original_type: 'coupon', ...sealed({ coupon_id: '98674556' }) }),
    'coupon',
    null,
  ],
  ['an event nobody described', envelope({ event_type: 'TRANSACTION.TOMORROW' }), 'transaction', 'A-10001*2'],
  ['profit sharing', envelope({}, { original_type: 'profitsharing', ...sealed(profitSharing) }), 'profitsharing', null],
  ['profit sharing that calls itself a transaction', envelope({}, sealed(profitSharing)), 'transaction', null],
  ['profit sharing of no type', untyped('TRANSACTION.SUCCESS', profitSharing), null, null],
  ['a combined payment', envelope({}, sealed(combined)), 'transaction', null],
  [
    "a partner's payment",
    envelope({}, sealed({ ...transaction, mchid: undefined, sp_mchid: '1900000001' })),
    'transaction',
    'A-10001*2',
  ],
  [
    'a payment without an amount',
    envelope({}, sealed({ ...transaction, amount: undefined })),
    'transaction',
    'A-10001*2',
  ],
  ['a payload that is no JSON', envelope({}, sealed('hello')), 'transaction', null],
  ['a payload that is a list', envelope({}, sealed('[1]')), 'transaction', null],
  ['a payment under the event of a refund', envelope({ event_type: 'REFUND.SUCCESS' }), 'transaction', 'A-10001*2'],
  ['a refund under the event of a payment', envelope({}, { original_type: 'refund' }), 'refund', 'A-10001*2'],
  ['another event of refunds', refundEnvelope({ event_type: 'REFUND.PROCESSING' }), 'refund', 'A-10001*2'],
  ['a refund of unknown status', refundEnvelope({}, { refund_status: 'CHANGE' }), 'refund', 'A-10001*2'],
  ["a partner's refund", refundEnvelope({}, { mchid: undefined, sp_mchid: '1900000001' }), 'refund', 'A-10001*2'],
])('%s is kept as another kind', async (_, message, originalType, outTradeNo) => {
  const { kind, evidence, ...parsed } = await parse(notify(message));
  expect([kind, evidence, parsed.outTradeNo]).toEqual(['other', { originalType }, outTradeNo]);
});

test.each<[string, object, boolean]>([
  ['a payment without an amount', envelope({}, sealed({ ...transaction, amount: undefined })), true],
  ['a combined payment', envelope({}, sealed(combined)), true],
  ['a payload that is no JSON', envelope({}, sealed('hello')), true],
  ['a refund of unknown status', refundEnvelope({}, { refund_status: 'CHANGE' }), true],
  ['profit sharing that calls itself a transaction', envelope({}, sealed(profitSharing)), false],
  ['profit sharing of no type', untyped('TRANSACTION.SUCCESS', profitSharing), false],
  ['a complaint', untyped('COMPLAINT.CREATE', { complaint_id: '1' }), false],
])('%s: whether somebody must look, for it may be our money, is said', async (_, message, isUnread) => {
  expect(await parse(notify(message))).toMatchObject({ kind: 'other', isUnread });
});

test('a body without its type is what was sealed in it', async () => {
  expect(await parse(notify(untyped('TRANSACTION.SUCCESS', transaction)))).toMatchObject({
    kind: 'payment',
    outTradeNo: 'A-10001*2',
    evidence: { totalFen: 1_205 },
  });
  expect(await parse(notify(untyped('REFUND.CLOSED', { ...refund, refund_status: 'CLOSED' })))).toMatchObject({
    kind: 'refund',
    evidence: { status: 'closed' },
  });
});

test('what was proven once is read again however old it is, and never for another merchant', () => {
  const { body } = notify(envelope(), { at: new Date('2020-01-01T00:00:00Z') });
  const proven = { body, serialNo: 'PUB_KEY_ID_1' };
  const apiV3Key = resourceKey(API_V3_KEY);
  expect(readNotify({ mchid, apiV3Key }, proven)).toMatchObject({ kind: 'payment', serialNo: 'PUB_KEY_ID_1' });
  const foreign = () => readNotify({ mchid: anotherMchid('1900000002'), apiV3Key }, proven);
  expect(foreign).toThrow(expect.objectContaining({ code: 'wrong_merchant' }) as Error);
});

test.each<[string, object | string, string]>([
  ['a refund of a foreign mchid', refundEnvelope({}, { mchid: '1900000002' }), 'wrong_merchant'],
  ['another algorithm', envelope({}, { algorithm: 'AEAD_SM4_GCM' }), 'malformed'],
  ['no id', envelope({ id: undefined }), 'malformed'],
  ['a NUL in its id', envelope({ id: 'EV-1\0' }), 'malformed'],
  ['no resource', envelope({ resource: undefined }), 'malformed'],
  ['no JSON', 'SUCCESS', 'malformed'],
  ['another API v3 key', envelope({}, seal('{}', 'transaction', 'fedcba9876543210fedcba9876543210')), 'undecryptable'],
  [
    'another kind under another API v3 key',
    envelope({ event_type: 'COMPLAINT.CREATE' }, seal('{}', 'transaction', 'fedcba9876543210fedcba9876543210')),
    'undecryptable',
  ],
  ['a changed ciphertext', envelope({}, { nonce: 'Kj7QIyUiYx1r' }), 'undecryptable'],
  ['a foreign mchid', envelope({}, {}, JSON.stringify({ ...transaction, mchid: '1900000002' })), 'wrong_merchant'],
  [
    'a foreign mchid and no type',
    untyped('TRANSACTION.SUCCESS', { ...transaction, mchid: '1900000002' }),
    'wrong_merchant',
  ],
])('a signed notify with %s is rejected', async (_, message, code) => {
  expect(await rejectionOf(notify(message))).toBe(code);
});
