import type { Figure } from '../../metrics/figures.js';
import type { Figures } from '../store/metrics.js';

/** What waits in Postgres, as Prometheus reads it: how much of it, its money, and the age of the oldest. */
export const FIGURES: readonly Figure<Figures>[] = [
  {
    name: 'paysaga_orders_waiting',
    help: 'Orders that are not final, by state.',
    labelNames: ['mchid', 'state'],
    seriesOf: ({ waiting }) => waiting.map(({ mchid, state, count }) => ({ labels: { mchid, state }, value: count })),
  },
  {
    name: 'paysaga_orders_waiting_oldest_seconds',
    help: 'Age of the oldest order that is not final, by state.',
    labelNames: ['mchid', 'state'],
    seriesOf: ({ waiting }, now) =>
      waiting.map(({ mchid, state, oldestAt }) => ({ labels: { mchid, state }, value: age(now, oldestAt) })),
  },
  {
    name: 'paysaga_orders_overdue_seconds',
    help: 'How long the order that waits longest past its deadline does so; 0 while none does. By state.',
    labelNames: ['mchid', 'state'],
    seriesOf: ({ waiting }, now) =>
      waiting.map(({ mchid, state, firstDeadlineAt }) => ({
        labels: { mchid, state },
        value: age(now, firstDeadlineAt),
      })),
  },
  {
    name: 'paysaga_orders_stuck',
    help: 'Stuck orders, by reason.',
    labelNames: ['mchid', 'reason'],
    seriesOf: ({ stuck }) => stuck.map(({ mchid, reason, count }) => ({ labels: { mchid, reason }, value: count })),
  },
  {
    name: 'paysaga_orders_stuck_fen',
    help: 'The money at risk in stuck orders, in fen, by reason: confirmed and not back yet, or claimed by a notify.',
    labelNames: ['mchid', 'reason'],
    seriesOf: ({ stuck }) =>
      stuck.map(({ mchid, reason, atRiskFen }) => ({ labels: { mchid, reason }, value: atRiskFen })),
  },
  {
    name: 'paysaga_orders_stuck_oldest_seconds',
    help: 'How long the order that is stuck longest has been, by reason.',
    labelNames: ['mchid', 'reason'],
    seriesOf: ({ stuck }, now) =>
      stuck.map(({ mchid, reason, oldestAt }) => ({ labels: { mchid, reason }, value: age(now, oldestAt) })),
  },
  {
    name: 'paysaga_refunds_open',
    help: 'Refunds that are not settled, by state.',
    labelNames: ['mchid', 'state'],
    seriesOf: ({ refunds }) => refunds.map(({ mchid, state, count }) => ({ labels: { mchid, state }, value: count })),
  },
  {
    name: 'paysaga_refunds_open_fen',
    help: 'Money of refunds that are not settled, in fen, by state.',
    labelNames: ['mchid', 'state'],
    seriesOf: ({ refunds }) => refunds.map(({ mchid, state, sumFen }) => ({ labels: { mchid, state }, value: sumFen })),
  },
  {
    name: 'paysaga_refunds_open_oldest_seconds',
    help: 'Age of the oldest refund that is not settled, by state.',
    labelNames: ['mchid', 'state'],
    seriesOf: ({ refunds }, now) =>
      refunds.map(({ mchid, state, oldestAt }) => ({ labels: { mchid, state }, value: age(now, oldestAt) })),
  },
  {
    name: 'paysaga_refunds_in_trouble',
    help: 'Refunds that something keeps from their end, by what.',
    labelNames: ['mchid', 'trouble'],
    seriesOf: ({ troubledRefunds }) =>
      troubledRefunds.map(({ mchid, trouble, count }) => ({ labels: { mchid, trouble }, value: count })),
  },
  {
    name: 'paysaga_refunds_in_trouble_fen',
    help: 'Money of refunds that something keeps from their end, in fen, by what.',
    labelNames: ['mchid', 'trouble'],
    seriesOf: ({ troubledRefunds }) =>
      troubledRefunds.map(({ mchid, trouble, sumFen }) => ({ labels: { mchid, trouble }, value: sumFen })),
  },
  {
    name: 'paysaga_events_undelivered',
    help: 'Merchant events that are still to be delivered.',
    labelNames: ['mchid'],
    seriesOf: ({ events }) => events.map(({ mchid, count }) => ({ labels: { mchid }, value: count })),
  },
  {
    name: 'paysaga_events_undelivered_oldest_seconds',
    help: 'Age of the oldest merchant event that is still to be delivered.',
    labelNames: ['mchid'],
    seriesOf: ({ events }, now) =>
      events.map(({ mchid, oldestAt }) => ({ labels: { mchid }, value: age(now, oldestAt) })),
  },
  {
    name: 'paysaga_inbox_unfinished',
    help: 'Verified notifies nobody was told of: `verified`, not yet; `unmatched`, no such order.',
    labelNames: ['mchid', 'kind', 'status'],
    seriesOf: ({ inbox }) =>
      inbox.map(({ mchid, kind, status, count }) => ({ labels: { mchid, kind, status }, value: count })),
  },
  {
    name: 'paysaga_inbox_unfinished_oldest_seconds',
    help: 'Age of the oldest verified notify nobody was told of.',
    labelNames: ['mchid', 'kind', 'status'],
    seriesOf: ({ inbox }, now) =>
      inbox.map(({ mchid, kind, status, oldestAt }) => ({
        labels: { mchid, kind, status },
        value: age(now, oldestAt),
      })),
  },
  {
    name: 'paysaga_bulks_open',
    help: 'Bulk actions that are not finished.',
    labelNames: ['mchid'],
    seriesOf: ({ bulks }) => bulks.map(({ mchid, count }) => ({ labels: { mchid }, value: count })),
  },
  {
    name: 'paysaga_bulk_orders_left',
    help: 'Orders that open bulk actions have not come to yet.',
    labelNames: ['mchid'],
    seriesOf: ({ bulks }) => bulks.map(({ mchid, ordersLeft }) => ({ labels: { mchid }, value: ordersLeft })),
  },
  {
    name: 'paysaga_bulks_open_oldest_seconds',
    help: 'Age of the oldest bulk action that is not finished.',
    labelNames: ['mchid'],
    seriesOf: ({ bulks }, now) =>
      bulks.map(({ mchid, oldestAt }) => ({ labels: { mchid }, value: age(now, oldestAt) })),
  },
];

const age = (now: Date, since: Date): number => Math.max(0, now.getTime() - since.getTime()) / 1_000;
