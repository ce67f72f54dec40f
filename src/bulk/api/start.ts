import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { createBulk } from '../store/bulk.js';
import { previewBulkOrders, type BulkPreview } from '../store/choice.js';
import { ORDER_STATES, STUCK_REASONS } from '../../orders/rules/states.js';
import { actorLabel, requireOperator } from '../../http/kit/actor.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { describeError } from '../../base/describe-error.js';
import { mchidQuery } from '../../http/kit/fields.js';
import { outageOf } from '../../http/kit/outage.js';
import { problems } from '../../http/kit/problem.js';
import { bulkRequestOf, bulkSchema, requireSensible, type BulkRequest } from './request.js';

const previewSchema = z
  .strictObject({
    count: z.int().openapi({ description: 'Orders that exist.' }),
    sumFen: z.int(),
    sample: z
      .array(
        z.strictObject({
          orderNo: z.string(),
          amountFen: z.int(),
          state: z.enum(ORDER_STATES),
          stuckReason: z.enum(STUCK_REASONS).nullable(),
          expiresAt: z.iso.datetime(),
        }),
      )
      .openapi({ description: 'The oldest, at most 10.' }),
  })
  .openapi('BulkPreview');

const route = createRoute({
  method: 'post',
  path: '/v1/bulk',
  operationId: 'startBulk',
  tags: ['Operators'],
  summary: 'Hold, release, recheck or extend many orders',
  description: `Which orders is settled when it is taken, the oldest first. \`hold\`, \`release\` and \`extend\` take orders that can still be paid; an
order named in \`orderNos\` is taken whatever its state, and fails with its code where nothing can be moved. They are done one after the
other, about 20 a second. Begin with \`dryRun\`: it tells how many and how much, and does nothing.`,
  security: [{ apiKey: [] }],
  request: {
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: bulkSchema } } },
  },
  responses: {
    200: {
      description: 'What it would be about; nothing was done.',
      content: { 'application/json': { schema: previewSchema } },
    },
    202: {
      description: 'Taken. `GET /v1/bulk/{id}` tells how far it is.',
      content: { 'application/json': { schema: z.strictObject({ id: z.string() }).openapi('BulkStarted') } },
    },
    ...problems(),
  },
});

export function registerStartBulk(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const actor = actorLabel(requireOperator(c.get('actor')));
    const body = c.req.valid('json');
    const request = bulkRequestOf(body, { mchid: c.get('mchid'), actor });
    if (!body.dryRun) return c.json(await startBulk(deps, request), 202);
    const { sample, ...totals } = await previewBulk(deps, request);
    const shown = sample.map((order) => ({ ...order, expiresAt: order.expiresAt.toISOString() }));
    return c.json({ ...totals, sample: shown }, 200);
  });
}

/** What the bulk would be about now. Throws `invalid_request`. */
export async function previewBulk(deps: IngressDeps, request: BulkRequest): Promise<BulkPreview> {
  requireSensible(request, deps.now());
  return previewBulkOrders(deps.connection.db, request);
}

/**
 * Records the bulk with its orders, and starts it. Once it is recorded it is taken: where it cannot be started now the sweeper
 * starts it, and whoever asked must not ask again. Throws `invalid_request`.
 */
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
