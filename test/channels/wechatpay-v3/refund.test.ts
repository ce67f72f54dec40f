import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Gateway } from '../../../src/channels/port.js';
import { anyRefund } from '../support/any-refund.js';
import { failureOf } from '../support/failure-of.js';
import {
  failed,
  fakeMerchant,
  fakeWechatPay,
  isSignedRequest,
  signed,
  type FakeWechatPay,
  type Handler,
} from '../support/fake-wechatpay.js';
import { gatewayOf, withCredentials } from '../support/gateway.js';
import { outRefundNo, outTradeNo, refundOf } from '../support/values.js';
import { runs } from '../../support/property-runs.js';

const durable = { patience: 'durable' } as const;
const brief = { patience: 'brief' } as const;
const REFUND_ID = '50300000002026112200000000001';
const number = outRefundNo('R-10001');

let wechat: FakeWechatPay;
let gateway: Gateway;
/** For limits only: it stands still unless a test moves it. */
let clockMs: number;
beforeEach(async () => {
  clockMs = 0;
  wechat = await fakeWechatPay();
  gateway = gatewayOf(
    withCredentials(fakeMerchant(wechat.url), { limits: { refund: 100_000, refundQuery: 100_000 } }),
    {
      now: () => new Date(),
      notifyUrl: () => 'https://pay.example.com/notify/wechatpay/v3/1900000001',
      workers: 1,
      monotonicMs: () => clockMs,
    },
  );
});
afterEach(() => wechat.close());

const answer = {
  refund_id: REFUND_ID,
  out_refund_no: 'R-10001',
  transaction_id: '4200000000202611220000000001',
  out_trade_no: 'A-10001',
  status: 'PROCESSING',
  amount: { total: 1_205, refund: 405, currency: 'CNY' },
};
const fact = { refundId: REFUND_ID, outRefundNo: 'R-10001', outTradeNo: 'A-10001', refundFen: 405, totalFen: 1_205 };

const refund = () => gateway.refund(refundOf(), durable);
const query = () => gateway.queryRefund({ outRefundNo: number }, durable);
const abnormal = () => gateway.abnormalRefund({ refundId: REFUND_ID, outRefundNo: number, card: null }, durable);

test('an accepted refund comes back as WeChat Pay knows it', async () => {
  wechat.answer = signed(200, answer);
  expect(await refund()).toMatchObject({ kind: 'accepted', refund: { ...fact, status: 'processing' } });
  wechat.answer = signed(200, { ...answer, status: 'SUCCESS', success_time: '2026-11-22T10:40:00+08:00' });
  expect(await refund()).toMatchObject({ kind: 'accepted', refund: { ...fact, status: 'succeeded' } });
  expect(await query()).toMatchObject({ kind: 'found', refund: { ...fact, status: 'succeeded' } });
});

test('a refund names where its notify goes: the address of the payments', async () => {
  wechat.answer = signed(200, answer);
  await refund();
  const [seen] = wechat.seen;
  expect(seen).toMatchObject({ method: 'POST', target: '/v3/refund/domestic/refunds' });
  expect(JSON.parse(String(seen?.body))).toEqual({
    out_trade_no: 'A-10001',
    out_refund_no: 'R-10001',
    notify_url: 'https://pay.example.com/notify/wechatpay/v3/1900000001',
    amount: { refund: 405, total: 1_205, currency: 'CNY' },
  });
});

test("PaySaga's own number is percent-encoded in the request line and in the signature", async () => {
  wechat.answer = signed(200, { ...answer, out_refund_no: 'A-10001*2@return*3' });
  await gateway.queryRefund({ outRefundNo: outRefundNo('A-10001*2@return*3') }, durable);
  const [seen] = wechat.seen;
  expect(seen?.target).toBe('/v3/refund/domestic/refunds/A-10001%2A2%40return%2A3');
  expect(seen !== undefined && isSignedRequest(seen)).toBe(true);
});

