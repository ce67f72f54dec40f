import type { RefundPart, TradeLine, TradeSummary } from '../../reconciliation/rules/bill-line.js';
import { addTradeLine, NO_TRADE_LINES, type TradeSums } from '../../reconciliation/rules/bill-sums.js';
import { readBill, type BillEnd, type BillFormat, type Table } from './bill.js';
import { fieldsOf } from './fields.js';
import type { Header } from './header.js';
import type { Row } from './rows.js';
import { BillUnreadable } from './unreadable.js';

/** Reads a trade bill of any of WeChat Pay's kinds: ALL, SUCCESS, REFUND. Throws {@link BillUnreadable}, also after some lines. */
export const readTradeBill = (
  bytes: AsyncIterable<Uint8Array>,
): AsyncIterable<TradeLine | BillEnd<TradeSummary, TradeSums>> => readBill(bytes, FORMAT);

/** In payment rows `0` and `0.00`, or, in a bill of payments alone, not there. */
const REFUND_COLUMNS = [
  '微信退款单号',
  '商户退款单号',
  '退款金额',
  '充值券退款金额',
  '退款类型',
  '退款状态',
  '申请退款金额',
];

/** Columns that a line has a field for, or that decide whether the row can be read. */
const READ = new Set([
  '交易时间',
  '公众账号ID',
  '商户号',
  '微信订单号',
  '商户订单号',
  '交易类型',
  '交易状态',
  '货币种类',
  '应结订单金额',
  '代金券金额',
  '手续费',
  '费率',
  '订单金额',
  ...REFUND_COLUMNS,
]);

/** The payer's openid, and what the merchant told the payer: nobody here needs them. */
const LEFT_OUT = ['用户标识', '商品名称', '商户数据包'];

const NOT_REST = new Set([...READ, ...LEFT_OUT]);

const KINDS: ReadonlyMap<string, TradeLine['kind']> = new Map([
  ['SUCCESS', 'payment'],
  ['REFUND', 'refund'],
  ['REVOKED', 'reversal'],
]);

const LINES: Table<TradeLine> = {
  names: NOT_REST,
  reader: (header) => {
    if (!header.has('订单金额') && header.has('总金额')) throw new BillUnreadable('old_format', header.lineNo);
    const { token, word, time, fen, millifen, oneOf, rest } = fieldsOf(header);
    const refund = refundField(header);
    const rate = header.has('费率') ? word('费率') : () => '';
    const currency = header.has('货币种类') ? oneOf(IN_FEN)('货币种类') : () => 'CNY';
    const others = rest(NOT_REST);
    const [kind, at] = [oneOf(KINDS)('交易状态'), time('交易时间')];
    const [mchid, appid, tradeType] = [token('商户号'), word('公众账号ID'), word('交易类型')];
    const [outTradeNo, transactionId] = [token('商户订单号'), token('微信订单号')];
    const [total, settled, coupon] = [fen('订单金额'), fen('应结订单金额'), fen('代金券金额')];
    const fee = millifen('手续费');
    return (row) => {
      currency(row);
      const rowKind = kind(row);
      return {
        lineNo: row.lineNo,
        kind: rowKind,
        at: at(row),
        mchid: mchid(row),
        appid: appid(row),
        outTradeNo: outTradeNo(row),
        transactionId: transactionId(row),
        tradeType: tradeType(row),
        totalFen: total(row),
        settledFen: settled(row),
        couponFen: coupon(row),
        refund: rowKind === 'payment' ? null : refund(row, rowKind),
        feeMillifen: fee(row),
        rate: rate(row) || null,
        rest: others(row),
      };
    };
  },
};

/** Where a bill says nothing, it is fen; an amount in anything else is none. */
const IN_FEN: ReadonlyMap<string, string> = new Map(['CNY', ''].map((word) => [word, 'CNY']));

/** A reversal has refund numbers only where money went back. */
function refundField(header: Header): (row: Row, kind: 'refund' | 'reversal') => RefundPart | null {
  if (!REFUND_COLUMNS.some((name) => header.has(name))) {
    return (row, kind) => {
      if (kind === 'refund') throw new BillUnreadable('bad_value', row.lineNo, '交易状态');
      return null;
    };
  }
  const { token, word, fen } = fieldsOf(header);
  const number = word('微信退款单号');
  const [refundId, outRefundNo] = [token('微信退款单号'), token('商户退款单号')];
  const [asked, settled, coupon] = [fen('申请退款金额'), fen('退款金额'), fen('充值券退款金额')];
  const [type, status] = [word('退款类型'), word('退款状态')];
  return (row, kind) => {
    const isNone = ['', '0'].includes(number(row));
    if (isNone && kind === 'refund') throw new BillUnreadable('bad_value', row.lineNo, '微信退款单号');
    if (isNone) return null;
    return {
      refundId: refundId(row),
      outRefundNo: outRefundNo(row),
      askedFen: asked(row),
      settledFen: settled(row),
      couponFen: coupon(row),
      type: type(row),
      status: status(row),
    };
  };
}

const SUMMARIES: Table<TradeSummary> = {
  names: new Set([
    '总交易单数',
    '应结订单总金额',
    '退款总金额',
    '充值券退款总金额',
    '手续费总金额',
    '订单总金额',
    '申请退款总金额',
  ]),
  reader: (header) => {
    const { count, millifen, fenIfThere } = fieldsOf(header);
    const [lines, fee] = [count('总交易单数'), millifen('手续费总金额')];
    const [settled, total] = [fenIfThere('应结订单总金额'), fenIfThere('订单总金额')];
    const [refundSettled, refundCoupon] = [fenIfThere('退款总金额'), fenIfThere('充值券退款总金额')];
    const refundAsked = fenIfThere('申请退款总金额');
    return (row) => ({
      count: lines(row),
      settledFen: settled(row),
      refundSettledFen: refundSettled(row),
      refundCouponFen: refundCoupon(row),
      feeMillifen: fee(row),
      totalFen: total(row),
      refundAskedFen: refundAsked(row),
    });
  },
};

const FORMAT: BillFormat<TradeLine, TradeSummary, TradeSums> = {
  lines: LINES,
  summaries: SUMMARIES,
  noLines: NO_TRADE_LINES,
  add: addTradeLine,
  joined: (one, other) => ({
    count: one.count + other.count,
    settledFen: both(one.settledFen, other.settledFen),
    refundSettledFen: both(one.refundSettledFen, other.refundSettledFen),
    refundCouponFen: both(one.refundCouponFen, other.refundCouponFen),
    feeMillifen: one.feeMillifen + other.feeMillifen,
    totalFen: both(one.totalFen, other.totalFen),
    refundAskedFen: both(one.refundAskedFen, other.refundAskedFen),
  }),
};

/** A figure that one page lacks is none of the file's. */
const both = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : one + other;
