import { expect, test } from 'vitest';
import { readFundBill } from '../../../src/channels/bill-file/fund-bill.js';
import { differencesOf } from '../../../src/reconciliation/rules/bill-sums.js';
import {
  chunked,
  collected,
  FLOW,
  FUND_COLUMNS,
  fundBill,
  written,
  type Printed,
  type Written,
} from '../support/bills.js';

const FEE: Printed = {
  ...FLOW,
  业务类型: '扣除交易手续费',
  收支类型: '支出',
  '收支金额(元)': '0.07',
  '账户结余(元)': '110.98',
};
const REFUND: Printed = {
  ...FLOW,
  微信支付业务单号: '50300000002026112700000000001',
  业务名称: '退款',
  业务类型: '退款',
  收支类型: '支出',
  '收支金额(元)': '3.70',
  '账户结余(元)': '-0.02',
  备注: '缺货\\ 退款\\n请查收',
  业务凭证号: 'REF4200000000202611270000000001',
};
const SUMMARY = '3.0,1.0,11.05,2.0,3.77';

const read = (lines: readonly string[], how?: Written) => collected(readFundBill(chunked(written(lines, how))));

const trade = {
  lineNo: 2,
  at: new Date('2026-11-27T10:11:13+08:00'),
  businessNo: '4200000000202611270000000001',
  flowNo: '1900000001202611270000000001',
  name: '交易',
  type: '交易',
  direction: 'in',
  amountFen: 1_105,
  balanceFen: 11_105,
  voucherNo: 'A-10001',
  rest: { 资金变更提交申请人: 'system', 备注: '结算总金额 11.05 元;含手续费 0.07 元' },
};
const summary = { count: 3, inCount: 1, inFen: 1_105, outCount: 2, outFen: 377 };

test.each<[string, string, Written]>([
  ['ASCII', FUND_COLUMNS, { bom: true, lineEnd: '\r\n' }],
  ['Chinese', FUND_COLUMNS.replaceAll('(', '（').replaceAll(')', '）'), { lineEnd: '\n' }],
])('a fund-flow bill is read, its columns in %s parentheses', async (_, columns, how) => {
  const [, ...lines] = fundBill([FLOW, FEE, REFUND], SUMMARY);
  expect(await read([columns, ...lines], how)).toEqual([
    trade,
    { ...trade, lineNo: 3, type: '扣除交易手续费', direction: 'out', amountFen: 7, balanceFen: 11_098 },
    {
      ...trade,
      lineNo: 4,
      businessNo: '50300000002026112700000000001',
      name: '退款',
      type: '退款',
      direction: 'out',
      amountFen: 370,
      balanceFen: -2,
      voucherNo: 'REF4200000000202611270000000001',
      rest: { 资金变更提交申请人: 'system', 备注: '缺货,退款\n请查收' },
    },
    { summary, sums: summary },
  ]);
});

test('a movement that is no trade has neither a number at WeChat Pay nor a voucher', async () => {
  const withdrawal = { ...FLOW, 微信支付业务单号: '', 业务名称: '充值/提现', 备注: '', 业务凭证号: '' };
  const [line] = await read(fundBill([withdrawal], '1,1,11.05,0,0'));
  expect(line).toMatchObject({
    businessNo: '',
    voucherNo: '',
    name: '充值/提现',
    rest: { 资金变更提交申请人: 'system' },
  });
});

test.each<[string, Printed, column: string]>([
  ['a direction that is none', { 收支类型: '转移' }, '收支类型'],
  ['a negative amount', { '收支金额(元)': '-11.05' }, '收支金额(元)'],
  ['no balance', { '账户结余(元)': '' }, '账户结余(元)'],
  ['no number of the movement', { 资金流水单号: '' }, '资金流水单号'],
  ['no time', { 记账时间: '2026-11-27' }, '记账时间'],
])('%s makes the file unreadable, with the line and the column', async (_, change, column) => {
  const reading = read(fundBill([FLOW, { ...FLOW, ...change }], SUMMARY));
  await expect(reading).rejects.toMatchObject({ reason: 'bad_value', lineNo: 3, column });
});

test('a trade bill is no fund-flow bill', async () => {
  const { PAYMENT, tradeBill } = await import('../support/bills.js');
  await expect(read(tradeBill([PAYMENT], '1,11.05,0,0,0.07,12.05,0'))).rejects.toMatchObject({
    reason: 'no_header',
    lineNo: 1,
  });
});

test('pages are added up, and what differs is named', async () => {
  const end = (await read([...fundBill([FLOW, FEE], '2,1,11.05,1,0.07'), ...fundBill([REFUND], '1,1,3.70,0,0')])).at(
    -1,
  );
  if (end === undefined || !('summary' in end)) throw new Error('no end');
  expect(differencesOf(end.summary, end.sums)).toEqual([
    { figure: 'inCount', summary: 2, lines: 1 },
    { figure: 'inFen', summary: 1_475, lines: 1_105 },
    { figure: 'outCount', summary: 1, lines: 2 },
    { figure: 'outFen', summary: 7, lines: 377 },
  ]);
});
