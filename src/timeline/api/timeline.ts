import { createRoute, z } from '@hono/zod-openapi';
import { requireOrder } from '../../orders/use-cases/order.js';
import { EVENT_STATUSES } from '../../shop-events/rules/event.js';
import { REFUND_STATES } from '../../refunds/rules/states.js';
import { TIMELINE_SOURCES, type TimelineEntry } from '../rules/entry.js';
import { loadTimeline } from '../store/timeline.js';
import { requireOperator } from '../../http/kit/actor.js';
import { problems } from '../../http/kit/problem.js';
import { orderSchema } from '../../orders/api/order-schema.js';
import { answer } from '../../http/kit/call.js';
import { gatewaySchema, orNull } from '../../http/kit/fields.js';
import type { Route } from '../../http/kit/route.js';
import { orderRequest, orderRefOf } from '../../orders/api/order-call.js';

const { version, state, closedReason, reviewReason, stuckReason, fulfilment, expiresAt } = orderSchema.shape;
const { paidFen, refundingFen, refundedFen, returnedFen } = orderSchema.shape;

const snapshotSchema = z
  .strictObject({
    ...{ version, state, closedReason, reviewReason, stuckReason, fulfilment, expiresAt },
    ...{ paidFen, refundingFen, refundedFen, returnedFen },
    refund: orNull(z.strictObject({ refundNo: z.string(), state: z.enum(REFUND_STATES) }).openapi('SnapshotRefund')),
    event: orNull(z.strictObject({ id: z.string(), status: z.enum(EVENT_STATUSES) }).openapi('SnapshotEvent')),
  })
  .openapi('OrderSnapshot', { description: 'The order as it stood, and the refund or event that was about.' });

const timelineEntrySchema = z
  .strictObject({
    at: z.iso.datetime().openapi({
      description:
        "When PaySaga knew it, by Postgres's clock; a call when it was answered. Never before the entry above.",
    }),
    wechatAt: z.iso.datetime().nullable().openapi({ description: "When it happened, by WeChat Pay's clock." }),
    source: z.enum(TIMELINE_SOURCES).openapi({ description: 'Who says that it happened.' }),
    kind: z.string().openapi({ example: 'call.query' }),
    subject: z.string().openapi({ description: 'The number or id it is about.' }),
    outcome: z.string().nullable().openapi({ description: 'What came of it, in a word.' }),
    amountFen: z.int().nullable(),
    by: z.string().nullable().openapi({ description: 'Who asked: the name and the id of the key.' }),
    reason: z
      .string()
      .nullable()
      .openapi({ description: 'Why it was asked for, or what WeChat Pay said when it refused.' }),
    before: orNull(snapshotSchema).openapi({ description: 'Of what a person asked: the order at that moment.' }),
    after: orNull(snapshotSchema).openapi({ description: 'And when it was answered; null until then.' }),
    detail: z
      .string()
      .nullable()
      .openapi({ description: 'What was decided or answered beside it; of a refusal its code and parameter.' }),
    gateway: orNull(gatewaySchema),
    durationMs: z.int().nullable().openapi({ description: 'Of a call or a delivery.' }),
    count: z.int().nullable().openapi({ description: 'How often a notify came; how many calls are left out.' }),
  })
  .openapi('TimelineEntry');

function timelineEntryView({ at, wechatAt, ...entry }: TimelineEntry): z.infer<typeof timelineEntrySchema> {
  return { at: at.toISOString(), wechatAt: wechatAt?.toISOString() ?? null, ...entry };
}

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
  request: orderRequest,
  responses: {
    200: answer('The timeline.', timelineSchema),
    ...problems('order_not_found'),
  },
});

export const registerGetTimeline: Route = (app, deps) => {
  app.openapi(route, async (c) => {
    requireOperator(c.get('actor'));
    const { mchid, orderNo } = await requireOrder(deps.connection, orderRefOf(c));
    const entries = await loadTimeline(deps.connection.db, { mchid, orderNo });
    return c.json({ items: entries.map(timelineEntryView) }, 200);
  });
};
