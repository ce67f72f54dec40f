import type { Fen } from '../../base/money.js';

/** The gateway calls PaySaga makes; the key of limits, gates, and `gateway_calls`. */
export const GATEWAY_APIS = [
  'prepay',
  'charge',
  'reverse',
  'query',
  'close',
  'refund',
  'refundQuery',
  'abnormalRefund',
  'certificates',
  'bill',
  'billFile',
] as const;
export type GatewayApi = (typeof GATEWAY_APIS)[number];

/**
 * Why a gateway call gave no usable answer. `unknown` (timeout after send, 5xx, an answer that fails verification) means the
 * effect may have happened: query before repeating. `rate_limited` was turned away, by WeChat Pay or by our own limit.
 * `gate_shut` never left this process, `unreachable` never left this machine (no connection, or no key yet to check an answer
 * with). `merchant_config` needs a person to repair keys, rights or bindings.
 */
export const GATEWAY_FAILURE_CODES = [
  'unknown',
  'unreachable',
  'rate_limited',
  'gate_shut',
  'merchant_config',
] as const;
export type GatewayFailureCode = (typeof GATEWAY_FAILURE_CODES)[number];

export const mayHaveHappened = (code: GatewayFailureCode): boolean => code === 'unknown';

/** What decides about a trade paid at WeChat Pay; never an openid. */
export type PaidTrade = {
  readonly transactionId: string;
  readonly mchid: string;
  readonly appid: string;
  readonly tradeType: string;
  /** `amount.total`, what the order costs; never `payer_total`. */
  readonly totalFen: Fen;
  readonly currency: string;
  /** `null` when WeChat Pay did not say: then it is the time of the query. */
  readonly successAtMs: number | null;
};

/** What else WeChat Pay says of a payment: kept for the shop, decides nothing, and never travels in a workflow. */
export type PaymentFacts = {
  readonly payer: { readonly openid: string | null; readonly bankType: string | null } | null;
  readonly tradeType: string | null;
  readonly payerCurrency: string;
  /** `amount.payer_total`, total less coupons, in the smallest unit of the payer's currency. */
  readonly payerAmount: number | null;
  readonly coupons: readonly Coupon[];
  /** How many more WeChat Pay named. What all of them gave is the total less `payerAmount`. */
  readonly couponsLeftOut: number;
};

export type Coupon = {
  readonly couponId: string | null;
  readonly name: string | null;
  readonly scope: string | null;
  readonly type: string | null;
  readonly amountFen: number | null;
};

/** WeChat Pay's answer to a query. Its `trade_state` is translated here and never stored as our state. */
export type TradeAnswer =
  /** `backFen`: what is known to have gone back of it, or to be on its way; absent: nothing. */
  | { readonly kind: 'paid'; readonly trade: PaidTrade; readonly backFen?: number }
  /** Money of it went back, and no refund that is known explains it. */
  | { readonly kind: 'refunded'; readonly trade: PaidTrade }
  /** `isOver`: of a charge, which nobody can complete any more; it is still to be reversed. */
  | { readonly kind: 'notPaid'; readonly isOver?: boolean }
  | { readonly kind: 'closed' | 'notExist' }
  | { readonly kind: 'unrecognised'; readonly tradeState: string };

const TRADE_ANSWERS: Readonly<Record<TradeAnswer['kind'], true>> = {
  paid: true,
  refunded: true,
  notPaid: true,
  closed: true,
  notExist: true,
  unrecognised: true,
};

/** WeChat Pay said how the trade stands; any other outcome of a query leaves it open, also that it was never sent. */
export const isTradeAnswer = (outcome: string): boolean => Object.hasOwn(TRADE_ANSWERS, outcome);

/** It changes an order that waits. */
export const isNews = (outcome: string): boolean => ['paid', 'refunded', 'closed'].includes(outcome);

/** Of a charge that nobody can complete any more. */
export const isOver = (answer: TradeAnswer): boolean => answer.kind === 'notPaid' && answer.isOver === true;

export type QueryAnswer =
  | Exclude<TradeAnswer, { kind: 'paid' | 'refunded' }>
  | { readonly kind: 'paid' | 'refunded'; readonly trade: PaidTrade; readonly payment: PaymentFacts };

