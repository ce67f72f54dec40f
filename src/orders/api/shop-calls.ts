import { createRoute, z } from '@hono/zod-openapi';
import { closeOrder } from '../use-cases/close.js';
import { reportFulfilment } from '../use-cases/fulfilment.js';
import { syncOrder } from '../use-cases/sync.js';
import { actorLabel } from '../../http/kit/actor.js';
import { problems } from '../../http/kit/problem.js';
import { bodyOf } from '../../http/kit/call.js';
import { reasonSchema } from '../../http/kit/fields.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';
import { orderRequest, orderRefOf, orderContent } from './order-call.js';
import { viewOf } from './order-view.js';

export const registerShopCalls: Route = (app, given) => {
  const deps = useCaseDeps(given);
  app.openapi(sync, async (c) => {
    const order = await syncOrder(deps, orderRefOf(c));
    return c.json(viewOf(given, order), 200);
  });
  app.openapi(close, async (c) => {
    const { reason = null } = c.req.valid('json');
    const ref = orderRefOf(c);
    const { order, pending } = await closeOrder(deps, ref, { actor: actorLabel(c.get('actor')), reason });
    return pending ? c.json(viewOf(given, order), 202) : c.json(viewOf(given, order), 200);
  });
  app.openapi(fulfilment, async (c) => {
    const { outcome, reason = null } = c.req.valid('json');
    const ref = orderRefOf(c);
    const order = await reportFulfilment(deps, ref, outcome, { actor: actorLabel(c.get('actor')), reason });
    return c.json(viewOf(given, order), 200);
  });
};

const sync = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/sync',
  operationId: 'syncOrder',
  tags: ['Orders'],
  summary: 'The payer came back: ask WeChat Pay now',
  description: 'At most one query per 5 s and order, else the last answer.',
  security: [{ apiKey: [] }],
  request: orderRequest,
  responses: { 200: orderContent('The order after the answer.'), ...problems('order_not_found', 'outcome_pending') },
});

const closeSchema = z.strictObject({ reason: reasonSchema.optional() }).openapi('CloseOrder');

const close = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/close',
  operationId: 'closeOrder',
  tags: ['Orders'],
  summary: 'Close an order nobody should pay any more',
  description: 'Asks WeChat Pay, closes, and asks again. A payment that arrives meanwhile wins.',
  security: [{ apiKey: [] }],
  request: { ...orderRequest, body: bodyOf(closeSchema, false) },
  responses: {
    200: orderContent('Closed.'),
    202: orderContent('Recorded and going on; not confirmed closed within 8 s.'),
    ...problems('order_not_found', 'order_paid', 'order_not_payable'),
  },
});

const fulfilmentSchema = z
  .strictObject({ outcome: z.enum(['fulfilled', 'rejected']), reason: reasonSchema.optional() })
  .openapi('ReportFulfilment');

const fulfilment = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/fulfilment',
  operationId: 'reportFulfilment',
  tags: ['Orders'],
  summary: 'Say whether the goods of a paid order are delivered',
  description:
    'For an order whose policy requires it. `rejected` gives back what was paid and is not back yet. What is said first stands.',
  security: [{ apiKey: [] }],
  request: { ...orderRequest, body: bodyOf(fulfilmentSchema) },
  responses: {
    200: orderContent('Recorded, or said before.'),
    ...problems('order_not_found', 'order_not_paid', 'fulfilment_not_expected', 'fulfilment_final', 'outcome_pending'),
  },
});
