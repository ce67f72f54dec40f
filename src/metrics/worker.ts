import { Counter, Histogram, type Registry } from 'prom-client';
import type { Mchid, OrderNo } from '../base/ids.js';
import { quietly } from './registry.js';

export type WorkerMetricsDeps = {
  readonly now: () => Date;
  /** What is only known from other rows, of an order that was just paid. */
  readonly paidFacts: (ref: { readonly mchid: Mchid; readonly orderNo: OrderNo }) => Promise<PaidFacts>;
  /** What a gateway call came to as a label: few words, whatever WeChat Pay thinks of. */
  readonly outcomeLabel: (outcome: string) => string;
};

/** What is counted of an order that came to a state. */
type MovedOrder = {
  readonly mchid: Mchid;
  readonly orderNo: OrderNo;
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
  /** When the notify of the payment came, if one did. */
  readonly notifiedAt: Date | null;
  /** How often WeChat Pay was asked about it. */
  readonly queries: number;
};

export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;

/** What activities report. Nothing of it waits for anything, and nothing of it throws. */
export function createWorkerMetrics(registry: Registry, deps: WorkerMetricsDeps) {
  const orders = orderMetrics(registry);
  const refunds = refundMetrics(registry);
  const calls = callMetrics(registry);
  return {
    /** A projection moved an order to the state it is in now. */
    orderMoved: (order: MovedOrder): void => quietly(() => countOrder(orders, order, deps)),

    /** A refund left for WeChat Pay for the first time. */
    refundRequested: ({ mchid, cause, amountFen }: MovedRefund): void =>
      quietly(() => {
        refunds.requested.inc({ mchid, cause });
        refunds.requestedFen.inc({ mchid, cause }, amountFen);
      }),

    /** A projection moved a refund to the state it is in now. */
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

    /** One try to tell a shop. */
    delivery: (delivery: { mchid: Mchid; outcome: string; durationMs: number }): void =>
      quietly(() => {
        const { mchid, outcome } = delivery;
        calls.deliveries.inc({ mchid, outcome });
        calls.deliverySeconds.observe({ outcome }, delivery.durationMs / 1_000);
      }),

    /** What one pass of the sweeper started or signalled again, by kind. */
    swept: (found: Readonly<Record<string, number>>): void =>
      quietly(() => {
        calls.passes.inc();
        for (const [kind, count] of Object.entries(found)) calls.swept.inc({ kind }, count);
      }),
  };
}

const MINUTES = [1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];
const CALL_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];

type OrderMetrics = ReturnType<typeof orderMetrics>;

function orderMetrics(registry: Registry) {
  const registers = [registry];
  return {
    paid: new Counter({
      name: 'paysaga_orders_paid_total',
      help: 'Orders that became paid, by what found the money.',
      labelNames: ['mchid', 'found_by'] as const,
      registers,
    }),
    paidFen: new Counter({
      name: 'paysaga_orders_paid_fen_total',
      help: 'What orders that became paid cost, in fen.',
      labelNames: ['mchid', 'found_by'] as const,
      registers,
    }),
    closed: new Counter({
      name: 'paysaga_orders_closed_total',
      help: 'Orders that were closed, by why.',
      labelNames: ['mchid', 'reason'] as const,
      registers,
    }),
    reviewed: new Counter({
      name: 'paysaga_orders_reviewed_total',
      help: 'Orders that came to review, by why.',
      labelNames: ['mchid', 'reason'] as const,
      registers,
    }),
    toPay: new Histogram({
      name: 'paysaga_order_time_to_pay_seconds',
      help: 'From the creation of an order to the payment, by WeChat Pay’s time of it.',
      labelNames: ['mchid'] as const,
      buckets: MINUTES,
      registers,
    }),
    notifyToPaid: new Histogram({
      name: 'paysaga_notify_to_paid_seconds',
      help: 'From the arrival of the notify to the order being paid, for orders that a notify found.',
      labelNames: ['mchid'] as const,
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900],
      registers,
    }),
    queries: new Histogram({
      name: 'paysaga_queries_per_paid_order',
      help: 'How often WeChat Pay was asked until an order was known to be paid; 1 is the confirmation alone.',
      labelNames: ['mchid', 'found_by'] as const,
      buckets: [1, 2, 3, 5, 8, 13, 21, 50],
      registers,
    }),
  };
}

