import { expect, test } from 'vitest';
import { readTradeBill } from '../../../src/channels/bill-file/trade-bill.js';
import type { TradeLine } from '../../../src/reconciliation/rules/bill-line.js';
import { differencesOf } from '../../../src/reconciliation/rules/bill-sums.js';
import {
  ALL_COLUMNS,
  chunked,
  collected,
  lineOf,
  OLD_COLUMNS,
  PAYMENT,
  PAYMENT_LINE,
  REFUND,
  REFUND_COLUMNS,
  SUCCESS_COLUMNS,
  summaryLine,
  TRADE_SUMMARY_COLUMNS,
  tradeBill,
  written,
  type Printed,
  type Written,
} from '../support/bills.js';

const SUMMARY = '2.0,11.05,3.7,0.35,0.05000,12.05,4.05';

async function read(lines: readonly string[], how?: Written) {
  const all = await collected(readTradeBill(chunked(written(lines, how))));
  const end = all.pop();
  if (end === undefined || !('summary' in end)) throw new Error('no end');
  return { lines: all as TradeLine[], end };
}

const failure = async (lines: readonly string[], how?: Written): Promise<unknown> =>
  read(lines, how).then(
    () => undefined,
    (error: unknown) => error,
  );

const refund: TradeLine = {
  ...PAYMENT_LINE,
  lineNo: 3,
  kind: 'refund',
  at: new Date('2026-11-27T23:59:59+08:00'),
  totalFen: 0,
  settledFen: 0,
  couponFen: 0,
  refund: {
    refundId: '50300000002026112700000000001',
    outRefundNo: 'R-10001',
    askedFen: 405,
    settledFen: 370,
    couponFen: 35,
    type: 'ORIGINAL',
    status: 'PROCESSING',
  },
  feeMillifen: -2_000,
};

const summary = {
  count: 2,
  settledFen: 1_105,
  refundSettledFen: 370,
  refundCouponFen: 35,
  feeMillifen: 5_000,
  totalFen: 1_205,
  refundAskedFen: 405,
};

test.each<Written>([
  { bom: true, lineEnd: '\r\n' },
  { bom: false, lineEnd: '\n' },
  { bom: true, lineEnd: '\n' },
  { bom: false, lineEnd: '\r\n' },
])('a bill of 27 columns is read, written as %j', async (how) => {
  const { lines, end } = await read(tradeBill([PAYMENT, REFUND], SUMMARY), how);
  expect(lines).toEqual([PAYMENT_LINE, refund]);
  expect(end).toEqual({ summary, sums: summary });
  expect(differencesOf(end.summary, end.sums)).toEqual([]);
});

test('a bill of payments alone has 20 columns, and may sum up less', async () => {
  const lines = [
    SUCCESS_COLUMNS,
    lineOf(SUCCESS_COLUMNS, PAYMENT),
    '总交易单数,应结订单总金额,手续费总金额,订单总金额',
    summaryLine('1,11.05,0.07000,12.05'),
  ];
  const read20 = await read(lines);
  expect(read20.lines).toEqual([PAYMENT_LINE]);
  expect(read20.end.summary).toEqual({
    count: 1,
    settledFen: 1_105,
    refundSettledFen: null,
    refundCouponFen: null,
    feeMillifen: 7_000,
    totalFen: 1_205,
    refundAskedFen: null,
  });
  expect(differencesOf(read20.end.summary, read20.end.sums)).toEqual([]);
});

test('a bill of refunds alone has 29 columns and a negative fee', async () => {
  const values = { ...REFUND, 退款申请时间: '2026-11-27 23:59:59', 退款成功时间: '' };
  const read29 = await read(tradeBill([values], '1.0,0.0,3.7,0.35,-0.02000,0.0,4.05', REFUND_COLUMNS));
  expect(read29.lines).toEqual([
    { ...refund, lineNo: 2, rest: { ...refund.rest, 退款申请时间: '2026-11-27 23:59:59' } },
  ]);
  expect(read29.end.summary.feeMillifen).toBe(-2_000);
  expect(differencesOf(read29.end.summary, read29.end.sums)).toEqual([]);
});

test('the format of 24 columns is refused by its name', async () => {
  const lines = [OLD_COLUMNS, lineOf(OLD_COLUMNS, { ...PAYMENT, 总金额: '12.05' })];
  expect(await failure(lines)).toMatchObject({ reason: 'old_format', lineNo: 1 });
});

