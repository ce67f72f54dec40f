import type { EvidenceRecord } from '../src/domain/order/record.js';
import { attemptOf, withAttempt, type OrderState } from '../src/domain/order/state.js';

/**
 * Puts evidence that no query has confirmed yet back into an order's facts: the workflow that knew it was lost. Queries are
 * no such evidence; they have already been folded or are made again. It is asked about at once, by whosever clock.
 */
export function withUnconfirmedEvidence(facts: OrderState, evidence: readonly EvidenceRecord[]): OrderState {
  return evidence.reduce((folded, { source, outTradeNo, transactionId, amountFen }) => {
    const attempt = attemptOf(folded, outTradeNo);
    if (source === 'query' || attempt === undefined || attempt.foreign) return folded;
    if (attempt.transactionId === transactionId) return folded;
    const disputed = attempt.disputed || amountFen !== folded.amountFen;
    // A person who decided to close has dismissed it; the closing asks WeChat Pay all the same.
    const isDismissed = folded.state === 'review' && folded.ending === 'cancelled';
    const doubt = isDismissed ? null : { transactionId, tries: 0, nextAtMs: 0 };
    return withAttempt(folded, outTradeNo, { disputed, doubt });
  }, facts);
}
