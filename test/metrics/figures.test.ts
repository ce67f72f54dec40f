import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { Figures } from '../../src/figures/store/waiting.js';
import { FIGURES } from '../../src/figures/api/gauges.js';
import { addFigures } from '../../src/metrics/figures.js';
import { mchid } from '../db/fixtures.js';

const NOW = new Date('2026-03-01T10:00:00.000Z');
const MCHID = mchid('1900000001');
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1_000);
const NOTHING: Figures = {
  waiting: [],
  stuck: [],
  refunds: [],
  troubledRefunds: [],
  approvals: [],
  events: [],
  inbox: [],
  bulks: [],
  days: [],
  unfinishedDays: [],
  discrepancies: [],
  untoldDayEvents: [],
};

function figuresFrom(read: () => Promise<Figures>) {
  const clock = { now: NOW };
  const registry = new Registry();
  addFigures(registry, { now: () => clock.now, figures: FIGURES, readFigures: read });
  const lines = async () => (await registry.metrics()).split('\n').filter((line) => /^paysaga_[^ ]+\{/.test(line));
  return { clock, registry, lines };
}

test('each heap is told with its money and the age of its oldest', async () => {
  const heap = { mchid: MCHID, count: 2, oldestAt: ago(90) };
  const { lines } = figuresFrom(() =>
    Promise.resolve({
      waiting: [{ ...heap, state: 'awaitingPayment', firstDeadlineAt: ago(-60), sumFen: 900 }],
      stuck: [{ ...heap, reason: 'review', atRiskFen: 1_200, waitingFen: 5 }],
      refunds: [{ ...heap, state: 'abnormal', sumFen: 300 }],
      troubledRefunds: [{ ...heap, trouble: 'merchant_balance', sumFen: 400 }],
      approvals: [{ ...heap, sumFen: 600 }],
      events: [heap],
      inbox: [{ ...heap, kind: 'payment', status: 'unmatched' }],
      bulks: [{ ...heap, ordersLeft: 7 }],
      days: [{ mchid: MCHID, state: 'balanced', count: 89 }],
      unfinishedDays: [{ ...heap, reason: 'trade_bill' }],
      discrepancies: [{ ...heap, class: 'amount' }],
      untoldDayEvents: [heap],
    }),
  );

  const inbox = 'mchid="1900000001",kind="payment",status="unmatched"';
  expect(await lines()).toEqual([
    'paysaga_orders_waiting{mchid="1900000001",state="awaitingPayment"} 2',
    'paysaga_orders_waiting_oldest_seconds{mchid="1900000001",state="awaitingPayment"} 90',
    'paysaga_orders_overdue_seconds{mchid="1900000001",state="awaitingPayment"} 0',
    'paysaga_orders_stuck{mchid="1900000001",reason="review"} 2',
    'paysaga_orders_stuck_fen{mchid="1900000001",reason="review"} 1200',
    'paysaga_orders_stuck_oldest_seconds{mchid="1900000001",reason="review"} 90',
    'paysaga_refunds_open{mchid="1900000001",state="abnormal"} 2',
    'paysaga_refunds_open_fen{mchid="1900000001",state="abnormal"} 300',
    'paysaga_refunds_open_oldest_seconds{mchid="1900000001",state="abnormal"} 90',
    'paysaga_refunds_in_trouble{mchid="1900000001",trouble="merchant_balance"} 2',
    'paysaga_refunds_in_trouble_fen{mchid="1900000001",trouble="merchant_balance"} 400',
    'paysaga_approvals_pending{mchid="1900000001"} 2',
    'paysaga_approvals_pending_fen{mchid="1900000001"} 600',
    'paysaga_approvals_pending_oldest_seconds{mchid="1900000001"} 90',
    'paysaga_events_undelivered{mchid="1900000001"} 2',
    'paysaga_events_undelivered_oldest_seconds{mchid="1900000001"} 90',
    `paysaga_inbox_unfinished{${inbox}} 2`,
    `paysaga_inbox_unfinished_oldest_seconds{${inbox}} 90`,
    'paysaga_bulks_open{mchid="1900000001"} 2',
    'paysaga_bulk_orders_left{mchid="1900000001"} 7',
    'paysaga_bulks_open_oldest_seconds{mchid="1900000001"} 90',
    'paysaga_days{mchid="1900000001",state="balanced"} 89',
    'paysaga_days_unfinished{mchid="1900000001",reason="trade_bill"} 2',
    'paysaga_days_unfinished_oldest_seconds{mchid="1900000001",reason="trade_bill"} 90',
    'paysaga_discrepancies_open{mchid="1900000001",class="amount"} 2',
    'paysaga_discrepancies_open_oldest_seconds{mchid="1900000001",class="amount"} 90',
    'paysaga_day_events_untold{mchid="1900000001"} 2',
  ]);
});

test('how long the first deadline is past is told once it is', async () => {
  const waiting = {
    mchid: MCHID,
    count: 1,
    oldestAt: ago(90),
    state: 'awaitingPayment',
    firstDeadlineAt: ago(30),
    sumFen: 900,
  } as const;
  const { registry } = figuresFrom(() => Promise.resolve({ ...NOTHING, waiting: [waiting] }));

  expect(await registry.metrics()).toContain(
    'paysaga_orders_overdue_seconds{mchid="1900000001",state="awaitingPayment"} 30\n',
  );
});

test('what is over disappears', async () => {
  let stuck: Figures['stuck'] = [
    { mchid: MCHID, count: 1, oldestAt: NOW, reason: 'review', atRiskFen: 1, waitingFen: 0 },
  ];
  const { clock, lines } = figuresFrom(() => Promise.resolve({ ...NOTHING, stuck }));
  expect(await lines()).toHaveLength(3);

  stuck = [];
  clock.now = ago(-10);

  expect(await lines()).toEqual([]);
});

test('without Postgres there are no old figures, the scrape succeeds, and it says so', async () => {
  let isAway = false;
  const stuck: Figures['stuck'] = [
    { mchid: MCHID, count: 1, oldestAt: NOW, reason: 'review', atRiskFen: 1, waitingFen: 0 },
  ];
  const { clock, registry, lines } = figuresFrom(() =>
    isAway ? Promise.reject(new Error('away')) : Promise.resolve({ ...NOTHING, stuck }),
  );
  expect(await registry.metrics()).toContain('paysaga_figures_up 1\n');

  isAway = true;
  clock.now = ago(-10);

  expect(await registry.metrics()).toContain('paysaga_figures_up 0\n');
  expect(await lines()).toEqual([]);
});