test('columns are found by name, wherever they stand, and unknown ones are kept', async () => {
  const columns = ['新列', ...ALL_COLUMNS.split(',').reverse()].join(',');
  const values = { ...PAYMENT, 新列: '一\\ 二\\n三', 费率备注: '优惠' };
  const { lines } = await read(tradeBill([values], '1,11.05,0,0,0.07,12.05,0', columns));
  expect(lines).toEqual([{ ...PAYMENT_LINE, rest: { ...PAYMENT_LINE.rest, 新列: '一,二\n三', 费率备注: '优惠' } }]);
});

test("neither the payer's openid nor what the merchant wrote leaves the reader", async () => {
  const values = { ...PAYMENT, 商品名称: 'a secret', 商户数据包: 'another' };
  const { lines } = await read(tradeBill([values], SUMMARY));
  expect(JSON.stringify(lines)).not.toMatch(/oUpF8u|secret|another/);
});

test('values without backticks are values all the same, also where one is the name of a column', async () => {
  const bare = { ...PAYMENT, 商品名称: '交易时间', 商户数据包: '总交易单数' };
  const lines = tradeBill([bare, REFUND], SUMMARY).map((line) => line.replaceAll('`', ''));
  expect(await read(lines)).toEqual({ lines: [PAYMENT_LINE, refund], end: { summary, sums: summary } });
});

test('a quote is a character of the text', async () => {
  const values = { ...PAYMENT, 商品名称: '"', 费率备注: 'half "a' };
  const { lines } = await read(tradeBill([values, REFUND], SUMMARY));
  expect(lines).toMatchObject([{ rest: { 费率备注: 'half "a' } }, { lineNo: 3 }]);
});

test('several pages, each with its summary, are one bill', async () => {
  const first = tradeBill([PAYMENT], '1.0,11.05,0.0,0.0,0.07000,12.05,0.0');
  const second = tradeBill([REFUND, REFUND], '2.0,0.0,7.4,0.70,-0.04000,0.0,8.1');
  const { lines, end } = await read([...first, '', ...second, ''], { lineEnd: '\r\n' });
  expect(lines.map(({ lineNo }) => lineNo)).toEqual([2, 7, 8]);
  expect(end.summary).toEqual({
    count: 3,
    settledFen: 1_105,
    refundSettledFen: 740,
    refundCouponFen: 70,
    feeMillifen: 3_000,
    totalFen: 1_205,
    refundAskedFen: 810,
  });
  expect(end.sums).toEqual(end.summary);
});

test('a repeated header and summaries at the end are one bill too', async () => {
  const [header = '', line = ''] = tradeBill([PAYMENT], SUMMARY);
  const lines = [header, line, header, lineOf(ALL_COLUMNS, REFUND), TRADE_SUMMARY_COLUMNS];
  const { end } = await read([
    ...lines,
    summaryLine('1,11.05,0,0,0.07,12.05,0'),
    summaryLine('1,0,3.70,0.35,-0.02,0,4.05'),
  ]);
  expect(end).toEqual({ summary, sums: summary });
});

test('a bill without lines is a bill', async () => {
  const { lines, end } = await read(tradeBill([], '0.0,0.0,0.0,0.0,0.00000,0.0,0.0'));
  expect(lines).toEqual([]);
  expect(differencesOf(end.summary, end.sums)).toEqual([]);
});

test('a reversal has a refund where money went back', async () => {
  const values = [
    { ...PAYMENT, 交易状态: 'REVOKED' },
    { ...REFUND, 交易状态: 'REVOKED' },
  ];
  const { lines } = await read(tradeBill(values, SUMMARY));
  expect(lines).toEqual([
    { ...PAYMENT_LINE, kind: 'reversal' },
    { ...refund, kind: 'reversal' },
  ]);
});

test('large sums are printed with an exponent', async () => {
  const { end } = await read(tradeBill([], '1.0E7,1.234567891E7,0.0,0.0,9.8765432E4,1.2E10,0.0'));
  expect(end.summary).toMatchObject({
    count: 10_000_000,
    settledFen: 1_234_567_891,
    feeMillifen: 9_876_543_200,
    totalFen: 1_200_000_000_000,
  });
});

