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
  /** When it was paid, where that was said. */
  readonly successAtMs?: number | null;
};

/** `seen` is what WeChat Pay says, in its own words; amounts in fen, times in Unix milliseconds. */
export type Difference = {
  readonly what: 'mchid' | 'appid' | 'tradeType' | 'total' | 'currency' | 'paidAt';
  readonly expected: string;
  readonly seen: string;
};

/**
 * What about the money disagrees with the order. `amount.total` is compared, never `payer_total`: coupons are WeChat Pay's
 * affair. The trade type counts for JSAPI only, since there it binds the payer; the time only where no code was handed out,
 * since nobody gets one for a number that is paid.
 */
export function differences(order: OrderState, attempt: Attempt, fact: MoneyFact): Difference[] {
  const tradeType = TRADE_TYPES[attempt.product];
  const all: readonly Difference[] = [
    { what: 'mchid', expected: order.mchid, seen: fact.mchid },
    { what: 'appid', expected: attempt.appid, seen: fact.appid },
    { what: 'tradeType', expected: tradeType, seen: tradeType === 'JSAPI' ? fact.tradeType : tradeType },
    { what: 'total', expected: String(order.amountFen), seen: String(fact.totalFen) },
    { what: 'currency', expected: 'CNY', seen: fact.currency },
    ...(paidTooEarlyMs(attempt, fact) > 0 ? [paidEarly(attempt, fact)] : []),
  ];
  return all.filter(({ expected, seen }) => seen !== expected);
}

const paidEarly = ({ firstPrepayAtMs }: Attempt, { successAtMs }: MoneyFact): Difference => {
  return { what: 'paidAt', expected: String(firstPrepayAtMs), seen: String(successAtMs) };
};

/** Each once, whoever says so. */
export const withDifferences = (known: readonly Difference[], found: readonly Difference[]): Difference[] => [
  ...known,
  ...found.filter(({ what, seen }) => !known.some((it) => it.what === what && it.seen === seen)),
];

/** What is kept of evidence, with the time that a query told of its money. */
export const moneyFactOf = (said: EvidenceRecord, attempt: Attempt): MoneyFact => ({
  ...said,
  totalFen: said.amountFen,
  successAtMs: attempt.transactionId === said.transactionId ? attempt.paidAtMs : null,
});

/** WeChat Pay takes no call whose clock is further off than this. */
const CLOCKS_APART_MS = 5 * 60_000;

/** Paid so long before the first prepay of its number that no clock explains it: whatever became of that prepay, the money is another's. */
export const isPaidBefore = (attempt: Attempt, fact: Pick<MoneyFact, 'successAtMs'>): boolean =>
  paidTooEarlyMs(attempt, fact) > CLOCKS_APART_MS;

/** How long before its first prepay a number without a code was paid; WeChat Pay tells whole seconds, and a time it does not tell decides nothing. */
function paidTooEarlyMs({ codeGiven, firstPrepayAtMs }: Attempt, { successAtMs }: Pick<MoneyFact, 'successAtMs'>) {
  if (codeGiven || firstPrepayAtMs === null || successAtMs == null) return 0;
  return Math.floor(firstPrepayAtMs / 1_000) * 1_000 - successAtMs;
}
