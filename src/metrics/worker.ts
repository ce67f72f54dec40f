import type { Registry } from 'prom-client';
import type { Mchid } from '../base/ids.js';
import { makersIn, quietly, type Makers } from './registry.js';

export type WorkerMetricsDeps = {
  readonly now: () => Date;
  /** Bounds the series: WeChat Pay may invent words. */
  readonly outcomeLabel: (outcome: string) => string;
};

type MovedOrder = {
  readonly mchid: Mchid;
  readonly state: string;
  readonly closedReason: string | null;
  readonly reviewReason: string | null;
  readonly foundBy: string | null;
  readonly paidFen: number;
  readonly createdAt: Date;
  readonly paidAt: Date | null;
};

type MovedRefund = {
  readonly mchid: Mchid;
  readonly state: string;
  readonly cause: string;
  readonly amountFen: number;
};

export type PaidFacts = {
  /** When the payment's notify came. */
  readonly notifiedAt: Date | null;
  readonly queries: number;
};

export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;

/** Counts what activities report. Never throws. */
export function createWorkerMetrics(registry: Registry, deps: WorkerMetricsDeps) {
  const makers = makersIn(registry);
  const orders = orderMetrics(makers);
  const refunds = refundMetrics(makers);
  const calls = callMetrics(makers);
  return {
    /** `found`: how, of one that became paid. */
    orderMoved: (order: MovedOrder, found: PaidFacts | null): void =>
      quietly(() => countOrder(orders, order, { found, now: deps.now() })),

    refundRequested: ({ mchid, cause, amountFen }: MovedRefund): void =>
      quietly(() => {
        refunds.requested.inc({ mchid, cause });
        refunds.requestedFen.inc({ mchid, cause }, amountFen);
      }),

    refundMoved: ({ mchid, state, amountFen }: MovedRefund): void =>
      quietly(() => {
        refunds.moved.inc({ mchid, state });
        refunds.movedFen.inc({ mchid, state }, amountFen);
      }),

    gatewayCall: (call: { mchid: Mchid; api: string; outcome: string; durationMs: number }): void =>
      quietly(() => {
        const outcome = deps.outcomeLabel(call.outcome);
        calls.gateway.inc({ mchid: call.mchid, api: call.api, outcome });
        calls.gatewaySeconds.observe({ api: call.api, outcome }, call.durationMs / 1_000);
      }),

    domainCall: (call: { host: string; outcome: string }): void =>
      quietly(() => calls.domains.inc({ domain: call.host, outcome: call.outcome })),

    billFetched: (bill: { mchid: Mchid; kind: string; outcome: string }): void => quietly(() => calls.bills.inc(bill)),

    delivery: ({ mchid, outcome, durationMs }: { mchid: Mchid; outcome: string; durationMs: number }): void =>
      quietly(() => {
        calls.deliveries.inc({ mchid, outcome });
        calls.deliverySeconds.observe({ outcome }, durationMs / 1_000);
      }),

    /** One pass of the sweeper, by kind. */
    swept: (found: Readonly<Record<string, number>>): void =>
      quietly(() => {
        calls.passes.inc();
        for (const [kind, count] of Object.entries(found)) calls.swept.inc({ kind }, count);
      }),
  };
}

const MINUTES = [1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];
const CALL_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];

const BY_FINDER = ['mchid', 'found_by'] as const;
const BY_REASON = ['mchid', 'reason'] as const;
const BY_CAUSE = ['mchid', 'cause'] as const;
const BY_STATE = ['mchid', 'state'] as const;

type OrderMetrics = ReturnType<typeof orderMetrics>;

