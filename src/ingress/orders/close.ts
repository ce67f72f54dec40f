import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { OrderRecord } from '../../domain/order/record.js';
import { ApiError } from '../api-error.js';
import { actorLabel } from '../auth/actor.js';
import { operatorDeps, type IngressDeps } from '../deps.js';
import type { IngressEnv } from '../env.js';
import { problems } from '../problems.js';
import { recordedAction } from '../../temporal/operator/recorded-action.js';
import { mchidQuery, orderContent, orderParams, requireOrder, viewOf } from './order-call.js';

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/close',
  operationId: 'closeOrder',
  tags: ['Orders'],
  summary: 'Close an order nobody should pay any more',
  description: 'Asks WeChat Pay, closes, and asks again. A payment that arrives meanwhile wins.',
  security: [{ apiKey: [] }],
  request: { params: orderParams, query: mchidQuery },
  responses: {
    200: orderContent('Closed.'),
    202: orderContent('Recorded and going on; not confirmed closed within 8 s.'),
    ...problems('order_not_found', 'order_paid', 'order_not_payable'),
  },
});

export function registerCloseOrder(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const order = await requireOrder(deps, c.get('mchid'), c.req.valid('param').orderNo);
    requireClosable(order);
    if (order.state === 'closed') return c.json(viewOf(deps, order), 200);
    const outcome = await askToClose(deps, order, actorLabel(c.get('actor')));
    const after = await requireOrder(deps, order.mchid, order.orderNo);
    requireClosable(after);
    return outcome === 'pending' && after.state !== 'closed'
      ? c.json(viewOf(deps, after), 202)
      : c.json(viewOf(deps, after), 200);
  });
}

/** The row that records the request names it: a repeat joins the one under way. */
function askToClose(deps: IngressDeps, { mchid, orderNo }: OrderRecord, actor: string) {
  const asked = { mchid, orderNo, action: 'close', parameters: {}, reason: null, actor } as const;
  return recordedAction(operatorDeps(deps), asked, (requestId) => deps.orders.close({ mchid, orderNo, requestId }));
}

function requireClosable(order: OrderRecord): void {
  if (order.state === 'paid') throw new ApiError('order_paid', 'The order is paid.');
  if (order.state === 'review') throw new ApiError('order_not_payable', 'The order is in review: a person decides.');
}
