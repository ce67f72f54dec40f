import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NotifyRejected, type ParsedNotify } from '../../../src/channels/port.js';
import { parseNotify, readNotify } from '../../../src/channels/wechatpay-v2/notify.js';
import { signKey } from '../../../src/channels/wechatpay-v2/signature.js';
import { runs } from '../../support/property-runs.js';
import { API_V2_KEY, sealV2, signOf, withSign, xmlOf } from '../support/fake-wechatpay-v2.js';
import { mchid as mchidOf } from '../support/values.js';

const mchid = mchidOf('1900000001');
const key = signKey(API_V2_KEY);
const OTHER_KEY = '0123456789abcdef0123456789abcdef';

const parse = (body: string | Uint8Array): ParsedNotify => parseNotify({ mchid, key }, { body: Buffer.from(body) });

function rejectionOf(body: string | Uint8Array): string {
  try {
    return `accepted: ${parse(body).kind}`;
  } catch (error) {
    return error instanceof NotifyRejected ? error.code : `threw ${String(error)}`;
  }
}

const payment = {
  result_code: 'SUCCESS',
  openid: 'oSecretOpenid',
  is_subscribe: 'Y',
  trade_type: 'JSAPI',
  bank_type: 'CFT',
  total_fee: '1205',
  fee_type: 'CNY',
  cash_fee: '1105',
  coupon_fee_0: '100',
  transaction_id: '4200000000202611220000000001',
  out_trade_no: 'A-10001*2',
  attach: '',
  time_end: '20261122183456',
  of_tomorrow: 'true',
};

const evidence = {
  transactionId: '4200000000202611220000000001',
  mchid: '1900000001',
  appid: 'wx8888888888888888',
  tradeType: 'JSAPI',
  totalFen: 1_205,
  currency: 'CNY',
};

test.each(['MD5', 'HMAC-SHA256'] as const)(
  'a payment notify signed with %s becomes evidence without the payer',
  (type) => {
    expect(parse(xmlOf(withSign(payment, API_V2_KEY, type)))).toEqual({
      key: '4200000000202611220000000001',
      mchid,
      kind: 'payment',
      eventType: 'TRANSACTION.SUCCESS',
      serialNo: 'v2',
      outTradeNo: 'A-10001*2',
      evidence,
    });
  },
);

test('a sign_type in the body is signed like any other field', () => {
  const typed = withSign({ ...payment, sign_type: 'HMAC-SHA256' });
  expect(parse(xmlOf(typed)).kind).toBe('payment');
  const { sign = '', ...unsigned } = withSign(payment);
  expect(rejectionOf(xmlOf({ ...unsigned, sign_type: 'HMAC-SHA256', sign }))).toBe('bad_signature');
});

test('the repeats of one payment have one key, whatever else is in them', () => {
  const again = withSign({ ...payment, is_subscribe: 'N', nonce_str: 'another' });
  expect(parse(xmlOf(again)).key).toBe(parse(xmlOf(withSign(payment))).key);
});

const signed = withSign(payment);

test.each<[string, string]>([
  ['no sign', xmlOf({ ...signed, sign: '' })],
  ['the sign of another key', xmlOf(withSign(payment, OTHER_KEY))],
  ['a sum that was changed', xmlOf({ ...signed, total_fee: '1' })],
  ['an unknown field that was changed', xmlOf({ ...signed, of_tomorrow: 'false' })],
  ['a field that was added', xmlOf({ ...signed, device_info: 'x' })],
  ['a field that was removed', xmlOf(Object.fromEntries(Object.entries(signed).filter(([name]) => name !== 'openid')))],
])('a payment notify with %s is rejected', (_, body) => {
  expect(rejectionOf(body)).toBe('bad_signature');
});

const refund = {
  transaction_id: '4200000000202611220000000001',
  out_trade_no: 'A-10001*2',
  refund_id: '50300000002026112200000000001',
  out_refund_no: 'A-10001*2@return',
  total_fee: '1205',
  settlement_total_fee: '1205',
  refund_fee: '405',
  settlement_refund_fee: '405',
  refund_status: 'SUCCESS',
  success_time: '2026-11-22 18:40:00',
  refund_recv_accout: '招商银行信用卡0403',
  refund_account: 'REFUND_SOURCE_RECHARGE_FUNDS',
  refund_request_source: 'VENDOR_PLATFORM',
};

function refundEnvelope(changes: Record<string, string> = {}, sealedWith = API_V2_KEY): Record<string, string> {
  return {
    return_code: 'SUCCESS',
    appid: 'wx8888888888888888',
    mch_id: '1900000001',
    nonce_str: 'TeqClE3i0mvn3DrK',
    req_info: sealV2(xmlOf({ ...refund, ...changes }, 'root'), sealedWith),
  };
}

