import { differences, moneyFactOf, withDifferences } from '../src/domain/order/judge.js';
import type { EvidenceRecord } from '../src/domain/order/record.js';
import { attemptOf, withAttempt, type OrderState } from '../src/domain/order/state.js';

/**
 * Puts evidence back into an order's facts: the workflow that knew it was lost. What disagrees with the order keeps its attempt
 * disputed, whoever said it and whatever was settled since. What no query has confirmed is asked about at once, by whosever
 * clock; queries are made again anyway.
 */
export function withUnconfirmedEvidence(facts: OrderState, evidence: readonly EvidenceRecord[]): OrderState {
  return evidence.reduce((folded, said) => {
    const { source, outTradeNo, transactionId } = said;
    const attempt = attemptOf(folded, outTradeNo);
    if (attempt === undefined || attempt.foreign) return folded;
    const found = differences(folded, attempt, moneyFactOf(said));
    const differs = withDifferences(attempt.differs, found);
    const disputed = attempt.disputed || found.length > 0;
    if (source === 'query' || attempt.transactionId === transactionId) {
      return withAttempt(folded, outTradeNo, { disputed, differs });
    }
    // A person who decided to close has dismissed it; the closing asks WeChat Pay all the same.
    const isDismissed = folded.state === 'review' && folded.ending === 'cancelled';
    const doubt = isDismissed ? null : { transactionId, tries: 0, nextAtMs: 0 };
    return withAttempt(folded, outTradeNo, { disputed, differs, doubt });
  }, facts);
}
