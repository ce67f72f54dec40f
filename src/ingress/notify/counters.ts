import type { NotifyRejection } from '../../channels/port.js';

/** What became of a notify: accepted, known already, for an order nobody knows, of a kind not handled, about money and not to be read, or why it was not believed. */
export type NotifyOutcome =
  'accepted' | 'repeated' | 'unmatched' | 'unsupported' | 'unreadable' | 'unanswered' | NotifyRejection;

export type NotifyCounters = {
  count(outcome: NotifyOutcome): void;
  /** Totals since the process started, for metrics. */
  read(): Readonly<Partial<Record<NotifyOutcome, number>>>;
};

export function createNotifyCounters(): NotifyCounters {
  const totals = new Map<NotifyOutcome, number>();
  return {
    count: (outcome) => void totals.set(outcome, (totals.get(outcome) ?? 0) + 1),
    read: () => Object.fromEntries(totals),
  };
}
