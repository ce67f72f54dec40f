import fc from 'fast-check';
import { expect, test } from 'vitest';
import { refundBody } from '../../../src/channels/wechatpay-v3/refund.js';
import { anyRefund } from '../support/any-refund.js';
import { fen, outRefundNo, refundOf } from '../support/values.js';

const notifyUrl = 'https://pay.example.com/notify/wechatpay/v3/1900000001';

test('a refund has these bytes', () => {
  expect(refundBody(notifyUrl, refundOf())).toBe(
    '{"out_trade_no":"A-10001","out_refund_no":"R-10001","notify_url":"https://pay.example.com/notify/wechatpay/v3/1900000001",' +
      '"amount":{"refund":405,"total":1205,"currency":"CNY"}}',
  );
});

test('a reason is shown to the payer, its absence is left out', () => {
  expect(JSON.parse(refundBody(notifyUrl, refundOf({ reason: '茶叶受潮' })))).toMatchObject({ reason: '茶叶受潮' });
  expect(refundBody(notifyUrl, refundOf())).not.toMatch(/reason|null/);
});

test('any refund gives the same bytes again, whatever order its fields come in, and can be signed', () => {
  fc.assert(
    fc.property(anyRefund, (refund) => {
      const { reason, totalFen, amountFen, ...numbers } = refund;
      const body = refundBody(notifyUrl, refund);
      expect(refundBody(notifyUrl, { reason, totalFen, ...numbers, amountFen })).toBe(body);
      expect(JSON.stringify(JSON.parse(body))).toBe(body);
    }),
  );
});

test('two refunds that differ in anything differ in their bytes', () => {
  const changes = [
    { outRefundNo: outRefundNo('A-10001@return') },
    { amountFen: fen(406) },
    { totalFen: fen(1_206) },
    { reason: 'damp' },
  ];
  const bodies = [{}, ...changes].map((change) => refundBody(notifyUrl, refundOf(change)));
  expect(new Set(bodies).size).toBe(bodies.length);
});
