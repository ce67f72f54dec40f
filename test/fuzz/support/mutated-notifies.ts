import fc from 'fast-check';
import { signatureHeaders } from '../../channels/support/fake-wechatpay.js';
import { sealV2, withSign, xmlOf } from '../../channels/support/fake-wechatpay-v2.js';
import { seal } from '../../channels/support/seal.js';
import { broken, oddTexts, oddValues } from './schema-values.js';

export const PATHS = ['v3', 'v2Payment', 'v2Refund'] as const;
type Path = (typeof PATHS)[number];

export type Notify = {
  readonly to: Path;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** What only the payer, the shop and WeChat Pay know; nothing of it may be logged. */
export const CANARIES = ['oCanaryOpenid', 'canary-attach', 'CDATA', 'ciphertext', 'PUB_KEY_ID', 'nonce_str'];

const OPENID = 'oCanaryOpenid';
const ATTACH = 'canary-attach';

const transaction = (outTradeNo: string) => ({
  ...{
    mchid: '1900000001',
    appid: 'wxnative',
    out_trade_no: outTradeNo,
    transaction_id: '4200000000202603010000000001',
  },
  ...{ trade_type: 'NATIVE', trade_state: 'SUCCESS', success_time: '2026-03-01T18:00:00+08:00', attach: ATTACH },
  ...{
    payer: { openid: OPENID },
    amount: { total: 1_200, payer_total: 1_200, currency: 'CNY', payer_currency: 'CNY' },
  },
});

const refund = (outTradeNo: string) => ({
  ...{ mchid: '1900000001', out_trade_no: outTradeNo, transaction_id: '4200000000202603010000000001' },
  ...{ out_refund_no: 'R-1', refund_id: '50300000012026030100000000001', refund_status: 'SUCCESS' },
  ...{ success_time: '2026-03-01T18:00:00+08:00', user_received_account: OPENID },
  amount: { total: 1_200, refund: 200, payer_total: 1_200, payer_refund: 200 },
});

const envelope = (kind: 'transaction' | 'refund', plain: string) => ({
  ...{ id: `EV-${kind}`, create_time: '2026-03-01T18:00:00+08:00', resource_type: 'encrypt-resource' },
  event_type: kind === 'transaction' ? 'TRANSACTION.SUCCESS' : 'REFUND.SUCCESS',
  resource: { original_type: kind, ...seal(plain, kind) },
});

const payment = (outTradeNo: string) => ({
  ...{
    result_code: 'SUCCESS',
    openid: OPENID,
    is_subscribe: 'Y',
    trade_type: 'NATIVE',
    bank_type: 'CFT',
    attach: ATTACH,
  },
  ...{ total_fee: '1200', fee_type: 'CNY', cash_fee: '1200', transaction_id: '4200000000202603010000000002' },
  ...{ out_trade_no: outTradeNo, time_end: '20260301180000' },
});

const refundFields = (outTradeNo: string) => ({
  ...{ out_trade_no: outTradeNo, out_refund_no: 'R-2', refund_id: '50300000012026030100000000002' },
  ...{ refund_status: 'SUCCESS', total_fee: '1200', refund_fee: '200', refund_recv_accout: OPENID },
});

const v3Of = (text: string): Notify => ({ to: 'v3', headers: signatureHeaders(text), body: Buffer.from(text) });
const v2Of = (to: Path, text: string): Notify => ({ to, headers: {}, body: Buffer.from(text) });
const HEAD = { return_code: 'SUCCESS', appid: 'wxnative', mch_id: '1900000001', nonce_str: 'x' };

/** One of each kind, as WeChat Pay sends them. */
export const genuine = (outTradeNo: string): readonly Notify[] => [
  v3Of(JSON.stringify(envelope('transaction', JSON.stringify(transaction(outTradeNo))))),
  v3Of(JSON.stringify(envelope('refund', JSON.stringify(refund(outTradeNo))))),
  v2Of('v2Payment', xmlOf(withSign(payment(outTradeNo)))),
  v2Of('v2Refund', xmlOf({ ...HEAD, req_info: sealV2(xmlOf(refundFields(outTradeNo), 'root')) })),
];

/** Genuine ones, changed on the way by somebody who has no key. */
export const forged = (of: readonly Notify[]): fc.Arbitrary<Notify> =>
  fc.constantFrom(...of).chain((notify) =>
    fc.oneof(
      { weight: 6, arbitrary: changedBytes(notify.body).map((body) => ({ ...notify, body })) },
      { weight: 3, arbitrary: changedHeaders(notify.headers).map((headers) => ({ ...notify, headers })) },
      { weight: 1, arbitrary: fc.constantFrom(...PATHS).map((to) => ({ ...notify, to })) },
      {
        weight: 1,
        arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => ({ ...notify, body: Buffer.from(bytes) })),
      },
    ),
  );

