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

export type Mismatch = 'mchid' | 'appid' | 'tradeType' | 'total' | 'currency' | 'paidAt';

/**
 * What about the money disagrees with the order. `amount.total` is compared, never `payer_total`: coupons are WeChat Pay's
 * affair. The trade type counts for JSAPI only, since there it binds the payer; the time only where no code was handed out,
 * since nobody gets one for a number that is paid.
 */
export function mismatches(order: OrderState, attempt: Attempt, fact: MoneyFact): Mismatch[] {
  const found: Mismatch[] = [];
  if (fact.mchid !== order.mchid) found.push('mchid');
  if (fact.appid !== attempt.appid) found.push('appid');
  const tradeType = TRADE_TYPES[attempt.product];
  if (tradeType === 'JSAPI' && fact.tradeType !== tradeType) found.push('tradeType');
  if (fact.totalFen !== order.amountFen) found.push('total');
  if (fact.currency !== 'CNY') found.push('currency');
  if (paidTooEarlyMs(attempt, fact) > 0) found.push('paidAt');
  return found;
}

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