function refundMetrics(registry: Registry) {
  const registers = [registry];
  return {
    requested: new Counter({
      name: 'paysaga_refunds_requested_total',
      help: 'Refunds asked of WeChat Pay for the first time, by cause.',
      labelNames: ['mchid', 'cause'] as const,
      registers,
    }),
    requestedFen: new Counter({
      name: 'paysaga_refunds_requested_fen_total',
      help: 'Money of refunds asked of WeChat Pay for the first time, in fen.',
      labelNames: ['mchid', 'cause'] as const,
      registers,
    }),
    moved: new Counter({
      name: 'paysaga_refunds_moved_total',
      help: 'Refunds that came to a state.',
      labelNames: ['mchid', 'state'] as const,
      registers,
    }),
    movedFen: new Counter({
      name: 'paysaga_refunds_moved_fen_total',
      help: 'Money of refunds that came to a state, in fen.',
      labelNames: ['mchid', 'state'] as const,
      registers,
    }),
  };
}

function callMetrics(registry: Registry) {
  const registers = [registry];
  return {
    gateway: new Counter({
      name: 'paysaga_gateway_calls_total',
      help: 'Calls of WeChat Pay, also those that our own limits or breaker turned away, by what came of them.',
      labelNames: ['mchid', 'api', 'outcome'] as const,
      registers,
    }),
    gatewaySeconds: new Histogram({
      name: 'paysaga_gateway_call_seconds',
      help: 'How long calls of WeChat Pay took, the wait for our own limits included.',
      labelNames: ['api', 'outcome'] as const,
      buckets: CALL_SECONDS,
      registers,
    }),
    deliveries: new Counter({
      name: 'paysaga_event_deliveries_total',
      help: 'Tries to tell a shop an event, by what came of them.',
      labelNames: ['mchid', 'outcome'] as const,
      registers,
    }),
    deliverySeconds: new Histogram({
      name: 'paysaga_event_delivery_seconds',
      help: 'How long tries to tell a shop an event took.',
      labelNames: ['outcome'] as const,
      buckets: CALL_SECONDS,
      registers,
    }),
    swept: new Counter({
      name: 'paysaga_sweeper_found_total',
      help: 'What the sweeper found without its workflow and started or signalled again, by kind.',
      labelNames: ['kind'] as const,
      registers,
    }),
    passes: new Counter({ name: 'paysaga_sweeper_passes_total', help: 'Passes of the sweeper.', registers }),
  };
}

function countOrder(metrics: OrderMetrics, order: MovedOrder, deps: WorkerMetricsDeps): void {
  const { mchid, state } = order;
  if (state === 'closed') metrics.closed.inc({ mchid, reason: order.closedReason ?? 'none' });
  if (state === 'review') metrics.reviewed.inc({ mchid, reason: order.reviewReason ?? 'none' });
  if (state !== 'paid') return;
  const labels = { mchid, found_by: order.foundBy ?? 'none' };
  metrics.paid.inc(labels);
  metrics.paidFen.inc(labels, order.paidFen);
  if (order.paidAt !== null) metrics.toPay.observe({ mchid }, secondsBetween(order.createdAt, order.paidAt));
  void measurePayment(metrics, order, deps);
}

/** After the answer to the workflow, since it asks Postgres once more. */
async function measurePayment(metrics: OrderMetrics, order: MovedOrder, deps: WorkerMetricsDeps): Promise<void> {
  const { mchid } = order;
  const paidAt = deps.now();
  const facts = await deps.paidFacts(order).catch(() => undefined);
  quietly(() => {
    if (facts === undefined) return;
    metrics.queries.observe({ mchid, found_by: order.foundBy ?? 'none' }, facts.queries);
    if (order.foundBy !== 'notify' || facts.notifiedAt === null) return;
    metrics.notifyToPaid.observe({ mchid }, secondsBetween(facts.notifiedAt, paidAt));
  });
}

const secondsBetween = (from: Date, to: Date): number => Math.max(0, to.getTime() - from.getTime()) / 1_000;
