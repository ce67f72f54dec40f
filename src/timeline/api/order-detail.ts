import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { requireOrder } from '../../orders/use-cases/order.js';
import { EVIDENCE_SOURCES } from '../../orders/rules/evidence.js';
import type { EvidenceRecord } from '../../orders/rules/record.js';
import { useCaseDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { eventSchema, eventView } from '../../shop-events/api/event-view.js';
import { orderSchema } from '../../orders/api/order-schema.js';
import { problems } from '../../http/kit/problem.js';
import { explanationSchema, explanationView } from '../../orders/api/explanation.js';
import { explanationOf } from '../../orders/use-cases/explanation.js';
import { orderParams, viewOf } from '../../orders/api/order-call.js';
import { mchidQuery } from '../../http/kit/fields.js';

const evidenceSchema = z
  .strictObject({
    id: z.string(),
    source: z.enum(EVIDENCE_SOURCES),
    outTradeNo: z.string(),
    transactionId: z.string(),
    amountFen: z.int(),
    at: z.iso.datetime(),
  })
  .openapi('Evidence');

// Written out rather than extended: in JSON Schema an extension of a closed object can never be satisfied.
const orderDetailSchema = z
  .strictObject({
    ...orderSchema.shape,
    evidence: z.array(evidenceSchema).openapi({ description: 'Each fact about money, and who said it.' }),
    events: z.array(eventSchema).openapi({ description: 'What the shop was told or is to be told, oldest first.' }),
    explain: explanationSchema,
  })
  .openapi('OrderDetail');

const route = createRoute({
  method: 'get',
  path: '/v1/orders/{orderNo}',
  operationId: 'getOrder',
  tags: ['Orders'],
  summary: 'One order, its evidence, and what it is waiting for',
  security: [{ apiKey: [] }],
  request: { params: orderParams, query: mchidQuery },
  responses: {
    200: { description: 'The order.', content: { 'application/json': { schema: orderDetailSchema } } },
    ...problems('order_not_found'),
  },
});

export function registerGetOrder(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const order = await requireOrder(deps.connection, { mchid: c.get('mchid'), orderNo: c.req.valid('param').orderNo });
    const { explain, evidence, events } = await explanationOf(useCaseDeps(deps), order);
    const told = { evidence: evidence.map(evidenceView), events: events.map(eventView) };
    return c.json({ ...viewOf(deps, order), ...told, explain: explanationView(explain) }, 200);
  });
}

function evidenceView({ id, source, outTradeNo, transactionId, amountFen, at }: EvidenceRecord) {
  return { id, source, outTradeNo, transactionId, amountFen, at: at.toISOString() };
}
