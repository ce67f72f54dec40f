import type { OutTradeNo } from '../../base/ids.js';
import type { PaidTrade } from './gateway-answer.js';
import { TRADE_TYPES } from './product.js';
import type { Attempt } from './attempt.js';
import type { OrderState } from './state.js';

export const EVIDENCE_SOURCES = ['notify', 'query', 'bill'] as const;
export type EvidenceSource = (typeof EVIDENCE_SOURCES)[number];

/** What notify, bill line and query answer have in common. */
type MoneyFact = Pick<PaidTrade, 'mchid' | 'appid' | 'tradeType' | 'currency'> & { readonly totalFen: number };

/** Authenticated already, but never enough on its own: the reason to query. Carries nothing of the payer. */
export type Evidence = MoneyFact & {
  readonly source: EvidenceSource;
  readonly outTradeNo: OutTradeNo;
  readonly transactionId: string;
};

/** `seen` is what WeChat Pay says, in its own words; amounts in fen. */
export type Difference = {
  readonly what: 'mchid' | 'appid' | 'tradeType' | 'total' | 'currency' | 'transaction';
  readonly expected: string;
  readonly seen: string;
};

/**
 * What about the money disagrees with the order. `amount.total` is compared, never `payer_total`: coupons are WeChat Pay's
 * affair. The trade type counts for JSAPI only, since there it binds the payer.
 */
export function differences(
  order: Pick<OrderState, 'mchid' | 'amountFen'>,
  attempt: Pick<Attempt, 'product' | 'appid'>,
  fact: MoneyFact,
): Difference[] {
  const tradeType = TRADE_TYPES[attempt.product];
  const all: readonly Difference[] = [
    { what: 'mchid', expected: order.mchid, seen: fact.mchid },
    { what: 'appid', expected: attempt.appid, seen: fact.appid },
    { what: 'tradeType', expected: tradeType, seen: tradeType === 'JSAPI' ? fact.tradeType : tradeType },
    { what: 'total', expected: String(order.amountFen), seen: String(fact.totalFen) },
    { what: 'currency', expected: 'CNY', seen: fact.currency },
  ];
  return all.filter(({ expected, seen }) => seen !== expected);
}

export const withDifferences = (known: readonly Difference[], found: readonly Difference[]): Difference[] => [
  ...known,
  ...found.filter(({ what, seen }) => !known.some((it) => it.what === what && it.seen === seen)),
];

export function joinedDispute(known: Attempt['dispute'], found: Attempt['dispute']): Attempt['dispute'] {
  return found === null ? known : withDifferences(known ?? [], found);
}

export function disputeOf(...compared: Parameters<typeof differences>): Attempt['dispute'] {
  const found = differences(...compared);
  return found.length === 0 ? null : found;
}

/**
 * Whether money of a number nobody got a code for can have come by a prepay of unknown outcome: it is what that prepay asked for,
 * and WeChat Pay, which tells whole seconds, says that it came no earlier than the first one left.
 */
export function mayBeOurs(order: OrderState, attempt: Attempt, trade: PaidTrade): boolean {
  const { sent } = attempt.prepay;
  if (sent === null || trade.successAtMs === null) return false;
  const isLater = trade.successAtMs >= Math.floor(sent.firstAtMs / 1_000) * 1_000;
  return isLater && differences(order, attempt, trade).length === 0;
}