test('an abnormal refund goes to the bank card of the merchant', async () => {
  wechat.answer = signed(200, answer);
  expect(await abnormal()).toMatchObject({ kind: 'accepted', refund: fact });
  const [seen] = wechat.seen;
  expect(seen).toMatchObject({
    method: 'POST',
    target: `/v3/refund/domestic/refunds/${REFUND_ID}/apply-abnormal-refund`,
  });
  expect(String(seen?.body)).toBe('{"out_refund_no":"R-10001","type":"MERCHANT_BANK_CARD"}');
});

test('any refund is sent twice as the same bytes, signed, and asked for under a signed address', async () => {
  const accepted: Handler = (seen, response) => {
    const { out_trade_no, out_refund_no, amount } = JSON.parse(String(seen.body)) as typeof answer;
    signed(200, { ...answer, out_trade_no, out_refund_no, amount })(seen, response);
  };
  await fc.assert(
    fc.asyncProperty(anyRefund, async (request) => {
      wechat.seen.length = 0;
      wechat.answer = accepted;
      clockMs += 60_000;
      await gateway.refund(request, durable);
      const again = await gateway.refund(request, durable);
      wechat.answer = signed(200, { ...answer, out_refund_no: request.outRefundNo });
      const found = await gateway.queryRefund(request, durable);
      expect([again, found]).toMatchObject([{ refund: { outRefundNo: request.outRefundNo } }, { kind: 'found' }]);
      const [first, second, asked] = wechat.seen;
      expect(first?.body.equals(second?.body ?? Buffer.alloc(0))).toBe(true);
      expect(wechat.seen.map((seen) => isSignedRequest(seen))).toEqual([true, true, true]);
      expect(decodeURIComponent(asked?.target.split('/').at(-1) ?? '')).toBe(request.outRefundNo);
    }),
    runs(20),
  );
});

test.each<[string, Handler, status: number | null]>([
  ['no signature', failed(200, answer), 200],
  ['a probe', signed(200, answer, { signature: 'WECHATPAY/SIGNTEST/not+even+base64' }), 200],
  ['another number', signed(200, { ...answer, out_refund_no: 'R-10002' }), 200],
  ['a body that is no refund', signed(200, { data: [] }), 200],
  ['HTTP 202', signed(202, answer), 202],
  ['HTTP 204', signed(204, ''), 204],
  ['HTTP 500', failed(500, { code: 'SYSTEM_ERROR', message: '系统异常' }), 500],
  ['HTTP 502 from a proxy', failed(502, 'Bad Gateway'), 502],
  ['a body that is not its own', failed(403, '<html>blocked</html>'), 403],
  ['a broken connection', (_, response) => void response.destroy(), null],
])('%s leaves the outcome of every call unknown, and says the HTTP status that came', async (_, handler, status) => {
  wechat.answer = handler;
  for (const call of [refund, query, abnormal]) {
    expect(await failureOf(call())).toMatchObject({ code: 'unknown', refusal: status === null ? null : { status } });
  }
});

test('a refund of another trade, or another refund of WeChat Pay, is not what was asked for', async () => {
  wechat.answer = signed(200, { ...answer, out_trade_no: 'A-10002', refund_id: '50300000002026112200000000002' });
  expect(await failureOf(refund())).toMatchObject({ code: 'unknown' });
  expect(await failureOf(abnormal())).toMatchObject({ code: 'unknown' });
});

test('a status nobody described leaves an apply unknown, and is told by a query', async () => {
  wechat.answer = signed(200, { ...answer, status: 'A_WORD_OF_TOMORROW' });
  expect(await failureOf(refund())).toMatchObject({ code: 'unknown' });
  expect(await failureOf(abnormal())).toMatchObject({ code: 'unknown' });
  expect(await query()).toEqual({ kind: 'unrecognised', status: 'A_WORD_OF_TOMORROW' });
});

