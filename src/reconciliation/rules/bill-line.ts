/** What WeChat Pay makes for each day, all appids of a merchant in one file. */
export const BILL_KINDS = ['trade', 'fundflow'] as const;
export type BillKind = (typeof BILL_KINDS)[number];

/** Lines of a file that is to take the place of an imported one are kept apart, and count only once it is trusted. */
export const LINE_KINDS = [...BILL_KINDS, 'next_trade', 'next_fundflow'] as const;
export type LineKind = (typeof LINE_KINDS)[number];

export const nextOf = (kind: BillKind): LineKind => `next_${kind}`;

/** Columns that this build does not know, by their names. */
type Rest = Readonly<Record<string, string>>;

/** One row of the trade bill (ALL). Amounts are fen; a fee has five decimals of a yuan, in thousandths of a fen, and may be negative. */
export type TradeLine = {
  /** In the unzipped file, its first line being 1. */
  readonly lineNo: number;
  /** 交易状态 SUCCESS, REFUND, REVOKED. A trade that was refunded or reversed keeps its payment row. */
  readonly kind: 'payment' | 'refund' | 'reversal';
  /** 交易时间: when the payment succeeded, or when the refund was accepted. */
  readonly at: Date;
  readonly mchid: string;
  readonly appid: string;
  readonly outTradeNo: string;
  readonly transactionId: string;
  /** 交易类型: an open list. */
  readonly tradeType: string;
  /** 订单金额: `amount.total`. 0 in a refund row, as are the next two. */
  readonly totalFen: number;
  /** 应结订单金额: what is settled, the base of the fee. */
  readonly settledFen: number;
  readonly couponFen: number;
  readonly refund: RefundPart | null;
  readonly feeMillifen: number;
  /** 费率 as printed, `0.60%`; null where the row has none. */
  readonly rate: string | null;
  readonly rest: Rest;
};

export type RefundPart = {
  readonly refundId: string;
  readonly outRefundNo: string;
  /** 申请退款金额: what was asked for. */
  readonly askedFen: number;
  /** 退款金额: less what free coupons paid. */
  readonly settledFen: number;
  readonly couponFen: number;
  /** 退款类型: an open list. */
  readonly type: string;
  /** 退款状态 as of the bill: SUCCESS, PROCESSING, an open list. A later end is in no bill. */
  readonly status: string;
};

/** The last row of a trade bill. Null: the file has no such column. */
export type TradeSummary = {
  readonly count: number;
  readonly settledFen: number | null;
  readonly refundSettledFen: number | null;
  readonly refundCouponFen: number | null;
  readonly feeMillifen: number;
  readonly totalFen: number | null;
  readonly refundAskedFen: number | null;
};

/** One row of the fund-flow bill (BASIC): a movement of the merchant's account, on the day of its booking. */
export type FundLine = {
  readonly lineNo: number;
  /** 记账时间. */
  readonly at: Date;
  /** 微信支付业务单号: a trade's `transactionId`, a refund's `refundId`. */
  readonly businessNo: string;
  readonly flowNo: string;
  /** 业务名称 and 业务类型: open lists. */
  readonly name: string;
  readonly type: string;
  /** 收支类型 收入, 支出. */
  readonly direction: 'in' | 'out';
  readonly amountFen: number;
  /** After this line. */
  readonly balanceFen: number;
  readonly voucherNo: string;
  readonly rest: Rest;
};

export type FundSummary = {
  readonly count: number;
  readonly inCount: number;
  readonly inFen: number;
  readonly outCount: number;
  readonly outFen: number;
};
