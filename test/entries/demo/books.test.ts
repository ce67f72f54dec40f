import { describe, expect, it } from 'vitest';
import { compareBooks, type GatewayBooks, type OwnBooks } from '../../../src/entries/demo/books.js';

type Side<T> = Partial<T>;

const trade = (out_trade_no: string, trade_state: string, total = 100): GatewayBooks['trades'][number] => ({
  out_trade_no,
  trade_state,
  total,
});
const attempt = (outTradeNo: string, paidFen: number): OwnBooks['attempts'][number] => ({
  outTradeNo,
  state: 'open',
  paidFen,
});
const theirRefund = (status: string, fields: Side<GatewayBooks['refunds'][number]> = {}) => ({
  out_refund_no: 'r',
  out_trade_no: 'a',
  refund: 40,
  status,
  ...fields,
});
const ourRefund = (state: string, fields: Side<OwnBooks['refunds'][number]> = {}) => ({
  refundNo: 'r',
  outTradeNo: 'a',
  amountFen: 40,
  state,
  offline: false,
  ...fields,
});

const compare = (theirs: Side<GatewayBooks>, ours: Side<OwnBooks>) =>
  compareBooks({ trades: [], refunds: [], ...theirs }, { attempts: [], refunds: [], ...ours });

describe('books that are equal', () => {
  it.each<[string, Side<GatewayBooks>, Side<OwnBooks>]>([
    ['with nothing in them', {}, {}],
    ['with a paid trade', { trades: [trade('a', 'SUCCESS')] }, { attempts: [attempt('a', 100)] }],
    ['with a trade that was paid and refunded', { trades: [trade('a', 'REFUND')] }, { attempts: [attempt('a', 100)] }],
    [
      'with trades nobody paid',
      { trades: [trade('a', 'CLOSED'), trade('b', 'NOTPAY')] },
      { attempts: [attempt('a', 0), attempt('b', 0)] },
    ],
    ['with a refund that succeeded', { refunds: [theirRefund('SUCCESS')] }, { refunds: [ourRefund('succeeded')] }],
    ['with a refund under way', { refunds: [theirRefund('PROCESSING')] }, { refunds: [ourRefund('processing')] }],
    ['with a refund that was closed', { refunds: [theirRefund('CLOSED')] }, { refunds: [ourRefund('closed')] }],
    ['with an abnormal refund', { refunds: [theirRefund('ABNORMAL')] }, { refunds: [ourRefund('abnormal')] }],
    ['with a refund that WeChat Pay refused', {}, { refunds: [ourRefund('rejected')] }],
    [
      'with a refund that was paid back outside WeChat Pay',
      { refunds: [theirRefund('ABNORMAL')] },
      { refunds: [ourRefund('succeeded', { offline: true })] },
    ],
  ])('%s', (_, theirs, ours) => {
    expect(compare(theirs, ours)).toEqual({ differenceFen: 0, differing: [] });
  });
});

describe('books that differ name the attempt and by how much', () => {
  it.each<[string, Side<GatewayBooks>, Side<OwnBooks>, number, string[]]>([
    ['paid at WeChat Pay only', { trades: [trade('a', 'SUCCESS')] }, { attempts: [attempt('a', 0)] }, 100, ['a']],
    ['refunded, and not paid here', { trades: [trade('a', 'REFUND')] }, { attempts: [attempt('a', 0)] }, 100, ['a']],
    ['paid here only', { trades: [trade('a', 'NOTPAY')] }, { attempts: [attempt('a', 100)] }, 100, ['a']],
    ['paid in another amount', { trades: [trade('a', 'SUCCESS', 101)] }, { attempts: [attempt('a', 100)] }, 1, ['a']],
    ['known to WeChat Pay only', { trades: [trade('a', 'SUCCESS')] }, {}, 100, ['a']],
    ['known here only', {}, { attempts: [attempt('a', 100)] }, 100, ['a']],
    ['unpaid and known to WeChat Pay only', { trades: [trade('a', 'NOTPAY')] }, {}, 0, ['a']],
    ['unpaid and known here only', {}, { attempts: [attempt('a', 0)] }, 0, ['a']],
    [
      'differences that would cancel out in a sum',
      { trades: [trade('a', 'SUCCESS'), trade('b', 'NOTPAY')] },
      { attempts: [attempt('a', 0), attempt('b', 100)] },
      200,
      ['a', 'b'],
    ],
  ])('%s', (_, theirs, ours, differenceFen, differing) => {
    expect(compare(theirs, ours)).toEqual({ differenceFen, differing });
  });
});

describe('books that differ name the refund and by how much', () => {
  it.each<[string, Side<GatewayBooks>, Side<OwnBooks>, number, string[]]>([
    ['succeeded there only', { refunds: [theirRefund('SUCCESS')] }, { refunds: [ourRefund('processing')] }, 40, ['r']],
    ['succeeded here only', { refunds: [theirRefund('PROCESSING')] }, { refunds: [ourRefund('succeeded')] }, 40, ['r']],
    [
      'of another amount',
      { refunds: [theirRefund('SUCCESS', { refund: 41 })] },
      { refunds: [ourRefund('succeeded')] },
      1,
      ['r'],
    ],
    [
      'of another attempt',
      { refunds: [theirRefund('SUCCESS', { out_trade_no: 'a*2' })] },
      { refunds: [ourRefund('succeeded')] },
      80,
      ['r'],
    ],
    ['known there only', { refunds: [theirRefund('SUCCESS')] }, {}, 40, ['r']],
    ['known here only', {}, { refunds: [ourRefund('succeeded')] }, 40, ['r']],
    ['asked for and known here only', {}, { refunds: [ourRefund('requested')] }, 0, ['r']],
    [
      'believed refused and given back there',
      { refunds: [theirRefund('SUCCESS')] },
      { refunds: [ourRefund('rejected')] },
      40,
      ['r'],
    ],
    ['closed there only', { refunds: [theirRefund('CLOSED')] }, { refunds: [ourRefund('processing')] }, 0, ['r']],
    [
      'in a state nobody described',
      { refunds: [theirRefund('CHANGE')] },
      { refunds: [ourRefund('processing')] },
      0,
      ['r'],
    ],
    [
      'two of one payment that would cancel out in a sum',
      { refunds: [theirRefund('SUCCESS', { refund: 50 }), theirRefund('SUCCESS', { out_refund_no: 's', refund: 30 })] },
      { refunds: [ourRefund('succeeded'), ourRefund('succeeded', { refundNo: 's' })] },
      20,
      ['r', 's'],
    ],
  ])('%s', (_, theirs, ours, differenceFen, differing) => {
    expect(compare(theirs, ours)).toEqual({ differenceFen, differing });
  });

  it('beside the attempt it belongs to', () => {
    const theirs = { trades: [trade('a', 'REFUND')], refunds: [theirRefund('SUCCESS')] };
    const ours = { attempts: [attempt('a', 0)], refunds: [] };
    expect(compare(theirs, ours)).toEqual({ differenceFen: 140, differing: ['a', 'r'] });
  });
});
