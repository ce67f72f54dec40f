import type { AttemptRecord, OrderRecord } from '../../domain/order/record.js';
import type { RefundRecord } from '../../domain/refund/record.js';
import type { TimelineEntry } from '../../domain/timeline.js';
import { entryOf } from './entry.js';

/** That it was placed, and what became of it so far. When it was in review its events say. */
export function orderEntries(order: OrderRecord): { created: TimelineEntry; others: TimelineEntry[] } {
  const { orderNo: subject, amountFen, createdAt, paidAt, closedAt, stuckSince } = order;
  const { paidFen, foundBy, closedReason, stuckReason } = order;
  const source = 'paysaga';
  return {
    created: entryOf({ at: createdAt, source: 'shop', kind: 'order.created', subject }, { amountFen }),
    others: [
      ...dated(closedAt, (at) => entryOf({ at, source, kind: 'order.closed', subject }, { outcome: closedReason })),
      ...dated(paidAt, (at) => {
        return entryOf({ at, source, kind: 'order.paid', subject }, { outcome: foundBy, amountFen: paidFen });
      }),
      ...dated(stuckSince, (at) => entryOf({ at, source, kind: 'order.stuck', subject }, { outcome: stuckReason })),
    ],
  };
}

export type AttemptTimes = { readonly outTradeNo: string; readonly codeGivenAt: Date | null };

/** When it was closed no row says: its calls do, and `opened` has what became of it. A refusal came with the first prepay. */
export function attemptEntries(attempt: AttemptRecord, times: readonly AttemptTimes[]): TimelineEntry[] {
  const { outTradeNo: subject, product: detail, state, prepayStartedAt, refusal, paidAt, paidFen } = attempt;
  const openedAt = times.find(({ outTradeNo }) => outTradeNo === subject)?.codeGivenAt ?? null;
  const outcome = refusal?.code ?? null;
  const { transactionId } = attempt;
  return [
    ...dated(prepayStartedAt, (at) => entryOf({ at, source: 'paysaga', kind: 'attempt.sent', subject }, { detail })),
    ...dated(outcome === null ? null : prepayStartedAt, (at) => {
      return entryOf({ at, source: 'gateway', kind: 'attempt.refused', subject }, { outcome });
    }),
    ...dated(openedAt, (at) => {
      return entryOf({ at, source: 'gateway', kind: 'attempt.opened', subject }, { outcome: state, detail });
    }),
    ...dated(paidAt, (at) => {
      const known = { outcome: state, amountFen: paidFen, detail: transactionId };
      return entryOf({ at, source: 'gateway', kind: 'attempt.paid', subject }, known);
    }),
  ];
}

/** When it was refused, closed or abnormal its events say. `persons`: the numbers that operators asked for. */
export function refundEntries(refund: RefundRecord, persons: ReadonlySet<string>): TimelineEntry[] {
  const { outRefundNo: subject, amountFen, state, cause, reason, createdAt, appliedAt, succeededAt } = refund;
  const asker = persons.has(subject) ? 'person' : 'shop';
  const requested = {
    at: createdAt,
    source: cause === 'shop' ? asker : 'paysaga',
    kind: 'refund.requested',
  } as const;
  const confirmed = refund.offline ? 'person' : 'gateway';
  return [
    entryOf({ ...requested, subject }, { outcome: state, amountFen, reason, detail: cause }),
    ...dated(appliedAt, (at) => entryOf({ at, source: 'paysaga', kind: 'refund.applied', subject }, { amountFen })),
    ...dated(succeededAt, (at) => {
      const known = { outcome: state, amountFen, detail: refund.refundId };
      return entryOf({ at, source: confirmed, kind: 'refund.succeeded', subject }, known);
    }),
  ];
}

/** Nothing that has no time is in a timeline. */
const dated = (at: Date | null, entry: (at: Date) => TimelineEntry): TimelineEntry[] =>
  at === null ? [] : [entry(at)];
