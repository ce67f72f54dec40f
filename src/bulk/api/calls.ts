import { createRoute, z } from '@hono/zod-openapi';
import { bulkFailures, createBulk, listBulks, loadBulk, type BulkFailure, type BulkRecord } from '../store/bulk.js';
import { previewBulkOrders, type BulkPreview } from '../store/choice.js';
import { BULK_ACTIONS } from '../rules/bulk.js';
import type { Mchid } from '../../base/ids.js';
import { describeError } from '../../base/describe-error.js';
import { ORDER_STATES, STUCK_REASONS } from '../../orders/rules/states.js';
import { actorLabel, requireOperator } from '../../http/kit/actor.js';
import { ApiError, outageOf } from '../../http/kit/api-error.js';
import { problems } from '../../http/kit/problem.js';
import { bulkRequestOf, bulkSchema, requireSensible, type BulkRequest } from './request.js';
import { answer, bodyLike, mchidQuery, pageQuery, rowRequest } from '../../http/kit/call.js';
import type { IngressDeps, Route } from '../../http/kit/route.js';

export const registerBulkCalls: Route = (app, deps) => {
  app.openapi(start, async (c) => {
    const actor = actorLabel(requireOperator(c.get('actor')));
    const body = c.req.valid('json');
    const request = bulkRequestOf(body, { mchid: c.get('mchid'), actor });
    if (!body.dryRun) return c.json(await startBulk(deps, request), 202);
    const { sample, ...totals } = await previewBulk(deps, request);
    const shown = sample.map((order) => ({ ...order, expiresAt: order.expiresAt.toISOString() }));
    return c.json({ ...totals, sample: shown }, 200);
  });
  app.openapi(list, async (c) => {
    requireOperator(c.get('actor'));
    const found = await listBulks(deps.connection.db, [c.get('mchid')], c.req.valid('query').limit);
    return c.json({ items: found.map(({ failed, ...bulk }) => bulkView({ ...bulk, failedCount: failed })) }, 200);
  });
  app.openapi(get, async (c) => {
    requireOperator(c.get('actor'));
    const { failed, ...status } = await bulkStatus(deps, c.get('mchid'), c.req.valid('param').id);
    return c.json({ ...bulkView(status), failed: [...failed] }, 200);
  });
};

/** A dry run. Throws `invalid_request`. */
export async function previewBulk(deps: IngressDeps, request: BulkRequest): Promise<BulkPreview> {
  requireSensible(request, deps.now());
  return previewBulkOrders(deps.connection.db, request);
}

/** A recorded bulk is taken: where it cannot be started now, the sweeper starts it. Throws `invalid_request`. */
export async function startBulk(deps: IngressDeps, request: BulkRequest): Promise<{ id: string }> {
  const at = deps.now();
  requireSensible(request, at);
  const { until = null } = request;
  const id = await createBulk(deps.connection.db, { ...request, until, at });
  try {
    await deps.bulks.start(id);
  } catch (error) {
    if (outageOf(error) === undefined) throw error;
    deps.log.warn(
      { bulkId: id, error: describeError(error) },
      'bulk recorded and not started: the sweeper will start it',
    );
  }
  return { id };
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

function bulkView(bulk: Omit<BulkStatus, 'failed'>) {
  return {
    ...bulk,
    until: bulk.until?.toISOString() ?? null,
    createdAt: bulk.createdAt.toISOString(),
    finishedAt: bulk.finishedAt?.toISOString() ?? null,
  };
}

const previewSchema = z
  .strictObject({
    count: z.int().openapi({ description: 'Orders that exist.' }),
    sumFen: z.int(),
    sample: z
      .array(
        z
          .strictObject({
            orderNo: z.string(),
            amountFen: z.int(),
            state: z.enum(ORDER_STATES),
            stuckReason: z.enum(STUCK_REASONS).nullable(),
            expiresAt: z.iso.datetime(),
          })
          .openapi('BulkSample'),
      )
      .openapi({ description: 'The oldest, at most 10.' }),
  })
  .openapi('BulkPreview');

const EXAMPLES = {
  dryRun: {
    value: { action: 'hold', filter: { state: 'awaitingPayment' }, reason: 'WeChat Pay is down', dryRun: true },
  },
  recheck: {
    value: {
      action: 'recheck',
      filter: { stuckReason: 'gateway_unreachable' },
      reason: 'WeChat Pay is back',
      dryRun: false,
    },
  },
} as const;

const start = createRoute({
  method: 'post',
  path: '/v1/bulk',
  operationId: 'startBulk',
  tags: ['Operators'],
  summary: 'Hold, release, recheck or extend many orders',
  description: `Which orders is settled when it is taken, the oldest first. \`hold\`, \`release\` and \`extend\` take orders that can still be paid; an
order named in \`orderNos\` is taken whatever its state, and fails with its code where nothing can be moved. They are done one after the
other, about 20 a second. Begin with \`dryRun\`: it tells how many and how much, and does nothing.`,
  security: [{ apiKey: [] }],
  request: { query: mchidQuery, body: bodyLike(bulkSchema, EXAMPLES) },
  responses: {
    200: answer('What it would be about; nothing was done.', previewSchema),
    202: answer(
      'Taken. `GET /v1/bulk/{id}` tells how far it is.',
      z.strictObject({ id: z.string() }).openapi('BulkStarted'),
    ),
    ...problems(),
  },
});

const bulkFields = {
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

const list = createRoute({
  method: 'get',
  path: '/v1/bulk',
  operationId: 'listBulks',
  tags: ['Operators'],
  summary: 'The latest bulks, newest first',
  security: [{ apiKey: [] }],
  request: { query: z.strictObject({ mchid: z.string().optional(), limit: pageQuery.limit }) },
  responses: {
    200: answer(
      'Who did what, when and why, and how far it is.',
      z.strictObject({ items: z.array(z.strictObject(bulkFields).openapi('BulkFacts')) }).openapi('BulkList'),
    ),
    ...problems(),
  },
});

const statusSchema = z
  .strictObject({
    ...bulkFields,
    failed: z
      .array(z.strictObject({ orderNo: z.string(), code: z.string() }).openapi('BulkFailure'))
      .openapi({ description: 'The first 1,000, with the code each would have been answered by itself.' }),
  })
  .openapi('Bulk');

const get = createRoute({
  method: 'get',
  path: '/v1/bulk/{id}',
  operationId: 'getBulk',
  tags: ['Operators'],
  summary: 'How far a bulk is',
  security: [{ apiKey: [] }],
  request: { params: rowRequest.params, query: mchidQuery },
  responses: {
    200: answer('The bulk; it has ended once `finishedAt` is given.', statusSchema),
    ...problems('bulk_not_found'),
  },
});
