import { Gauge, type Registry } from 'prom-client';
import type { Figures } from '../figures/store/metrics.js';
import { createSnapshot } from './snapshot.js';

export type FiguresSource = {
  readonly now: () => Date;
  /** Each of its statements is to end after `timeoutMs`. */
  readonly readFigures: (timeoutMs: number) => Promise<Figures>;
};

const KEEP_MS = 10_000;
const TIMEOUT_MS = 3_000;

type Labels = Readonly<Record<string, string>>;
type Series = { readonly labels: Labels; readonly value: number };

/**
 * Gauges of what waits in Postgres, read when they are scraped. Without Postgres there are none, and `paysaga_figures_up` is 0:
 * an old figure would look like a good one.
 */
export function addFigures(registry: Registry, { now, readFigures }: FiguresSource): void {
  const snapshot = createSnapshot(() => readFigures(TIMEOUT_MS), { now, keepMs: KEEP_MS, timeoutMs: TIMEOUT_MS });
  gauge(
    registry,
    'paysaga_figures_up',
    'Whether the figures of what waits could be read from Postgres.',
    [],
    async () => {
      return [{ labels: {}, value: (await snapshot()) === undefined ? 0 : 1 }];
    },
  );
  for (const { name, help, labelNames, seriesOf } of FIGURES) {
    gauge(registry, name, help, labelNames, async () => {
      const figures = await snapshot();
      return figures === undefined ? [] : seriesOf(figures, now());
    });
  }
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  read: () => Promise<readonly Series[]>,
): void {
  const registers = [registry];
  const collected: Gauge = new Gauge({
    name,
    help,
    labelNames,
    registers,
    async collect() {
      const series = await read();
      collected.reset();
      // What is labelled appears only where there is something; without labels a reset leaves 0.
      for (const { labels, value } of series) collected.set(labels, value);
    },
  });
}

type Figure = {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly seriesOf: (figures: Figures, now: Date) => Series[];
};

const age = (now: Date, since: Date): number => Math.max(0, now.getTime() - since.getTime()) / 1_000;

const FIGURES: readonly Figure[] = [
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
