import type { PaidTrade } from '../gateway-answer.js';
import { TRADE_TYPES } from '../product.js';
import type { EvidenceRecord } from './record.js';
import type { Attempt, OrderState } from './state.js';

/** What notify, bill line and query answer have in common. */
export type MoneyFact = {
  readonly mchid: string;
  readonly appid: string;
  readonly tradeType: string;
  readonly totalFen: number;
  readonly currency: string;
};

/** `seen` is what WeChat Pay says, in its own words; amounts in fen. */
export type Difference = {
  readonly what: 'mchid' | 'appid' | 'tradeType' | 'total' | 'currency';
  readonly expected: string;
  readonly seen: string;
};

/**
 * What about the money disagrees with the order. `amount.total` is compared, never `payer_total`: coupons are WeChat Pay's
 * affair. The trade type counts for JSAPI only, since there it binds the payer.
 */
export function differences(order: OrderState, attempt: Attempt, fact: MoneyFact): Difference[] {
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

/** Each once, whoever says so. */
export const withDifferences = (known: readonly Difference[], found: readonly Difference[]): Difference[] => [
  ...known,
  ...found.filter(({ what, seen }) => !known.some((it) => it.what === what && it.seen === seen)),
];

/** What is kept of evidence, as it is compared. */
export const moneyFactOf = (said: EvidenceRecord): MoneyFact => ({ ...said, totalFen: said.amountFen });

/**
 * Whether money of a number nobody got a code for can have come by a prepay of unknown outcome: it is what that prepay asked for,
 * and WeChat Pay, which tells whole seconds, says that it came no earlier than the first one left.
 */
export function mayBeOurs(order: OrderState, attempt: Attempt, trade: PaidTrade): boolean {
  const { firstPrepayAtMs } = attempt;
  if (firstPrepayAtMs === null || trade.successAtMs === null) return false;
  const isLater = trade.successAtMs >= Math.floor(firstPrepayAtMs / 1_000) * 1_000;
  return isLater && differences(order, attempt, trade).length === 0;
}
