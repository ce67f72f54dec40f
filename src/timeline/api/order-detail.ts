import { z, createRoute } from '@hono/zod-openapi';
import { bothLanguages, gatewaySchema, orNull } from '../../http/kit/fields.js';
import type { Explanation } from '../../orders/rules/explain/explain.js';
import { requireOrder } from '../../orders/use-cases/order.js';
import { EVIDENCE_SOURCES } from '../../orders/rules/evidence.js';
import type { EvidenceRecord } from '../../orders/rules/record.js';
import { orderSchema } from '../../orders/api/order-schema.js';
import { problems } from '../../http/kit/problem.js';
import { explanationOf } from '../../orders/use-cases/explanation.js';
import { answer } from '../../http/kit/call.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';
import { orderRequest, orderRefOf, viewOf } from '../../orders/api/order-call.js';
import { eventSchema, eventView } from '../../shop-events/api/events.js';

const explanationSchema = z
  .strictObject({
    waitingFor: z.string(),
    since: z.iso.datetime(),
    nextStep: z.string(),
    nextAt: z.iso.datetime().nullable(),
    attempts: z.int(),
    lastAnswer: orNull(
      z
        .strictObject({ api: z.string(), at: z.iso.datetime(), outcome: z.string(), gateway: orNull(gatewaySchema) })
        .openapi('LastAnswer'),
    ),
    actor: z.enum(['nobody', 'payer', 'shop', 'operator', 'wechat']),
    commands: z.array(z.string()),
    text: bothLanguages,
  })
  .openapi('Explanation', { description: 'What the order waits for, since when, what comes next, and who can act.' });

/** The next step is told in English, the text in both languages. */
function explanationView(explanation: Explanation): z.infer<typeof explanationSchema> {
  const { waitingFor, since, nextStep, nextAt, attempts, lastAnswer, actor, commands, text } = explanation;
  return { waitingFor, since, nextStep, nextAt, attempts, lastAnswer, actor, commands: [...commands], text };
}

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
  request: orderRequest,
  responses: {
    200: answer('The order.', orderDetailSchema),
    ...problems('order_not_found'),
  },
});

export const registerGetOrder: Route = (app, deps) => {
  app.openapi(route, async (c) => {
    const order = await requireOrder(deps.connection, orderRefOf(c));
    const { explain, evidence, events } = await explanationOf(useCaseDeps(deps), order);
    const known = { evidence: evidence.map(evidenceView), events: events.map(eventView) };
    return c.json({ ...viewOf(deps, order), ...known, explain: explanationView(explain) }, 200);
  });
};

function evidenceView({ id, source, outTradeNo, transactionId, amountFen, at }: EvidenceRecord) {
  return { id, source, outTradeNo, transactionId, amountFen, at: at.toISOString() };
}
