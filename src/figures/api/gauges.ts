import type { Figure } from '../../metrics/figures.js';
import type { Figures } from '../store/waiting.js';

/** What waits in Postgres, as Prometheus reads it: how much of it, its money, and the age of the oldest. */
export const FIGURES: readonly Figure<Figures>[] = [
  ...figuresOf('waiting', ['mchid', 'state'], {
    paysaga_orders_waiting: ['Orders that are not final, by state.', count],
    paysaga_orders_waiting_oldest_seconds: ['Age of the oldest order that is not final, by state.', age],
    paysaga_orders_overdue_seconds: [
      'How long the order that waits longest past its deadline does so; 0 while none does. By state.',
      ({ firstDeadlineAt }, now) => secondsSince(firstDeadlineAt, now),
    ],
  }),
  ...figuresOf('stuck', ['mchid', 'reason'], {
    paysaga_orders_stuck: ['Stuck orders, by reason.', count],
    paysaga_orders_stuck_fen: [
      'The money at risk in stuck orders, in fen, by reason: confirmed and not back yet, or claimed by a notify.',
      ({ atRiskFen }) => atRiskFen,
    ],
    paysaga_orders_stuck_oldest_seconds: ['How long the order that is stuck longest has been, by reason.', age],
  }),
  ...figuresOf('refunds', ['mchid', 'state'], {
    paysaga_refunds_open: ['Refunds that are not settled, by state.', count],
    paysaga_refunds_open_fen: ['Money of refunds that are not settled, in fen, by state.', ({ sumFen }) => sumFen],
    paysaga_refunds_open_oldest_seconds: ['Age of the oldest refund that is not settled, by state.', age],
  }),
  ...figuresOf('troubledRefunds', ['mchid', 'trouble'], {
    paysaga_refunds_in_trouble: ['Refunds that something keeps from their end, by what.', count],
    paysaga_refunds_in_trouble_fen: [
      'Money of refunds that something keeps from their end, in fen, by what.',
      ({ sumFen }) => sumFen,
    ],
  }),
  ...figuresOf('approvals', ['mchid'], {
    paysaga_approvals_pending: ['Refunds that another person has to approve.', count],
    paysaga_approvals_pending_fen: [
      'Money of refunds that another person has to approve, in fen.',
      ({ sumFen }) => sumFen,
    ],
    paysaga_approvals_pending_oldest_seconds: ['Age of the oldest refund that another person has to approve.', age],
  }),
  ...figuresOf('events', ['mchid'], {
    paysaga_events_undelivered: ['Merchant events that are still to be delivered.', count],
    paysaga_events_undelivered_oldest_seconds: ['Age of the oldest merchant event that is still to be delivered.', age],
  }),
  ...figuresOf('inbox', ['mchid', 'kind', 'status'], {
    paysaga_inbox_unfinished: [
      'Verified notifies nobody was told of: `verified`, not yet; `unmatched`, no such order.',
      count,
    ],
    paysaga_inbox_unfinished_oldest_seconds: ['Age of the oldest verified notify nobody was told of.', age],
  }),
  ...figuresOf('bulks', ['mchid'], {
    paysaga_bulks_open: ['Bulk actions that are not finished.', count],
    paysaga_bulk_orders_left: ['Orders that open bulk actions have not come to yet.', ({ ordersLeft }) => ordersLeft],
    paysaga_bulks_open_oldest_seconds: ['Age of the oldest bulk action that is not finished.', age],
  }),
  ...figuresOf('days', ['mchid', 'state'], {
    paysaga_days: ['Days of the last 90 that were held against the bills, by state.', count],
  }),
  ...figuresOf('unfinishedDays', ['mchid', 'reason'], {
    paysaga_days_unfinished: [
      'Days that are held against the bills just now, by what they wait for; `run`: nothing; `stalled`: their workflow cannot go on.',
      count,
    ],
    paysaga_days_unfinished_oldest_seconds: ['How long the run that is under way longest has been, by reason.', age],
  }),
  ...figuresOf('discrepancies', ['mchid', 'class'], {
    paysaga_discrepancies_open: ['Discrepancies that are open, by class.', count],
    paysaga_discrepancies_open_oldest_seconds: ['How long the oldest open discrepancy has been, by class.', age],
  }),
  ...figuresOf('untoldDayEvents', ['mchid'], {
    paysaga_day_events_untold: ['Events of days that the shop did not take in all their tries, in 90 days.', count],
  }),
];

/** One series a row, labelled with its columns. */
function figuresOf<Kind extends keyof Figures>(
  kind: Kind,
  labelNames: readonly (keyof Figures[Kind][number] & string)[],
  figures: Readonly<
    Record<string, readonly [help: string, valueOf: (row: Figures[Kind][number], now: Date) => number]>
  >,
): Figure<Figures>[] {
  const rowsOf = (found: Figures): readonly Figures[Kind][number][] => found[kind];
  return Object.entries(figures).map(([name, [help, valueOf]]) => ({
    name,
    help,
    labelNames,
    seriesOf: (found, now) =>
      rowsOf(found).map((row) => ({
        labels: Object.fromEntries(labelNames.map((label) => [label, String(row[label])])),
        value: valueOf(row, now),
      })),
  }));
}

function count(row: { readonly count: number }): number {
  return row.count;
}

function age({ oldestAt }: { readonly oldestAt: Date }, now: Date): number {
  return secondsSince(oldestAt, now);
}

function secondsSince(from: Date, now: Date): number {
  return Math.max(0, now.getTime() - from.getTime()) / 1_000;
}
