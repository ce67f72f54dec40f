import type { Fen } from './money.js';

/** The gateway calls PaySaga makes; the key of limits, gates, and `gateway_calls`. */
export const GATEWAY_APIS = [
  'prepay',
  'query',
  'close',
  'refund',
  'refundQuery',
  'abnormalRefund',
  'certificates',
] as const;
export type GatewayApi = (typeof GATEWAY_APIS)[number];

/**
 * Why a gateway call gave no usable answer. `unknown` (timeout after send, 5xx, an answer that fails verification) means the
 * effect may have happened: query before repeating. `rate_limited` was turned away, by WeChat Pay or by our own limit.
 * `gate_shut` never left this process, `unreachable` never left this machine (no connection, or no key yet to check an answer
 * with). `merchant_config` needs a person to repair keys, rights or bindings.
 */
export type GatewayFailureCode = 'unknown' | 'unreachable' | 'rate_limited' | 'gate_shut' | 'merchant_config';

/** Failure codes in which the call may have taken effect at WeChat Pay. */
export const mayHaveHappened = (code: GatewayFailureCode): boolean => code === 'unknown';

/** What a trade paid at WeChat Pay looks like, in our words; never an openid. */
export type PaidTrade = {
  readonly transactionId: string;
  readonly mchid: string;
  readonly appid: string;
  readonly tradeType: string;
  /** `amount.total`, what the order costs; never `payer_total`. */
  readonly totalFen: Fen;
  /** `amount.payer_total`: total less coupons. */
  readonly payerFen: Fen;
  readonly currency: string;
  readonly successAtMs: number;
};

/** WeChat Pay's answer to a query. Its `trade_state` is translated here and never stored as our state. */
export type TradeAnswer =
  | { readonly kind: 'paid'; readonly trade: PaidTrade }
  | { readonly kind: 'refunded'; readonly trade: PaidTrade }
  | { readonly kind: 'notPaid' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'notExist' }
  | { readonly kind: 'unrecognised'; readonly tradeState: string };

/** A definitive refusal by WeChat Pay: HTTP status and code as they came; the message only where a person reads it. */
export type GatewayRefusal = { readonly status: number; readonly code: string; readonly message: string };

/** What a prepay handed out. Which fields are set depends on the product. */
export type PrepayCodes = {
  readonly codeUrl: string | null;
  readonly prepayId: string | null;
  readonly h5Url: string | null;
};

/**
 * `conflict`: the number is already in use, paid, closed, or was opened with other parameters; only a query can tell.
 */
export type PrepayAnswer =
  | { readonly kind: 'opened'; readonly codes: PrepayCodes }
  | { readonly kind: 'refused'; readonly refusal: GatewayRefusal }
  | { readonly kind: 'conflict'; readonly refusal: GatewayRefusal };

/** A 204 is no proof: after `accepted` only a query tells. */
export type CloseAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'alreadyPaid' }
  | { readonly kind: 'alreadyClosed' }
  | { readonly kind: 'notExist' }
  | { readonly kind: 'refused'; readonly refusal: GatewayRefusal };

export const REFUND_STATUSES = ['processing', 'succeeded', 'closed', 'abnormal'] as const;
export type RefundStatus = (typeof REFUND_STATUSES)[number];

/** A refund as WeChat Pay knows it, in our words; never an account it went to. */
export type RefundFact = {
  readonly refundId: string;
  readonly outRefundNo: string;
  readonly outTradeNo: string;
  readonly transactionId: string;
  readonly status: RefundStatus;
  /** `amount.refund`. */
  readonly refundFen: Fen;
  /** `amount.total`, what the trade cost. */
  readonly totalFen: Fen;
  /** Only of one that succeeded. */
  readonly successAtMs: number | null;
};

/**
 * `accepted`: WeChat Pay knows the refund and has this to say of it. `notEnough`: the merchant's balance is too small, nothing
 * happened, the same number works after a top-up. `conflict`: the number is in use with other parameters. `refused`: definitive.
 */
export type RefundAnswer =
  | { readonly kind: 'accepted'; readonly refund: RefundFact }
  | { readonly kind: 'notEnough' }
  | { readonly kind: 'conflict'; readonly refusal: GatewayRefusal }
  | { readonly kind: 'refused'; readonly refusal: GatewayRefusal };

export type RefundQueryAnswer =
  | { readonly kind: 'found'; readonly refund: RefundFact }
  | { readonly kind: 'notExist' }
  | { readonly kind: 'unrecognised'; readonly status: string };
