import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { within } from '../base/within.js';
import { ping } from '../db/connection.js';
import { onlyProblems, PROBE_PROBLEMS } from './kit/problem.js';
import type { IngressDeps, Readiness, IngressEnv } from './kit/route.js';

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
      content: { 'application/json': { schema: z.strictObject({ status: z.literal('ok') }).openapi('Health') } },
    },
    ...onlyProblems(...PROBE_PROBLEMS),
  },
});

const readinessSchema = z
  .strictObject({
    status: z.enum(['ready', 'degraded', 'unavailable']),
    dependencies: z.record(z.string(), z.enum(['ok', 'unreachable'])),
  })
  .openapi('Readiness');

const readinessContent = { 'application/json': { schema: readinessSchema } };

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'readiness',
  tags: ['Health'],
  summary: 'This process can be sent requests',
  responses: {
    200: {
      description:
        'Postgres answers. `degraded`: Temporal does not; what is read, the checkout page and `/ops` go on, calls that need it are answered 503 one by one.',
      content: readinessContent,
    },
    503: { description: 'Postgres does not answer, or the process is about to stop.', content: readinessContent },
    ...onlyProblems(...PROBE_PROBLEMS),
  },
});

export function registerHealth(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(healthRoute, (c) => c.json({ status: 'ok' as const }, 200));
  app.openapi(readyRoute, async (c) => {
    const view = readinessOf(await probe(deps), deps.draining?.aborted === true, ['database']);
    return c.json(view, view.status === 'unavailable' ? 503 : 200);
  });
}

export type ReadinessView = z.infer<typeof readinessSchema>;

/** `unavailable` without one of `needed`, `degraded` without any other dependency. */
export function readinessOf(dependencies: Readiness, isStopping: boolean, needed: readonly string[]): ReadinessView {
  const missing = Object.keys(dependencies).filter((name) => dependencies[name] !== true);
  const words = Object.entries(dependencies).map(([name, reachable]) => [name, wordFor(reachable)] as const);
  const isUseless = isStopping || missing.some((name) => needed.includes(name));
  const status = isUseless ? 'unavailable' : missing.length > 0 ? 'degraded' : 'ready';
  return { status, dependencies: Object.fromEntries(words) };
}

const wordFor = (reachable: boolean) => (reachable ? ('ok' as const) : ('unreachable' as const));

/** Whether each dependency answers within 2 s. */
export async function probe(deps: Pick<IngressDeps, 'connection' | 'ready'>): Promise<Readiness> {
  const [database, others] = await Promise.all([
    answerOr(
      ping(deps.connection.db).then(() => true),
      false,
    ),
    answerOr(deps.ready(), { temporal: false }),
  ]);
  return { database, ...others };
}

/** A probe that fails or hangs is an answer, not an error. */
const answerOr = <T>(work: Promise<T>, otherwise: T): Promise<T> =>
  within(
    PROBE_TIMEOUT_MS,
    work.catch(() => otherwise),
    otherwise,
  );
