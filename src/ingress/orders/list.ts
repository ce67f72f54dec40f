import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { listOrders } from '../../db/order.js';
import { ORDER_STATES, STUCK_REASONS } from '../../domain/order/states.js';
import type { IngressDeps } from '../deps.js';
import type { IngressEnv } from '../env.js';
import { orderSchema } from '../order-schema.js';
import { pageOf, pageQuery } from '../page.js';
import { problems } from '../problems.js';
import { viewOf } from './order-call.js';

const at = z.iso.datetime({ offset: true });

const querySchema = z.strictObject({
  mchid: z.string().optional(),
  state: z.enum(ORDER_STATES).optional(),
  stuckReason: z.enum(STUCK_REASONS).optional(),
  createdFrom: at.optional().openapi({ description: 'Inclusive.' }),
  createdTo: at.optional().openapi({ description: 'Exclusive.' }),
  ...pageQuery,
});

const route = createRoute({
  method: 'get',
  path: '/v1/orders',
  operationId: 'listOrders',
  tags: ['Orders'],
  summary: 'Orders, newest first',
  security: [{ apiKey: [] }],
  request: { query: querySchema },
  responses: {
    200: {
      description: 'One page; `nextCursor` is null on the last.',
      content: {
        'application/json': {
          schema: z
            .strictObject({ items: z.array(orderSchema), nextCursor: z.string().nullable() })
            .openapi('OrderPage'),
        },
      },
    },
    ...problems(),
  },
});

export function registerListOrders(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const { state, stuckReason, createdFrom, createdTo, cursor, limit } = c.req.valid('query');
    const page = pageOf(
      await listOrders(deps.connection.db, {
        mchid: c.get('mchid'),
        limit,
        ...(state === undefined ? {} : { state }),
        ...(stuckReason === undefined ? {} : { stuckReason }),
        ...(createdFrom === undefined ? {} : { createdFrom: new Date(createdFrom) }),
        ...(createdTo === undefined ? {} : { createdTo: new Date(createdTo) }),
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
    return c.json({ items: page.items.map((order) => viewOf(deps, order)), nextCursor: page.nextCursor }, 200);
  });
}
