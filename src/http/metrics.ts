import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { FIGURES } from '../figures/api/gauges.js';
import { readFigures } from '../figures/store/waiting.js';
import { createIngressMetrics, type IngressMetrics } from '../metrics/ingress.js';
import { probe } from './health.js';
import type { NotifyRejection } from '../channels/port.js';
import { onlyProblems, PROBE_PROBLEMS } from './kit/problem.js';
import type { IngressDeps, IngressEnv, OrderChanges } from './kit/route.js';

const route = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'metrics',
  tags: ['Health'],
  summary: 'What this process counts and what waits in Postgres, for Prometheus',
  description:
    'Names merchants and money, no orders and no payers. It has no login: keep it inside the network, as a proxy before the ingress does that passes on only what the outside needs.',
  responses: {
    200: {
      description: 'Prometheus’ text format.',
      content: { 'text/plain': { schema: z.string() } },
    },
    ...onlyProblems(...PROBE_PROBLEMS),
  },
});

export function openMetrics(deps: IngressDeps, counters: NotifyCounters): IngressMetrics {
  const { connection, now, registry } = deps;
  const source = {
    now,
    figures: FIGURES,
    readFigures: (timeoutMs: number) => readFigures(connection.db, timeoutMs),
    notifies: () => counters.read(),
    dependencies: () => probe(deps),
  };
  return createIngressMetrics(source, registry);
}

export function registerMetrics(app: OpenAPIHono<IngressEnv>, metrics: IngressMetrics): void {
  app.openapi(route, async (c) => c.text(await metrics.render(), 200, { 'Content-Type': metrics.contentType }));
}

export function countingStreams(changes: OrderChanges, metrics: IngressMetrics): OrderChanges {
  const counted = (unsubscribe: () => void) => {
    metrics.streamOpened();
    return () => {
      unsubscribe();
      metrics.streamClosed();
    };
  };
  return {
    subscribe: (ref, listener) => counted(changes.subscribe(ref, listener)),
    subscribeEvents: (mchid, listener) => counted(changes.subscribeEvents(mchid, listener)),
    close: () => changes.close(),
  };
}

type NotifyOutcome =
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
