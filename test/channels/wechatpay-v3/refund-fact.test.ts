import { expect, test } from 'vitest';
import { readRefund, refundStatusOf } from '../../../src/channels/wechatpay-v3/refund.js';

const answer = {
  refund_id: '50300000002026112200000000001',
  out_refund_no: 'R-10001',
  transaction_id: '4200000000202611220000000001',
  out_trade_no: 'A-10001',
  channel: 'ORIGINAL',
  user_received_account: '招商银行信用卡0403',
  create_time: '2026-11-22T10:34:56+08:00',
  status: 'PROCESSING',
  amount: { total: 1_205, refund: 405, payer_total: 1_000, payer_refund: 336, currency: 'CNY' },
  of_tomorrow: true,
};
const asked = { outRefundNo: 'R-10001', outTradeNo: 'A-10001' };

test('a refund is read, and apart from what decides where it goes', () => {
  expect(readRefund(answer, asked)).toEqual({
    kind: 'found',
    refund: {
      refundId: '50300000002026112200000000001',
      outRefundNo: 'R-10001',
      outTradeNo: 'A-10001',
      transactionId: '4200000000202611220000000001',
      status: 'processing',
      refundFen: 405,
      totalFen: 1_205,
      successAtMs: null,
    },
    details: {
      channel: 'ORIGINAL',
      receivedAccount: '招商银行信用卡0403',
      acceptedAtMs: Date.parse('2026-11-22T02:34:56Z'),
    },
  });
});

test.each([
  ['PROCESSING', 'processing'],
  ['SUCCESS', 'succeeded'],
  ['CLOSED', 'closed'],
  ['ABNORMAL', 'abnormal'],
])('%s is %s', (word, status) => {
  expect(refundStatusOf(word)).toBe(status);
  expect(readRefund({ ...answer, status: word }, asked)).toMatchObject({ refund: { status } });
});

test.each(['CLOSE', 'CHANGE', 'success', 'constructor', 'A_WORD_OF_TOMORROW'])('%s is not recognised', (status) => {
  expect(refundStatusOf(status)).toBeUndefined();
  expect(readRefund({ ...answer, status }, asked)).toEqual({ kind: 'unrecognised', status });
});

test('only a refund that succeeded has a time of success', () => {
  const success_time = '2026-11-22T10:40:00+08:00';
  const read = (status: string) => readRefund({ ...answer, status, success_time }, asked);
  expect(read('SUCCESS')).toMatchObject({ refund: { successAtMs: Date.parse('2026-11-22T02:40:00Z') } });
  expect(read('ABNORMAL')).toMatchObject({ refund: { successAtMs: null } });
  expect(readRefund({ ...answer, status: 'SUCCESS' }, asked)).toMatchObject({ refund: { successAtMs: null } });
});

test('an absent currency is CNY', () => {
  expect(readRefund({ ...answer, amount: { total: 2, refund: 1 } }, asked)).toMatchObject({ kind: 'found' });
});

test.each<[string, object]>([
  ['a time that is none', { status: 'SUCCESS', success_time: 'yesterday' }],
  ['odd times, channel and account', { success_time: 7, create_time: {}, channel: 7, user_received_account: ['x'] }],
  ['no currency but null', { amount: { ...answer.amount, currency: null } }],
  ['odd sums beside the one that is refunded', { amount: { refund: 405, total: 'x', payer_refund: -1, from: 7 } }],
])('%s hides no refund', (_, fields) => {
  expect(readRefund({ ...answer, ...fields }, asked)).toMatchObject({
    kind: 'found',
    refund: { refundFen: 405, successAtMs: null },
  });
});

test('only what was asked about must be the same', () => {
  expect(readRefund(answer, { outRefundNo: 'R-10001' })).toMatchObject({ kind: 'found' });
  expect(readRefund(answer, { outRefundNo: 'R-10001', refundId: answer.refund_id })).toMatchObject({ kind: 'found' });
  expect(readRefund(answer, { outRefundNo: 'R-10001', refundId: '503' })).toBeUndefined();
});

test.each<[string, unknown]>([
  ['another number', { ...answer, out_refund_no: 'R-10002' }],
  ['another number and an unknown status', { ...answer, out_refund_no: 'R-10002', status: 'NEW' }],
  ['another trade', { ...answer, out_trade_no: 'A-10002' }],
  ['no WeChat Pay number', { ...answer, refund_id: undefined }],
  ['no transaction', { ...answer, transaction_id: '' }],
  ['no status', { ...answer, status: undefined }],
  ['no amount', { ...answer, amount: undefined }],
  ['a fraction of a fen', { ...answer, amount: { total: 1_205, refund: 40.5 } }],
  ['another currency', { ...answer, amount: { ...answer.amount, currency: 'USD' } }],
  ['nothing at all', undefined],
])('an answer with %s is no answer', (_, body) => {
  expect(readRefund(body, asked)).toBeUndefined();
});
