import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { OrderRecord } from '../../domain/order/record.js';
import { operatorDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { problems } from '../../http/kit/problem.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { recheckOrder } from '../../temporal/operator/recheck.js';
import type { Asker } from '../../temporal/operator/recorded-action.js';
import { orderContent, orderParams, requireOrder, viewOf, type OrderCall } from './order-call.js';
import { reasonBody, mchidQuery } from '../../http/kit/fields.js';

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/recheck',
  operationId: 'recheckOrder',
  tags: ['Operators'],
  summary: 'Ask WeChat Pay about everything that is not settled',
  description:
    'Starts the order again if its workflow has ended, and with it the refunds that are under way. The answer is the order as it stands; what WeChat Pay says shows as changes.',
  security: [{ apiKey: [] }],
  request: {
    params: orderParams,
    query: mchidQuery,
    body: reasonBody,
  },
  responses: { 200: orderContent('Asked.'), ...problems('order_not_found', 'outcome_pending') },
});

export function registerRecheckOrder(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const asker = operatorAsker(c.get('actor'), c.req.valid('json').reason);
    const ref = { mchid: c.get('mchid'), orderNo: c.req.valid('param').orderNo };
    return c.json(viewOf(deps, await recheck(deps, ref, asker)), 200);
  });
}

/** The order as it stands after WeChat Pay was asked to be asked. Throws `order_not_found`. */
export async function recheck(deps: IngressDeps, { mchid, orderNo }: OrderCall, asker: Asker): Promise<OrderRecord> {
  await recheckOrder(operatorDeps(deps), await requireOrder(deps, mchid, orderNo), asker);
  return requireOrder(deps, mchid, orderNo);
}