/** What the gateway answered in place of what it was asked for. Message and detail only where a person reads them. */
export type GatewayRefusal = {
  readonly status: number;
  /** `null`: the answer has none, so it may be a proxy's page, or is not proven to be WeChat Pay's. */
  readonly code: string | null;
  readonly message: string;
  /** The parameter it is about, in WeChat Pay's words. */
  readonly detail: { readonly field: string | null; readonly issue: string | null } | null;
};

/** The code it was refused with; `null` where the answer leaves open what became of the call. */
export const refusedWith = (answer: GatewayRefusal | null): string | null =>
  answer === null || answer.status >= 500 || answer.status === 429 ? null : answer.code;

export function answerText(answer: GatewayRefusal): string {
  const { status, code, message } = answer;
  const about = refusedParameter(answer);
  const words = [message, about === '' ? '' : `(${about})`].filter((text) => text !== '').join(' ');
  return [[`HTTP ${status}`, code ?? ''].join(' ').trim(), words].filter((text) => text !== '').join(': ');
}

export const refusedParameter = ({ detail }: Pick<GatewayRefusal, 'detail'>): string =>
  [detail?.field, detail?.issue].filter((it) => it != null).join(': ');

/** What a prepay handed out. Which fields are set depends on the product. */
export type PrepayCodes = {
  readonly codeUrl: string | null;
  readonly prepayId: string | null;
  readonly h5Url: string | null;
};

/**
 * `conflict`: the number is already in use, paid or closed; only a query can tell. `taken`: it was opened with other parameters, so
 * not by PaySaga, whose prepays of one number are equal byte for byte.
 */
export type PrepayAnswer =
  | { readonly kind: 'opened'; readonly codes: PrepayCodes }
  | { readonly kind: 'refused' | 'conflict' | 'taken'; readonly refusal: GatewayRefusal };

/**
 * `paying`: WeChat Pay waits for the payer's password. `conflict`: the number is in use; this charge took nothing. Nothing is paid on
 * the word of this answer: a query tells.
 */
export type ChargeAnswer =
  { readonly kind: 'paid' | 'paying' } | { readonly kind: 'refused' | 'conflict'; readonly refusal: GatewayRefusal };

/** A 204 is no proof: after `accepted` only a query tells. `tooEarly`: WeChat Pay takes no close of this trade yet; none was sent. */
export type CloseAnswer =
  | { readonly kind: 'accepted' | 'alreadyPaid' | 'alreadyClosed' | 'notExist' }
  | { readonly kind: 'tooEarly'; readonly notBeforeMs: number }
  | { readonly kind: 'refused'; readonly refusal: GatewayRefusal };

export const REFUND_STATUSES = ['processing', 'succeeded', 'closed', 'abnormal'] as const;
export type RefundStatus = (typeof REFUND_STATUSES)[number];

/** A refund as WeChat Pay knows it; never an account it went to. */
export type RefundFact = {
  readonly refundId: string;
  readonly outRefundNo: string;
  readonly outTradeNo: string;
  readonly transactionId: string;
  readonly status: RefundStatus;
  /** `amount.refund`. */
  readonly refundFen: Fen;
  /** `amount.total`, what the trade cost; `null` when WeChat Pay does not say. */
  readonly totalFen: Fen | null;
  /** Only of one that succeeded. */
  readonly successAtMs: number | null;
};

/**
 * `accepted`: WeChat Pay knows the refund and has this to say of it. `notEnough`: the merchant's balance is too small, nothing
 * happened, the same number works after a top-up. `conflict`: the number is in use with other parameters. `refused`: definitive.
 */
export type RefundAnswer =
  | { readonly kind: 'accepted'; readonly refund: RefundFact; readonly details: RefundDetails }
  | { readonly kind: 'notEnough' | 'conflict' | 'refused'; readonly refusal: GatewayRefusal };

/** What else WeChat Pay says of a refund: kept for the shop, decides nothing, and never travels in a workflow. */
export type RefundDetails = {
  readonly channel: string | null;
  /** Where the money went, as WeChat Pay puts it: a bank and the end of a card's number, or the payer's balance. */
  readonly receivedAccount: string | null;
  readonly acceptedAtMs: number | null;
};

export type QueriedRefund =
  | Exclude<RefundQueryAnswer, { kind: 'found' }>
  | { readonly kind: 'found'; readonly refund: RefundFact; readonly details: RefundDetails };

export type RefundQueryAnswer =
  | { readonly kind: 'found'; readonly refund: RefundFact }
  | { readonly kind: 'notExist' }
  | { readonly kind: 'unrecognised'; readonly status: string };
