import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { readFigures } from '../figures/store/metrics.js';
import { createIngressMetrics, type IngressMetrics } from '../metrics/ingress.js';
import type { IngressDeps } from './deps.js';
import type { IngressEnv } from './env.js';
import { probe } from './health.js';
import type { NotifyCounters } from './notify/counters.js';
import type { OrderChanges } from './order-changes.js';

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
  },
});

export function openMetrics(deps: IngressDeps, counters: NotifyCounters): IngressMetrics {
  const { connection, now, registry } = deps;
  const source = {
    now,
    readFigures: (timeoutMs: number) => readFigures(connection.db, timeoutMs),
    notifies: () => counters.read(),
    dependencies: () => probe(deps),
  };
  return createIngressMetrics(source, registry);
}

export function registerMetrics(app: OpenAPIHono<IngressEnv>, metrics: IngressMetrics): void {
  app.openapi(route, async (c) => c.text(await metrics.render(), 200, { 'Content-Type': metrics.contentType }));
}

/** Every stream follows its order's changes for as long as it is open. */
export function countingStreams(changes: OrderChanges, metrics: IngressMetrics): OrderChanges {
  return {
    subscribe(ref, listener) {
      const unsubscribe = changes.subscribe(ref, listener);
      metrics.streamOpened();
      return () => {
        unsubscribe();
        metrics.streamClosed();
      };
    },
    close: () => changes.close(),
  };
}
