import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { finishAnswered } from '../../actions/store/unfinished.js';
import type { OrderRecord } from '../../domain/order/record.js';
import { ApiError } from '../../http/kit/api-error.js';
import { actorLabel } from '../../http/kit/actor.js';
import { operatorDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { problems } from '../../http/kit/problem.js';
import { unlessAway } from '../../http/kit/outage.js';
import { recordedAction, type Asker } from '../../temporal/operator/recorded-action.js';
import { orderContent, orderParams, requireOrder, viewOf, type OrderCall } from './order-call.js';
import { reasonSchema, mchidQuery } from '../../http/kit/fields.js';

const closeSchema = z.strictObject({ reason: reasonSchema.optional() }).openapi('CloseOrder');

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/close',
  operationId: 'closeOrder',
  tags: ['Orders'],
  summary: 'Close an order nobody should pay any more',
  description: 'Asks WeChat Pay, closes, and asks again. A payment that arrives meanwhile wins.',
  security: [{ apiKey: [] }],
  request: {
    params: orderParams,
    query: mchidQuery,
    body: { required: false, content: { 'application/json': { schema: closeSchema } } },
  },
  responses: {
    200: orderContent('Closed.'),
    202: orderContent('Recorded and going on; not confirmed closed within 8 s.'),
    ...problems('order_not_found', 'order_paid', 'order_not_payable'),
  },
});

export function registerCloseOrder(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const { reason = null } = c.req.valid('json');
    const ref = { mchid: c.get('mchid'), orderNo: c.req.valid('param').orderNo };
    const { order, pending } = await closeOrder(deps, ref, { actor: actorLabel(c.get('actor')), reason });
    return pending ? c.json(viewOf(deps, order), 202) : c.json(viewOf(deps, order), 200);
  });
}

/**
 * Closes an order nobody should pay any more; `pending`: asked, and not confirmed yet. A repeat joins the request under way.
 * Throws `order_not_found`, `order_paid`, `order_not_payable`.
 */
export async function closeOrder(
  deps: IngressDeps,
  ref: OrderCall,
  asker: Asker,
): Promise<{ order: OrderRecord; pending: boolean }> {
  const order = await requireOrder(deps, ref.mchid, ref.orderNo);
  await finishAnswered(deps.connection.db, order, deps.now());
  requireClosable(order);
  if (order.state === 'closed') return { order, pending: false };
  const { mchid, orderNo } = order;
  const asked = { mchid, orderNo, action: 'close', parameters: {}, ...asker } as const;
  const outcome = await recordedAction(operatorDeps(deps), asked, (requestId) =>
    unlessAway(deps, { mchid, orderNo }, () => deps.orders.close({ mchid, orderNo, requestId })),
  );
  const after = await requireOrder(deps, mchid, orderNo);
  if (outcome === 'pending') await finishAnswered(deps.connection.db, after, deps.now());
  requireClosable(after);
  return { order: after, pending: outcome === 'pending' && after.state !== 'closed' };
}

function requireClosable(order: OrderRecord): void {
  if (order.state === 'paid') throw new ApiError('order_paid', 'The order is paid.');
  if (order.state === 'review') throw new ApiError('order_not_payable', 'The order is in review: a person decides.');
}
