import { createRoute, z } from '@hono/zod-openapi';
import { requireOrder } from '../use-cases/order.js';
import { isStillValid } from '../../http/kit/actor.js';
import { eventStream } from '../../http/kit/event-stream.js';
import { problems } from '../../http/kit/problem.js';
import type { Route } from '../../http/kit/route.js';
import { orderRequest, orderRefOf } from './order-call.js';
import { viewOf } from './order-view.js';

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
  request: orderRequest,
  responses: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems('order_not_found'),
  },
});

export const registerStreamOrder: Route = (app, deps) => {
  app.openapi(route, async (c) => {
    const { mchid, orderNo } = await requireOrder(deps.connection, orderRefOf(c));
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
};
