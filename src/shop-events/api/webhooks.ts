import { z } from '@hono/zod-openapi';
import type { Route } from '../../http/kit/route.js';
import { documentWebhook, webhookSchema } from '../../http/kit/webhook.js';
import { attemptSchema, orderSchema } from '../../orders/api/order-schema.js';
import { refundSchema } from '../../refunds/api/refund-call.js';

const { codeUrl: _code, prepayId: _prepay, h5Url: _h5, invoke: _invoke, ...factsOfAttempt } = attemptSchema.shape;
const { checkoutUrl: _checkout, attempts: _attempts, ...factsOfOrder } = orderSchema.shape;

const order = z
  .strictObject({ ...factsOfOrder, attempts: z.array(z.strictObject(factsOfAttempt).openapi('AttemptTold')) })
  .openapi('OrderTold', { description: 'The order as it was at the event, without what lets anybody pay.' });

const ofOrder = z.strictObject({ order }).openapi('OrderEventData');
const ofRefund = z.strictObject({ order, refund: refundSchema }).openapi('RefundEventData');
const ofPaid = z
  .strictObject({
    order,
    late: z
      .literal(true)
      .optional()
      .openapi({ description: 'The shop was told before that the order is closed; the money was accepted.' }),
  })
  .openapi('OrderPaidEventData');

/** What the shop is told of orders and their refunds. */
export const orderEventSchemas = [
  webhookSchema('OrderPaidEvent', 'order.paid', ofPaid),
  webhookSchema('OrderClosedEvent', 'order.closed', ofOrder),
  webhookSchema('OrderReviewEvent', 'order.review', ofOrder),
  webhookSchema('OrderCompensatingEvent', 'order.compensating', ofOrder),
  webhookSchema('RefundSucceededEvent', 'refund.succeeded', ofRefund),
  webhookSchema('RefundRejectedEvent', 'refund.rejected', ofRefund),
  webhookSchema('RefundClosedEvent', 'refund.closed', ofRefund),
  webhookSchema('RefundAbnormalEvent', 'refund.abnormal', ofRefund),
] as const;

type OrderEventType = (typeof orderEventSchemas)[number]['shape']['type']['value'];

const WHEN: Readonly<Record<OrderEventType, string>> = {
  'order.paid': 'The order is paid',
  'order.closed': 'The order is closed',
  'order.review': 'A person has to decide about the order',
  'order.compensating': 'The goods do not come: the money of the order goes back',
  'refund.succeeded': 'The money is back',
  'refund.rejected': 'WeChat Pay refused the refund',
  'refund.closed': 'WeChat Pay closed the refund',
  'refund.abnormal': 'The refund waits for an operator',
};

export const registerOrderWebhooks: Route = (app, deps) => {
  for (const schema of orderEventSchemas) documentWebhook(schema, WHEN[schema.shape.type.value])(app, deps);
};
