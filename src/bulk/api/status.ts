import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { bulkFailures, loadBulk, type BulkFailure, type BulkRecord } from '../store/bulk.js';
import { BULK_ACTIONS } from '../rules/bulk.js';
import type { Mchid } from '../../base/ids.js';
import { ApiError } from '../../http/kit/api-error.js';
import { requireOperator } from '../../http/kit/actor.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { mchidQuery } from '../../http/kit/fields.js';
import { problems } from '../../http/kit/problem.js';

/** What every view of a bulk tells. */
export const bulkFields = {
  id: z.string(),
  mchid: z.string(),
  action: z.enum(BULK_ACTIONS),
  until: z.iso.datetime().nullable(),
  reason: z.string(),
  actor: z.string().openapi({ description: 'The operator key that asked for it.' }),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  total: z.int(),
  done: z.int().openapi({ description: 'Orders done as asked. The rest has failed or is still to come.' }),
  failedCount: z.int(),
};

const statusSchema = z
  .strictObject({
    ...bulkFields,
    failed: z
      .array(z.strictObject({ orderNo: z.string(), code: z.string() }))
      .openapi({ description: 'The first 1,000, with the code each would have been answered by itself.' }),
  })
  .openapi('Bulk');

const route = createRoute({
  method: 'get',
  path: '/v1/bulk/{id}',
  operationId: 'getBulk',
  tags: ['Operators'],
  summary: 'How far a bulk is',
  security: [{ apiKey: [] }],
  request: {
    params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }),
    query: mchidQuery,
  },
  responses: {
    200: {
      description: 'The bulk; it has ended once `finishedAt` is given.',
      content: { 'application/json': { schema: statusSchema } },
    },
    ...problems('bulk_not_found'),
  },
});

export function registerGetBulk(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    requireOperator(c.get('actor'));
    const { failed, ...status } = await bulkStatus(deps, c.get('mchid'), c.req.valid('param').id);
    return c.json({ ...bulkView(status), failed: [...failed] }, 200);
  });
}

export type BulkStatus = Omit<BulkRecord, 'failed'> & {
  readonly failedCount: number;
  /** The first 1,000. */
  readonly failed: readonly BulkFailure[];
};

const MAX_FAILED = 1_000;

/** Throws `bulk_not_found`, also for another merchant's. */
export async function bulkStatus(deps: IngressDeps, mchid: Mchid, id: string): Promise<BulkStatus> {
  const { db } = deps.connection;
  const bulk = await loadBulk(db, id);
  if (bulk?.mchid !== mchid) throw new ApiError('bulk_not_found', 'This merchant has no bulk with that id.');
  const { failed: failedCount, ...facts } = bulk;
  return { ...facts, failedCount, failed: failedCount === 0 ? [] : await bulkFailures(db, id, MAX_FAILED) };
}

export function bulkView(bulk: Omit<BulkStatus, 'failed'>) {
  return {
    ...bulk,
    until: bulk.until?.toISOString() ?? null,
    createdAt: bulk.createdAt.toISOString(),
    finishedAt: bulk.finishedAt?.toISOString() ?? null,
  };
}