test.each<[string, string]>([
  ['the payment of another merchant', xmlOf(withSign({ ...payment, mch_id: '1900000002' }))],
  ['the payment of nobody', xmlOf(withSign({ ...payment, mch_id: '' }))],
  ['the refund of another merchant', xmlOf({ ...refundEnvelope(), mch_id: '1900000002' })],
])('%s is rejected', (_, body) => {
  expect(rejectionOf(body)).toBe('wrong_merchant');
});

test.each<[string, Record<string, string>, boolean]>([
  ['a payment without a sum', { ...payment, total_fee: '' }, true],
  ['a payment with an odd sum', { ...payment, total_fee: '12.05' }, true],
  ['a payment without a transaction', { ...payment, transaction_id: '' }, true],
  ['a payment that failed', { ...payment, result_code: 'FAIL', err_code: 'SYSTEMERROR' }, false],
])('%s is kept as another kind: whether somebody must look is said', (_, fields, isUnread) => {
  const parsed = parse(xmlOf(withSign(fields)));
  expect(parsed).toMatchObject({
    kind: 'other',
    isUnread,
    outTradeNo: 'A-10001*2',
    evidence: { originalType: 'transaction' },
  });
  expect(parsed.key).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ['SUCCESS', 'succeeded'],
  ['CHANGE', 'abnormal'],
  ['REFUNDCLOSE', 'closed'],
])('a refund notify of %s becomes evidence about the refund, without the account it went to', (word, status) => {
  const parsed = parse(xmlOf(refundEnvelope({ refund_status: word })));
  expect(parsed).toEqual({
    key: `50300000002026112200000000001:${word}`,
    mchid,
    kind: 'refund',
    eventType: `REFUND.${word}`,
    serialNo: 'v2',
    outTradeNo: 'A-10001*2',
    outRefundNo: 'A-10001*2@return',
    evidence: { refundId: '50300000002026112200000000001', status },
  });
  expect(JSON.stringify(parsed)).not.toContain('0403');
});

test('a refund without a word that this build knows is kept, and somebody must look', () => {
  expect(parse(xmlOf(refundEnvelope({ refund_status: 'A_NEW_WORD' })))).toMatchObject({
    kind: 'other',
    key: '50300000002026112200000000001:A_NEW_WORD',
    eventType: 'REFUND.A_NEW_WORD',
    outTradeNo: 'A-10001*2',
    evidence: { originalType: 'refund' },
    isUnread: true,
  });
  expect(parse(xmlOf(refundEnvelope({ refund_id: '' })))).toMatchObject({ kind: 'other', isUnread: true });
});

const envelope = (req_info: string): string => xmlOf({ ...refundEnvelope(), req_info });

test.each<[string, string]>([
  ['another key', xmlOf(refundEnvelope({}, OTHER_KEY))],
  ['nothing', envelope('')],
  ['no base64', envelope('%%%')],
  ['half a block', envelope(sealV2('<root></root>').slice(0, 8))],
  ['no document', envelope(sealV2('hello'))],
  ['a payment', envelope(sealV2(xmlOf(payment)))],
  ['entities', envelope(sealV2('<!DOCTYPE root [<!ENTITY a "b">]><root><refund_id>&a;</refund_id></root>'))],
  ['an element twice', envelope(sealV2('<root><refund_id>1</refund_id><refund_id>2</refund_id></root>'))],
])('a refund notify that seals %s is rejected', (_, body) => {
  expect(rejectionOf(body)).toBe('undecryptable');
});

test('what another implementation sealed is opened', () => {
  // openssl enc -aes-256-ecb -K <the MD5 of the key in small hexadecimal digits, each as a byte> -base64 -A
  const sealed =
    'YDt3JSOIrKZyW9IuzOIw3x60GDXHsC7xz5YsgsfC8ubLCIwZAk7jQjd5q/uQNdGsmpZxBKIrT8DeGM7xCSXP0+FNZPItIsl8lPIoDgxG4j0kmS1O0dz6VPe12n7uQIu5mZBFGXAm+eMcZirpm0gCvvnrX5FzWBzF58uo4wEhjwmPtmpEOYMx+e1mN+qmgOc2OaV0ToMF5CNgL3QNmhra63zDnjtc3ZrCxrFZjwqySNnTj8bFxRDuQ9Z5YGCW4D4V';
  expect(parse(envelope(sealed))).toMatchObject({
    kind: 'refund',
    outRefundNo: 'R-10001',
    evidence: { status: 'succeeded' },
  });
});