test('a balance that is too small is told without a refusal', async () => {
  wechat.answer = failed(403, { code: 'NOT_ENOUGH', message: '基本账户余额不足' });
  expect(await refund()).toMatchObject({ kind: 'notEnough', refusal: { code: 'NOT_ENOUGH' } });
  expect(await abnormal()).toMatchObject({ kind: 'notEnough', refusal: { code: 'NOT_ENOUGH' } });
});

test.each([
  [400, 'PARAM_ERROR', 'refused'],
  [404, 'RESOURCE_NOT_EXISTS', 'refused'],
  [400, 'INVALID_REQUEST', 'conflict'],
])('a refund told %i %s is %s, with the status, the code and the message', async (status, code, kind) => {
  wechat.answer = failed(status, { code, message: '请核实后再试' });
  const told = { kind, refusal: { status, code, message: '请核实后再试', detail: null } };
  expect(await refund()).toEqual(told);
  expect(await abnormal()).toEqual(told);
});

test('a query of a refund that nobody accepted is an answer', async () => {
  wechat.answer = failed(404, { code: 'RESOURCE_NOT_EXISTS', message: '退款单不存在' });
  expect(await query()).toEqual({ kind: 'notExist' });
});

test('a limit is told with the time to wait, and keeps the next refund here', async () => {
  wechat.answer = failed(429, { code: 'FREQUENCY_LIMITED', message: '1个月之前的订单' }, { 'Retry-After': '7' });
  const limited = { code: 'rate_limited', gatewayCode: 'FREQUENCY_LIMITED', retryAfterMs: 7_000 };
  expect(await failureOf(refund())).toMatchObject(limited);
  expect(await failureOf(gateway.refund(refundOf(), brief))).toMatchObject({ code: 'gate_shut', retryAfterMs: 7_000 });
  expect(wechat.seen).toHaveLength(1);
  wechat.answer = signed(200, answer);
  expect(await query()).toMatchObject({ kind: 'found' });
});

test('keys and rights are a matter for a person', async () => {
  wechat.answer = failed(404, { code: 'MCH_NOT_EXISTS', message: '商户号不存在' });
  for (const call of [refund, query, abnormal]) {
    expect(await failureOf(call())).toMatchObject({ code: 'merchant_config', gatewayCode: 'MCH_NOT_EXISTS' });
  }
});

test('after three refunds that failed the next one stays here for a second; queries go on', async () => {
  wechat.answer = failed(403, { code: 'NOT_ENOUGH', message: '' });
  for (let i = 0; i < 3; i += 1) await refund();
  expect(await failureOf(gateway.refund(refundOf(), brief))).toMatchObject({ code: 'gate_shut', retryAfterMs: 1_000 });
  expect(wechat.seen).toHaveLength(3);
  wechat.answer = signed(200, answer);
  expect(await query()).toMatchObject({ kind: 'found' });
  clockMs = 1_000;
  expect(await gateway.refund(refundOf(), brief)).toMatchObject({ kind: 'accepted' });
});

test('refunds that are accepted do not wait for one another', async () => {
  wechat.answer = signed(200, answer);
  const answers = await Promise.all(Array.from({ length: 30 }, refund));
  expect(answers).toHaveLength(30);
});

test('an error tells nothing of the request: no reason, no number, no signature', async () => {
  wechat.answer = (_, response) => void response.destroy();
  const request = refundOf({ reason: 'oSecretReason', outTradeNo: outTradeNo('A-10001*2') });
  const error = await failureOf(gateway.refund(request, durable));
  const { inspect } = await import('node:util');
  expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/oSecretReason|A-10001|WECHATPAY2|KeyObject/);
});

test('a signed answer that says a field of a refund twice tells nothing', async () => {
  const text = JSON.stringify({ ...answer, status: 'SUCCESS' });
  wechat.answer = signed(200, text.replace('"refund":405', '"refund":1,"refund":405'));
  expect(await failureOf(query())).toMatchObject({ code: 'unknown' });
  expect(await failureOf(refund())).toMatchObject({ code: 'unknown' });
});
