import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { requireOrder } from '../use-cases/order.js';
import { isStillValid } from '../../http/kit/actor.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { eventStream } from '../../http/kit/event-stream.js';
import { problems } from '../../http/kit/problem.js';
import { orderParams, viewOf } from './order-call.js';
import { mchidQuery } from '../../http/kit/fields.js';

const HEARTBEAT_MS = 15_000;

const route = createRoute({
  method: 'get',
  path: '/v1/orders/{orderNo}/stream',
  operationId: 'streamOrder',
  tags: ['Orders'],
  summary: "Follow an order's changes",
  description:
    'Server-sent events named `order`: the current state first, then one per change; the id is `version`, the data the order. With `Last-Event-ID` the first is left out if it is known. A comment comes every 15 s.',
  security: [{ apiKey: [] }],
  request: { params: orderParams, query: mchidQuery },
  responses: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems('order_not_found'),
  },
});

export function registerStreamOrder(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const { mchid, orderNo } = await requireOrder(deps.connection, {
      mchid: c.get('mchid'),
      orderNo: c.req.valid('param').orderNo,
    });
    const actor = c.get('actor');
    return eventStream(c, {
      event: 'order',
      heartbeatMs: deps.streamHeartbeatMs ?? HEARTBEAT_MS,
      stopping: deps.stopping,
      log: deps.log,
      subscribe: (listener) => deps.changes.subscribe({ mchid, orderNo }, listener),
      isAllowed: () => isStillValid(deps.connection.db, actor),
      read: async () => {
        const order = await requireOrder(deps.connection, { mchid, orderNo });
        return { id: String(order.version), data: JSON.stringify(viewOf(deps, order)) };
      },
    });
  });
}
