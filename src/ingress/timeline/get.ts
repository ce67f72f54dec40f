import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { loadTimeline } from '../../timeline/store/timeline.js';
import { requireOperator } from '../auth/authenticate.js';
import type { IngressDeps } from '../deps.js';
import type { IngressEnv } from '../env.js';
import { mchidQuery, orderParams, requireOrder } from '../orders/order-call.js';
import { problems } from '../problems.js';
import { timelineEntrySchema, timelineEntryView } from './timeline-view.js';

const timelineSchema = z.strictObject({ items: z.array(timelineEntrySchema) }).openapi('Timeline');

const route = createRoute({
  method: 'get',
  path: '/v1/orders/{orderNo}/timeline',
  operationId: 'getTimeline',
  tags: ['Operators'],
  summary: 'Everything that happened to an order, oldest first',
  description:
    'Whoever says so: attempts, evidence, notifies, calls to WeChat Pay (the newest 500; `call.omitted` counts the rest), refunds, what the shop was told, and what people did, with the order before and after.',
  security: [{ apiKey: [] }],
  request: { params: orderParams, query: mchidQuery },
  responses: {
    200: { description: 'The timeline.', content: { 'application/json': { schema: timelineSchema } } },
    ...problems('order_not_found'),
  },
});

export function registerGetTimeline(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    requireOperator(c.get('actor'));
    const { mchid, orderNo } = await requireOrder(deps, c.get('mchid'), c.req.valid('param').orderNo);
    const entries = await loadTimeline(deps.connection.db, { mchid, orderNo });
    return c.json({ items: entries.map(timelineEntryView) }, 200);
  });
}