test.each<[string, Printed, column: string]>([
  ['a state that nobody described', { 交易状态: 'A_STATE_OF_TOMORROW' }, '交易状态'],
  ['no state', { 交易状态: '' }, '交易状态'],
  ['a day that is none', { 交易时间: '2026-02-30 10:11:12' }, '交易时间'],
  ['an hour that is none', { 交易时间: '2026-11-27 24:00:00' }, '交易时间'],
  ['a time of another form', { 交易时间: '2026/11/27 10:11' }, '交易时间'],
  ['no number of WeChat Pay', { 微信订单号: '' }, '微信订单号'],
  ['a number with a space in it', { 商户订单号: 'A 10001' }, '商户订单号'],
  ['no merchant', { 商户号: '' }, '商户号'],
  ['half a fen', { 订单金额: '12.055' }, '订单金额'],
  ['more than a number can hold', { 订单金额: '90071992547409.92' }, '订单金额'],
  ['a negative amount', { 订单金额: '-12.05' }, '订单金额'],
  ['an amount with its sign', { 应结订单金额: '¥11.05' }, '应结订单金额'],
  ['no amount', { 代金券金额: '' }, '代金券金额'],
  ['a fee of six places', { 手续费: '0.070001' }, '手续费'],
  ['a fee that is none', { 手续费: '0.0-7' }, '手续费'],
  ['another currency', { 货币种类: 'HKD' }, '货币种类'],
  ['a refund without its number', { 交易状态: 'REFUND' }, '微信退款单号'],
  ['a control character in a word', { 交易类型: 'JS\u0007API' }, '交易类型'],
])('%s makes the file unreadable, with the line and the column', async (_, change, column) => {
  const lines = tradeBill([PAYMENT, { ...PAYMENT, ...change }], SUMMARY);
  expect(await failure(lines)).toMatchObject({ reason: 'bad_value', lineNo: 3, column });
});

test.each<[string, string, string]>([
  ['a summary that is no number', '2.5,11.05,3.7,0.35,0.05,12.05,4.05', '总交易单数'],
  ['a negative sum', '2,-11.05,3.7,0.35,0.05,12.05,4.05', '应结订单总金额'],
])('%s makes the file unreadable', async (_, said, column) => {
  expect(await failure(tradeBill([PAYMENT, REFUND], said))).toMatchObject({ reason: 'bad_value', lineNo: 5, column });
});

test.each([
  ['more', ',`'],
  ['fewer', ''],
])('a line of %s values than columns makes the file unreadable: nothing is shifted', async (_, tail) => {
  const [header = '', line = '', ...others] = tradeBill([PAYMENT], SUMMARY);
  const other = tail === '' ? line.slice(0, line.lastIndexOf(',')) : line + tail;
  expect(await failure([header, line, other, ...others])).toMatchObject({ reason: 'value_count', lineNo: 3 });
});

test.each(['订单金额', '商户订单号', '交易状态', '申请退款金额', '手续费'])(
  'a bill without %s is unreadable',
  async (name) => {
    const columns = ALL_COLUMNS.split(',')
      .filter((column) => column !== name)
      .join(',');
    const failed = await failure(tradeBill([PAYMENT], SUMMARY, columns));
    expect(failed).toMatchObject({ reason: 'missing_column', lineNo: 1, column: name });
  },
);

test('two columns of one name are unreadable', async () => {
  const lines = tradeBill([PAYMENT], SUMMARY, `${ALL_COLUMNS},订单金额`);
  expect(await failure(lines)).toMatchObject({ reason: 'duplicate_column', lineNo: 1 });
});

test.each<[string, readonly string[], string, number]>([
  ['nothing', [], 'empty', 1],
  ['empty lines', ['', ''], 'empty', 1],
  ['a page in the place of a bill', ['<html>', '</html>'], 'no_header', 1],
  ['lines without a header', [lineOf(ALL_COLUMNS, PAYMENT)], 'no_header', 1],
  ['no summary', tradeBill([PAYMENT], SUMMARY).slice(0, 2), 'cut_off', 2],
  ['a summary without its values', tradeBill([PAYMENT], SUMMARY).slice(0, 3), 'cut_off', 3],
  ['lines behind the summary', [...tradeBill([PAYMENT], SUMMARY), ALL_COLUMNS], 'cut_off', 5],
])('%s: unreadable, and why', async (_, lines, reason, lineNo) => {
  expect(await failure(lines)).toMatchObject({ reason, lineNo });
});

test('a file that is cut off anywhere before its summary is never a bill', async () => {
  const file = written(tradeBill([PAYMENT, REFUND], SUMMARY), { bom: true, lineEnd: '\r\n' });
  const whole = file.lastIndexOf('`4.05') + 2;
  for (let size = 0; size < whole; size += 1) {
    await expect(collected(readTradeBill(chunked(file.subarray(0, size), 64)))).rejects.toMatchObject({
      name: 'BillUnreadable',
    });
  }
});

test('a failure tells no value of the file', async () => {
  const { inspect } = await import('node:util');
  const failed = await failure(tradeBill([{ ...PAYMENT, 订单金额: '12.0x' }], SUMMARY));
  expect(inspect(failed, { depth: 10, showHidden: true })).not.toMatch(/12\.0x|oUpF8u|A-10001|普洱/);
});