function orderMetrics({ counter, histogram }: Makers) {
  return {
    paid: counter('paysaga_orders_paid_total', 'Orders that became paid, by what found the money.', BY_FINDER),
    paidFen: counter('paysaga_orders_paid_fen_total', 'What orders that became paid cost, in fen.', BY_FINDER),
    closed: counter('paysaga_orders_closed_total', 'Orders that were closed, by why.', BY_REASON),
    reviewed: counter('paysaga_orders_reviewed_total', 'Orders that came to review, by why.', BY_REASON),
    toPay: histogram(
      'paysaga_order_time_to_pay_seconds',
      'From the creation of an order to the payment, by WeChat Pay’s time of it.',
      ['mchid'],
      MINUTES,
    ),
    notifyToPaid: histogram(
      'paysaga_notify_to_paid_seconds',
      'From the arrival of the notify to the order being paid, for orders that a notify found.',
      ['mchid'],
      [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900],
    ),
    queries: histogram(
      'paysaga_queries_per_paid_order',
      'How often WeChat Pay was asked until an order was known to be paid; 1 is the confirmation alone.',
      BY_FINDER,
      [1, 2, 3, 5, 8, 13, 21, 50],
    ),
  };
}

function refundMetrics({ counter }: Makers) {
  return {
    requested: counter(
      'paysaga_refunds_requested_total',
      'Refunds asked of WeChat Pay for the first time, by cause.',
      BY_CAUSE,
    ),
    requestedFen: counter(
      'paysaga_refunds_requested_fen_total',
      'Money of refunds asked of WeChat Pay for the first time, in fen.',
      BY_CAUSE,
    ),
    moved: counter('paysaga_refunds_moved_total', 'Refunds that came to a state.', BY_STATE),
    movedFen: counter('paysaga_refunds_moved_fen_total', 'Money of refunds that came to a state, in fen.', BY_STATE),
  };
}

function callMetrics({ counter, histogram }: Makers) {
  return {
    gateway: counter(
      'paysaga_gateway_calls_total',
      'Calls of WeChat Pay, also those that our own limits or breaker turned away, by what came of them.',
      ['mchid', 'api', 'outcome'],
    ),
    gatewaySeconds: histogram(
      'paysaga_gateway_call_seconds',
      'How long calls of WeChat Pay took, the wait for our own limits included.',
      ['api', 'outcome'],
      CALL_SECONDS,
    ),
    domains: counter(
      'paysaga_gateway_domain_calls_total',
      'Requests to each domain of WeChat Pay: answered, without an answer, or never sent because it could not be reached.',
      ['domain', 'outcome'],
    ),
    bills: counter(
      'paysaga_bills_fetched_total',
      'Bills that were fetched, those that there are none of too, by what they are worth.',
      ['mchid', 'kind', 'outcome'],
    ),
    deliveries: counter('paysaga_event_deliveries_total', 'Tries to tell a shop an event, by what came of them.', [
      'mchid',
      'outcome',
    ]),
    deliverySeconds: histogram(
      'paysaga_event_delivery_seconds',
      'How long tries to tell a shop an event took.',
      ['outcome'],
      CALL_SECONDS,
    ),
    swept: counter(
      'paysaga_sweeper_found_total',
      'What the sweeper found without its workflow and started or signalled again, by kind.',
      ['kind'],
    ),
    passes: counter('paysaga_sweeper_passes_total', 'Passes of the sweeper.', []),
  };
}

function countOrder(
  metrics: OrderMetrics,
  order: MovedOrder,
  { found, now }: { readonly found: PaidFacts | null; readonly now: Date },
): void {
  const { mchid, state } = order;
  if (state === 'closed') metrics.closed.inc({ mchid, reason: order.closedReason ?? 'none' });
  if (state === 'review') metrics.reviewed.inc({ mchid, reason: order.reviewReason ?? 'none' });
  if (state !== 'paid') return;
  const labels = { mchid, found_by: order.foundBy ?? 'none' };
  metrics.paid.inc(labels);
  metrics.paidFen.inc(labels, order.paidFen);
  if (order.paidAt !== null) metrics.toPay.observe({ mchid }, secondsBetween(order.createdAt, order.paidAt));
  if (found === null) return;
  metrics.queries.observe(labels, found.queries);
  if (order.foundBy === 'notify' && found.notifiedAt !== null)
    metrics.notifyToPaid.observe({ mchid }, secondsBetween(found.notifiedAt, now));
}

const secondsBetween = (from: Date, to: Date): number => Math.max(0, to.getTime() - from.getTime()) / 1_000;