test('what was proven once is read again, and never for another merchant', () => {
  const unsigned = Buffer.from(xmlOf({ ...signed, sign: '' }));
  expect(readNotify({ mchid, key }, { body: unsigned })).toMatchObject({ kind: 'payment', evidence });
  expect(readNotify({ mchid, key }, { body: Buffer.from(xmlOf(refundEnvelope())) })).toMatchObject({ kind: 'refund' });
  const foreign = () => readNotify({ mchid: mchidOf('1900000002'), key }, { body: unsigned });
  expect(foreign).toThrow(expect.objectContaining({ code: 'wrong_merchant' }) as Error);
});

test.each<[string, string | Uint8Array]>([
  ['nothing', ''],
  ['JSON of API v3', '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","resource":{}}'],
  [
    'entities within entities',
    `<!DOCTYPE xml [<!ENTITY a "${'x'.repeat(100)}"><!ENTITY b "&a;&a;&a;">]>${xmlOf(signed)}`,
  ],
  ['an entity from outside', `<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]>${xmlOf(signed)}`],
  ['an element twice', xmlOf(signed).replace('</xml>', '<total_fee>1</total_fee></xml>')],
  ['its fields in a fold', xmlOf(signed).replace('<xml>', '<xml><x>').replace('</xml>', '</x></xml>')],
  ['more than 64 KiB', xmlOf(withSign({ ...payment, attach: 'x'.repeat(65_536) }))],
  ['another encoding', Buffer.from(xmlOf(withSign({ ...payment, attach: 'é' })), 'latin1')],
])('a notify of %s is malformed', (_, body) => {
  expect(rejectionOf(body)).toBe('malformed');
});

test('no body makes it throw anything but a rejection, and none without the key is a payment', () => {
  const valid = Buffer.from(xmlOf(signed));
  const valued = fc.dictionary(
    fc.constantFrom(
      'mch_id',
      'sign',
      'req_info',
      'return_code',
      'result_code',
      'total_fee',
      'transaction_id',
      '__proto__',
    ),
    fc.oneof(fc.constantFrom('1900000001', 'SUCCESS', '', sealV2('x'), sealV2('<root></root>')), fc.string()),
  );
  const damaged = fc
    .tuple(fc.nat(valid.length - 1), fc.uint8Array({ minLength: 0, maxLength: 4 }), fc.nat(3))
    .map(([at, bytes, removed]) => Buffer.concat([valid.subarray(0, at), bytes, valid.subarray(at + removed)]))
    .filter((body) => !body.equals(valid));
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    valued.map((fields) => Buffer.from(xmlOf(fields))),
    damaged,
    valued.map((fields) => Buffer.from(xmlOf({ ...refundEnvelope(), req_info: sealV2(xmlOf(fields, 'root')) }))),
  );
  fc.assert(
    fc.property(anything, (body) => {
      const outcome = rejectionOf(body);
      expect(outcome).not.toMatch(/^threw/);
      // What stands between elements, and how a value is written, is not signed.
      if (outcome === 'accepted: payment') expect(parse(body)).toMatchObject({ evidence });
    }),
    runs(1_000),
  );
});

test('any payment whose fields have a sign by the rule is read, and without the key none is', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,15}$/).filter((it) => !(it in signed) && it !== 'req_info');
  const value = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/[\p{Cc}\p{Cs}\]]/u.test(text));
  fc.assert(
    fc.property(fc.dictionary(name, value, { maxKeys: 8 }), fc.boolean(), (extra, isMd5) => {
      const all = withSign({ ...payment, ...extra }, API_V2_KEY, isMd5 ? 'MD5' : 'HMAC-SHA256');
      expect(parse(xmlOf(all))).toMatchObject({ kind: 'payment', evidence });
      const forged = { ...all, sign: signOf(all, OTHER_KEY, isMd5 ? 'MD5' : 'HMAC-SHA256') };
      expect(rejectionOf(xmlOf(forged))).toBe('bad_signature');
    }),
    runs(200),
  );
});

test('a rejection tells nothing of the notify or the key', () => {
  for (const body of [xmlOf({ ...signed, sign: '' }), xmlOf(refundEnvelope({}, OTHER_KEY)), `<xml>${xmlOf(signed)}`]) {
    let told = '';
    try {
      parse(body);
    } catch (error) {
      told = inspect(error, { depth: 10, showHidden: true });
    }
    expect(told).toContain('NotifyRejected');
    expect(told).not.toMatch(/oSecretOpenid|A-10001|0403|fedcba98/);
  }
});
