import type { TradeLine } from '../../../src/reconciliation/rules/bill-line.js';

/** Files as WeChat Pay writes them, by hand. */

export const ALL_COLUMNS =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
export const SUCCESS_COLUMNS =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注';
export const REFUND_COLUMNS =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
/** Merchants who never opened 免充值. */
export const OLD_COLUMNS =
  '交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,总金额,代金券或立减优惠金额,微信退款单号,商户退款单号,退款金额,代金券或立减优惠退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率';
export const TRADE_SUMMARY_COLUMNS =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
export const FUND_COLUMNS =
  '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号';
export const FUND_SUMMARY_COLUMNS = '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额';

export type Printed = Readonly<Record<string, string>>;

/** ¥12.05, of which ¥1.00 was a coupon that the merchant gave. */
export const PAYMENT: Printed = {
  交易时间: '2026-11-27 10:11:12',
  公众账号ID: 'wx8888888888888888',
  商户号: '1900000001',
  特约商户号: '0',
  微信订单号: '4200000000202611270000000001',
  商户订单号: 'A-10001',
  用户标识: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  交易类型: 'JSAPI',
  交易状态: 'SUCCESS',
  付款银行: 'OTHERS',
  货币种类: 'CNY',
  应结订单金额: '11.05',
  代金券金额: '1.00',
  微信退款单号: '0',
  商户退款单号: '0',
  退款金额: '0.00',
  充值券退款金额: '0.00',
  商品名称: '普洱茶"一饼"',
  手续费: '0.07000',
  费率: '0.60%',
  订单金额: '12.05',
  申请退款金额: '0.00',
};

/** As it is read where it stands below the header. */
export const PAYMENT_LINE: TradeLine = {
  lineNo: 2,
  kind: 'payment',
  at: new Date('2026-11-27T10:11:12+08:00'),
  mchid: '1900000001',
  appid: 'wx8888888888888888',
  outTradeNo: 'A-10001',
  transactionId: '4200000000202611270000000001',
  tradeType: 'JSAPI',
  totalFen: 1_205,
  settledFen: 1_105,
  couponFen: 100,
  refund: null,
  feeMillifen: 7_000,
  rate: '0.60%',
  rest: { 特约商户号: '0', 付款银行: 'OTHERS' },
};

/** ¥4.05 of it, ¥0.35 of them coupon, which gives ¥0.02 of the fee back. */
export const REFUND: Printed = {
  ...PAYMENT,
  交易时间: '2026-11-27 23:59:59',
  交易状态: 'REFUND',
  应结订单金额: '0.00',
  代金券金额: '0.00',
  微信退款单号: '50300000002026112700000000001',
  商户退款单号: 'R-10001',
  退款金额: '3.70',
  充值券退款金额: '0.35',
  退款类型: 'ORIGINAL',
  退款状态: 'PROCESSING',
  手续费: '-0.02000',
  订单金额: '0.00',
  申请退款金额: '4.05',
};

/** The amounts come in. */
export const FLOW: Printed = {
  记账时间: '2026-11-27 10:11:13',
  微信支付业务单号: '4200000000202611270000000001',
  资金流水单号: '1900000001202611270000000001',
  业务名称: '交易',
  业务类型: '交易',
  收支类型: '收入',
  '收支金额(元)': '11.05',
  '账户结余(元)': '111.05',
  资金变更提交申请人: 'system',
  备注: '结算总金额 11.05 元;含手续费 0.07 元',
  业务凭证号: 'A-10001',
};

/** A line behind backticks, in the order of the columns; what is not named is empty. */
export const lineOf = (columns: string, values: Printed): string =>
  columns
    .split(',')
    .map((name) => `\`${values[name] ?? ''}`)
    .join(',');

export type Page = {
  readonly columns: string;
  readonly lines: readonly Printed[];
  readonly summaryColumns: string;
  readonly summary: string;
};

/** `1.0,11.05,…` behind backticks. */
export const summaryLine = (summary: string): string => `\`${summary.replaceAll(',', ',`')}`;

export const pageLines = ({ columns, lines, summaryColumns, summary }: Page): readonly string[] => [
  columns,
  ...lines.map((values) => lineOf(columns, values)),
  summaryColumns,
  summaryLine(summary),
];

export const tradeBill = (lines: readonly Printed[], summary: string, columns = ALL_COLUMNS): readonly string[] =>
  pageLines({ columns, lines, summaryColumns: TRADE_SUMMARY_COLUMNS, summary });

export const fundBill = (lines: readonly Printed[], summary: string, columns = FUND_COLUMNS): readonly string[] =>
  pageLines({ columns, lines, summaryColumns: FUND_SUMMARY_COLUMNS, summary });

/** As it comes over the wire: in chunks that know nothing of lines or characters. */
export async function* chunked(bytes: Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

export type Written = { readonly bom?: boolean; readonly lineEnd?: '\n' | '\r\n' };

/** UTF-8, with a line end behind the last line too. */
export const written = (lines: readonly string[], { bom = false, lineEnd = '\n' }: Written = {}): Buffer =>
  Buffer.from((bom ? '\ufeff' : '') + lines.map((line) => line + lineEnd).join(''));

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
