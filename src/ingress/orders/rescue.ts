import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { OrderRecord } from '../../domain/order/record.js';
import { rescueOrder } from '../../temporal/operator/rescue.js';
import type { Asker } from '../../temporal/operator/recorded-action.js';
import { ApiError } from '../../http/kit/api-error.js';
import { operatorDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { problems } from '../../http/kit/problem.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { orderContent, orderParams, requireOrder, viewOf, type OrderCall } from './order-call.js';
import { reasonBody, mchidQuery } from '../../http/kit/fields.js';

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/rescue',
  operationId: 'rescueOrder',
  tags: ['Operators'],
  summary: 'Let an order go on whose workflow cannot',
  description:
    'Ends the run that fails its task or that no worker takes, and starts the order again from its rows; with it its refunds that stand still. Nothing that is known or was asked for is lost.',
  security: [{ apiKey: [] }],
  request: { params: orderParams, query: mchidQuery, body: reasonBody },
  responses: { 200: orderContent('It goes on.'), ...problems('order_not_found', 'not_stalled', 'outcome_pending') },
});

export function registerRescueOrder(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const asker = operatorAsker(c.get('actor'), c.req.valid('json').reason);
    const ref = { mchid: c.get('mchid'), orderNo: c.req.valid('param').orderNo };
    return c.json(viewOf(deps, await rescued(deps, ref, asker)), 200);
  });
}

/** The order as it stands once it was started again. Throws `order_not_found`, `not_stalled`. */
export async function rescued(deps: IngressDeps, { mchid, orderNo }: OrderCall, asker: Asker): Promise<OrderRecord> {
  const outcome = await rescueOrder(operatorDeps(deps), await requireOrder(deps, mchid, orderNo), asker);
  if (outcome === 'not_stalled') throw new ApiError('not_stalled', "The order's workflow goes on by itself.");
  return requireOrder(deps, mchid, orderNo);
}
