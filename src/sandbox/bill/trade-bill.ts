import { spacedTime } from '../store/clock.js';
import type { Payment, Trade } from '../trade/trade.js';
import type { Refund } from '../refund/refund.js';
import { entriesOf, feeRate, inOrder, type Books, type Entry } from './books.js';
import type { Day } from './day.js';
import { count, escaped, sumOf, type Bill, type Cells, type Line } from './file.js';
import { ofFen, yuan } from './money.js';

export const tradeBillTypes = ['ALL', 'SUCCESS', 'REFUND'] as const;
export type TradeBillType = (typeof tradeBillTypes)[number];

/** 交易账单: the payments that succeeded on a day, the refunds that were accepted, the payments that were reversed. */
export function tradeBill(books: Books, mchid: string, day: Day, type: TradeBillType): Bill {
  const entries: Entry[] = [];
  for (const entry of entriesOf(books, mchid)) {
    if (entry.at >= day.from && entry.at < day.to && kindsOf[type].includes(entry.kind)) entries.push(entry);
  }
  return {
    columns: columnsOf[type],
    lines: inOrder(entries).map((entry): Line => ({
      outTradeNo: entry.trade.outTradeNo,
      cells: () => cellsOf(entry, day),
    })),
    totals: type === 'SUCCESS' ? totals.filter(({ name }) => !name.includes('退款')) : totals,
  };
}

const kindsOf: Record<TradeBillType, readonly Entry['kind'][]> = {
  ALL: ['payment', 'refund', 'reversal'],
  SUCCESS: ['payment'],
  REFUND: ['refund', 'reversal'],
};

const tradePart = [
  ...['交易时间', '公众账号ID', '商户号', '特约商户号', '设备号', '微信订单号', '商户订单号', '用户标识', '交易类型'],
  ...['交易状态', '付款银行', '货币种类', '应结订单金额', '代金券金额'],
];
const refundPart = ['微信退款单号', '商户退款单号', '退款金额', '充值券退款金额', '退款类型', '退款状态'];
const goodsPart = ['商品名称', '商户数据包', '手续费', '费率', '订单金额'];

const columnsOf: Record<TradeBillType, readonly string[]> = {
  ALL: [...tradePart, ...refundPart, ...goodsPart, '申请退款金额', '费率备注'],
  SUCCESS: [...tradePart, ...goodsPart, '费率备注'],
  REFUND: [...tradePart, '退款申请时间', '退款成功时间', ...refundPart, ...goodsPart, '申请退款金额', '费率备注'],
};

export const tradeColumns = columnsOf.REFUND;

const totals = [
  count('总交易单数'),
  sumOf('应结订单总金额', '应结订单金额'),
  sumOf('退款总金额', '退款金额'),
  sumOf('充值券退款总金额', '充值券退款金额'),
  sumOf('手续费总金额', '手续费', 5),
  sumOf('订单总金额', '订单金额'),
  sumOf('申请退款总金额', '申请退款金额'),
];

function cellsOf(entry: Entry, day: Day): Cells {
  const own = ownCells(entry, day);
  const feeFen = entry.kind === 'payment' ? entry.feeFen : -entry.feeFen;
  return { 交易时间: spacedTime(entry.at), ...tradeCells(entry), 手续费: yuan(ofFen(feeFen), 5), ...own };
}

function ownCells(entry: Entry, day: Day): Cells {
  switch (entry.kind) {
    case 'payment':
      return paymentCells(entry.payment);
    case 'reversal':
      return reversalCells(entry);
    case 'refund':
    case 'closedRefund':
      return refundCells(entry.refund, day);
  }
}

function tradeCells({ trade, payment }: { trade: Trade; payment: Payment }): Cells {
  return {
    公众账号ID: payment.appid ?? trade.appid,
    商户号: trade.mchid,
    特约商户号: '0',
    设备号: escaped(trade.deviceId ?? ''),
    微信订单号: payment.transactionId,
    商户订单号: trade.outTradeNo,
    用户标识: escaped(payment.openid),
    交易类型: trade.tradeType,
    付款银行: 'OTHERS',
    货币种类: 'CNY',
    商品名称: escaped(trade.description),
    商户数据包: escaped(trade.attach ?? ''),
    费率: feeRate,
    费率备注: '',
  };
}

/** The merchant's own stock pays for coupons, so that all of the money is settled. */
function paymentCells({ totalFen, coupon }: Payment): Cells {
  return {
    交易状态: 'SUCCESS',
    应结订单金额: yuan(ofFen(totalFen)),
    代金券金额: yuan(ofFen(coupon?.amountFen ?? 0)),
    微信退款单号: '0',
    商户退款单号: '0',
    退款金额: '0.00',
    充值券退款金额: '0.00',
    退款类型: '',
    退款状态: '',
    订单金额: yuan(ofFen(totalFen)),
    申请退款金额: '0.00',
  };
}

/** The money is back as it is reversed, under a refund number of WeChat Pay's own. */
function reversalCells({ at, trade, payment, refundId }: Extract<Entry, { kind: 'reversal' }>): Cells {
  const { totalFen, coupon } = payment;
  return {
    ...nothingOrdered,
    交易状态: 'REVOKED',
    退款申请时间: spacedTime(at),
    退款成功时间: spacedTime(at),
    微信退款单号: refundId,
    商户退款单号: trade.outTradeNo,
    退款金额: yuan(ofFen(totalFen)),
    充值券退款金额: yuan(ofFen(coupon?.amountFen ?? 0)),
    退款类型: 'ORIGINAL',
    退款状态: 'SUCCESS',
    申请退款金额: yuan(ofFen(totalFen)),
  };
}

const nothingOrdered = { 应结订单金额: '0.00', 代金券金额: '0.00', 订单金额: '0.00' };

/** As the refund stood when the bill was made: what became of it later is in no bill. */
function refundCells(refund: Refund, { madeAt }: Day): Cells {
  const { refundFen, discountFen, succeededAt } = refund;
  const hasSucceeded = succeededAt !== undefined && succeededAt < madeAt;
  return {
    ...nothingOrdered,
    交易状态: 'REFUND',
    退款申请时间: spacedTime(refund.createdAt),
    退款成功时间: hasSucceeded ? spacedTime(succeededAt) : '',
    微信退款单号: refund.refundId,
    商户退款单号: refund.outRefundNo,
    退款金额: yuan(ofFen(refundFen)),
    充值券退款金额: yuan(ofFen(discountFen)),
    退款类型: 'ORIGINAL',
    退款状态: hasSucceeded ? 'SUCCESS' : 'PROCESSING',
    申请退款金额: yuan(ofFen(refundFen)),
  };
}
