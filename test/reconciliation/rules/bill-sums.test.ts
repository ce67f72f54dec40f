import { expect, test } from 'vitest';
import type { TradeLine } from '../../../src/reconciliation/rules/bill-line.js';
import {
  addFundLine,
  addTradeLine,
  differencesOf,
  NO_FUND_LINES,
  NO_TRADE_LINES,
} from '../../../src/reconciliation/rules/bill-sums.js';
import { PAYMENT_LINE } from '../../channels/support/bills.js';

const payment = PAYMENT_LINE;
const refund: TradeLine = {
  ...payment,
  kind: 'refund',
  totalFen: 0,
  settledFen: 0,
  feeMillifen: -2_000,
  refund: {
    refundId: '503',
    outRefundNo: 'R-10001',
    askedFen: 405,
    settledFen: 370,
    couponFen: 35,
    type: 'ORIGINAL',
    status: 'SUCCESS',
  },
};
const sums = [payment, refund, payment].reduce(addTradeLine, NO_TRADE_LINES);

test('the lines of a trade bill add up to the figures of its summary', () => {
  expect(sums).toEqual({
    count: 3,
    settledFen: 2_210,
    refundSettledFen: 370,
    refundCouponFen: 35,
    feeMillifen: 12_000,
    totalFen: 2_410,
    refundAskedFen: 405,
  });
});

test('the lines of a fund-flow bill add up by their direction', () => {
  const line = { lineNo: 2, at: payment.at, businessNo: '', flowNo: '1', name: '', type: '', voucherNo: '', rest: {} };
  const lines = [
    { ...line, direction: 'in', amountFen: 1_105, balanceFen: 1_105 },
    { ...line, direction: 'out', amountFen: 7, balanceFen: 1_098 },
    { ...line, direction: 'out', amountFen: 370, balanceFen: 728 },
  ] as const;
  expect(lines.reduce(addFundLine, NO_FUND_LINES)).toEqual({
    count: 3,
    inCount: 1,
    inFen: 1_105,
    outCount: 2,
    outFen: 377,
  });
});

test.each(Object.keys(sums))('a summary that says one more of %s differs in that alone', (figure) => {
  expect(differencesOf(sums, sums)).toEqual([]);
  const said = Object.fromEntries(
    Object.entries(sums).map(([key, value]) => [key, key === figure ? value + 1 : value]),
  );
  const lines = Object.entries(sums).find(([key]) => key === figure)?.[1] ?? NaN;
  expect(differencesOf({ ...sums, ...said }, sums)).toEqual([{ figure, summary: lines + 1, lines }]);
});

test('a figure that the summary does not have is not compared', () => {
  expect(differencesOf({ ...sums, settledFen: null, refundAskedFen: null }, sums)).toEqual([]);
});

test('sums beyond what a number holds exactly never agree', () => {
  const totalFen = Number.MAX_SAFE_INTEGER + 1;
  expect(differencesOf({ ...sums, totalFen }, { ...sums, totalFen })).toMatchObject([{ figure: 'totalFen' }]);
});
