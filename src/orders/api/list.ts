import { createRoute, z } from '@hono/zod-openapi';
import { listOrders, listStuckOrders } from '../store/list.js';
import type { Mchid } from '../../base/ids.js';
import { ORDER_STATES, STUCK_REASONS } from '../rules/states.js';
import { ApiError } from '../../http/kit/api-error.js';
import { orderSchema } from './order-schema.js';
import { problems } from '../../http/kit/problem.js';
import { pageAnswer, pageOf, pageQuery } from '../../http/kit/call.js';
import { instantSchema } from '../../http/kit/fields.js';
import type { IngressDeps, Route } from '../../http/kit/route.js';
import { viewOf } from './order-call.js';

const querySchema = z.strictObject({
  mchid: z.string().optional(),
  state: z.enum(ORDER_STATES).optional(),
  stuckReason: z
    .enum([...STUCK_REASONS, 'any'])
    .optional()
    .openapi({ description: '`any`: whatever is stuck.' }),
  createdFrom: instantSchema.optional().openapi({ description: 'Inclusive.' }),
  createdTo: instantSchema.optional().openapi({ description: 'Exclusive.' }),
  sort: z.enum(['created', 'stuckSince']).default('created').openapi({
    description:
      '`created`: newest first. `stuckSince`: what is stuck longest first; with a `stuckReason`, and no other filter.',
  }),
  ...pageQuery,
});

const route = createRoute({
  method: 'get',
  path: '/v1/orders',
  operationId: 'listOrders',
  tags: ['Orders'],
  summary: 'Orders, newest first, or those that are stuck, oldest first',
  security: [{ apiKey: [] }],
  request: { query: querySchema },
  responses: {
    200: pageAnswer('OrderPage', orderSchema),
    ...problems(),
  },
});

export const registerListOrders: Route = (app, deps) => {
  app.openapi(route, async (c) => {
    const page = pageOf(await pageFor(deps, c.get('mchid'), c.req.valid('query')));
    return c.json({ items: page.items.map((order) => viewOf(deps, order)), nextCursor: page.nextCursor }, 200);
  });
};

function pageFor({ connection: { db } }: IngressDeps, mchid: Mchid, query: z.output<typeof querySchema>) {
  const { state, stuckReason, sort, cursor, limit } = query;
  const createdFrom = query.createdFrom === undefined ? undefined : new Date(query.createdFrom);
  const createdTo = query.createdTo === undefined ? undefined : new Date(query.createdTo);
  if (sort === 'created') return listOrders(db, { mchid, state, stuckReason, createdFrom, createdTo, cursor, limit });
  if (stuckReason === undefined || (state ?? createdFrom ?? createdTo) !== undefined) {
    throw new ApiError('invalid_request', 'query sort: stuckSince goes with a stuckReason, and with no other filter.');
  }
  return listStuckOrders(db, { mchids: [mchid], stuckReason, cursor, limit });
}
