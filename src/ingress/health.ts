import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ping } from '../db/health.js';
import type { IngressDeps, Readiness } from './deps.js';
import type { IngressEnv } from './env.js';

const PROBE_TIMEOUT_MS = 2_000;

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'health',
  tags: ['Health'],
  summary: 'This process runs',
  responses: {
    200: {
      description: 'It does.',
      content: { 'application/json': { schema: z.strictObject({ status: z.literal('ok') }) } },
    },
  },
});

const readinessSchema = z
  .strictObject({
    status: z.enum(['ready', 'unavailable']),
    dependencies: z.record(z.string(), z.enum(['ok', 'unreachable'])),
  })
  .openapi('Readiness');

const readinessContent = { 'application/json': { schema: readinessSchema } };

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'readiness',
  tags: ['Health'],
  summary: 'This process can do its work',
  responses: {
    200: { description: 'Everything it depends on answers.', content: readinessContent },
    503: { description: 'Something does not, or the process is about to stop.', content: readinessContent },
  },
});

export function registerHealth(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(healthRoute, (c) => c.json({ status: 'ok' as const }, 200));
  app.openapi(readyRoute, async (c) => {
    const dependencies = await probe(deps);
    const isReady = deps.stopping?.aborted !== true && Object.values(dependencies).every((reachable) => reachable);
    const words = Object.entries(dependencies).map(([name, reachable]) => [name, wordFor(reachable)] as const);
    const view = {
      status: isReady ? ('ready' as const) : ('unavailable' as const),
      dependencies: Object.fromEntries(words),
    };
    return isReady ? c.json(view, 200) : c.json(view, 503);
  });
}

const wordFor = (reachable: boolean) => (reachable ? ('ok' as const) : ('unreachable' as const));

/** What the process depends on, and whether it answers within 2 s. */
export async function probe(deps: IngressDeps): Promise<Readiness> {
  const [database, others] = await Promise.all([
    within(
      ping(deps.connection.db).then(() => true),
      false,
    ),
    within(deps.ready(), { temporal: false }),
  ]);
  return { database, ...others };
}

/** A probe that fails or hangs is an answer, not an error. */
async function within<T>(work: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), PROBE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work.catch(() => otherwise), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
