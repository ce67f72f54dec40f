import { describe, expect, it } from 'vitest';
import { compareBooks } from '../../../src/entries/demo/books.js';
import type { DemoOrder, SandboxTrade } from '../../../src/entries/demo/shop.js';

const trade = (out_trade_no: string, trade_state: string, total = 100): SandboxTrade => ({
  out_trade_no,
  trade_state,
  total,
});
const order = (...attempts: [outTradeNo: string, paidFen: number][]): DemoOrder => ({
  orderNo: 'order',
  version: 1,
  state: 'paid',
  closedReason: null,
  stuckReason: null,
  amountFen: 100,
  paidFen: 100,
  attempts: attempts.map(([outTradeNo, paidFen]) => ({ outTradeNo, state: 'open', paidFen })),
});

describe('books that are equal', () => {
  it.each<[string, SandboxTrade[], DemoOrder[]]>([
    ['with nothing in them', [], []],
    ['with a paid trade', [trade('a', 'SUCCESS')], [order(['a', 100])]],
    ['with a trade that was paid and refunded', [trade('a', 'REFUND')], [order(['a', 100])]],
    ['with trades nobody paid', [trade('a', 'CLOSED'), trade('b', 'NOTPAY')], [order(['a', 0], ['b', 0])]],
  ])('%s', (_, trades, orders) => {
    expect(compareBooks(trades, orders)).toEqual({ differenceFen: 0, differing: [] });
  });
});

describe('books that differ name the attempt and by how much', () => {
  it.each<[string, SandboxTrade[], DemoOrder[], number, string[]]>([
    ['paid at WeChat Pay only', [trade('a', 'SUCCESS')], [order(['a', 0])], 100, ['a']],
    ['paid here only', [trade('a', 'NOTPAY')], [order(['a', 100])], 100, ['a']],
    ['paid in another amount', [trade('a', 'SUCCESS', 101)], [order(['a', 100])], 1, ['a']],
    ['known to WeChat Pay only', [trade('a', 'SUCCESS')], [], 100, ['a']],
    ['known here only', [], [order(['a', 100])], 100, ['a']],
    ['unpaid and known to WeChat Pay only', [trade('a', 'NOTPAY')], [], 0, ['a']],
    ['unpaid and known here only', [], [order(['a', 0])], 0, ['a']],
    [
      'differences that would cancel out in a sum',
      [trade('a', 'SUCCESS'), trade('b', 'NOTPAY')],
      [order(['a', 0]), order(['b', 100])],
      200,
      ['a', 'b'],
    ],
  ])('%s', (_, trades, orders, differenceFen, differing) => {
    expect(compareBooks(trades, orders)).toEqual({ differenceFen, differing });
  });
});