function changedBytes(body: Buffer): fc.Arbitrary<Buffer> {
  const at = fc.nat({ max: body.length - 1 });
  const some = fc.uint8Array({ minLength: 1, maxLength: 8 });
  return fc.oneof(
    fc.tuple(at, some).map(([start, bytes]) => Buffer.concat([body.subarray(0, start), bytes, body.subarray(start)])),
    fc
      .tuple(at, some)
      .map(([start, bytes]) => Buffer.concat([body.subarray(0, start), bytes, body.subarray(start + bytes.length)])),
    fc
      .tuple(at, fc.nat({ max: 40 }))
      .map(([start, length]) => Buffer.concat([body.subarray(0, start), body.subarray(start + length)])),
    at.map((end) => body.subarray(0, end)),
    fc.tuple(at, at).map(([one, other]) => exchanged(body, one, other)),
    fc.constantFrom(
      Buffer.concat([body, body]),
      Buffer.concat([Buffer.from('\ufeff'), body]),
      Buffer.from(body.toString('utf8'), 'utf16le'),
      Buffer.from(body.toString('utf8').replaceAll('1200', '1')),
      Buffer.from(body.toString('utf8').replace('<xml>', '<!DOCTYPE x [<!ENTITY a "b">]><xml><y>&a;</y>')),
    ),
  );
}

function exchanged(body: Buffer, one: number, other: number): Buffer {
  const copy = Buffer.from(body);
  [copy[one], copy[other]] = [body[other] ?? 0, body[one] ?? 0];
  return copy;
}

function changedHeaders(headers: Notify['headers']): fc.Arbitrary<Notify['headers']> {
  const value = fc.oneof(
    fc.stringMatching(/^[\x21-\x7e]{0,80}$/),
    fc.constantFrom('0', '-1', '1e9', '9'.repeat(30), 'WECHATPAY/SIGNTEST/', 'PUB_KEY_ID_0', 'x'.repeat(4_000)),
  );
  const [first = 'Wechatpay-Nonce', ...names] = Object.keys(headers);
  return fc
    .tuple(fc.constantFrom(first, ...names), fc.option(value))
    .map(([name, odd]) => Object.fromEntries(Object.entries({ ...headers, [name]: odd }).flatMap(kept)));
}

const kept = ([name, value]: [string, string | null]): [string, string][] => (value === null ? [] : [[name, value]]);

/** Proven by WeChat Pay's own keys, and of no sense. */
export const signedNonsense = (outTradeNo: string): fc.Arbitrary<Notify> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: plains(transaction(outTradeNo)).map((plain) => v3Of(JSON.stringify(envelope('transaction', plain)))),
    },
    {
      weight: 3,
      arbitrary: plains(refund(outTradeNo)).map((plain) => v3Of(JSON.stringify(envelope('refund', plain)))),
    },
    {
      weight: 3,
      arbitrary: broken(fc.constant(envelope('transaction', '{}'))).map((it) => v3Of(JSON.stringify(it))),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map(v3Of) },
    { weight: 3, arbitrary: fieldsLike(payment(outTradeNo)).map((it) => v2Of('v2Payment', xmlOf(withSign(it)))) },
    {
      weight: 3,
      arbitrary: fieldsLike(refundFields(outTradeNo)).map((it) => v2Of('v2Refund', sealedRefund(xmlOf(it, 'root')))),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map((it) => v2Of('v2Refund', sealedRefund(it))) },
  );

const sealedRefund = (plain: string): string => xmlOf({ ...HEAD, req_info: sealV2(plain) });

/** What is sealed: of another event each time, since its id is random too. */
const plains = (of: object): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: broken(fc.constant(of)).map((it) => JSON.stringify(it)) },
    { weight: 1, arbitrary: oddValues().map((it) => JSON.stringify(it)) },
    { weight: 1, arbitrary: oddTexts() },
  );

function fieldsLike(fields: Readonly<Record<string, string>>): fc.Arbitrary<Record<string, string>> {
  const names = Object.keys(fields);
  const name = fc.oneof(fc.constantFrom(...names), fc.stringMatching(/^[a-z_]{1,12}(_\d)?$/));
  return fc
    .tuple(fc.array(fc.tuple(name, oddTexts()), { minLength: 1, maxLength: 3 }), fc.subarray(names, { maxLength: 2 }))
    .map(([odd, gone]) => {
      const all = { ...fields, ...Object.fromEntries(odd) };
      return Object.fromEntries(Object.entries(all).filter(([it]) => !gone.includes(it)));
    });
}
