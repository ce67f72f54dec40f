import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { lastGatewayCall } from '../../orders/store/gateway-call.js';
import { isNews, isTradeAnswer } from '../../domain/gateway-answer.js';
import { isWaiting } from '../../domain/order/states.js';
import type { OrderRecord } from '../../domain/order/record.js';
import { ApiError } from '../../http/kit/api-error.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { problems } from '../../http/kit/problem.js';
import { orderContent, orderParams, requireOrder, viewOf } from './order-call.js';
import { mchidQuery } from '../../http/kit/fields.js';

/** At most one answered query per order in this time; asked sooner, the last answer stands. */
const SYNC_INTERVAL_MS = 5_000;

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/sync',
  operationId: 'syncOrder',
  tags: ['Orders'],
  summary: 'The payer came back: ask WeChat Pay now',
  description: 'At most one query per 5 s and order, else the last answer.',
  security: [{ apiKey: [] }],
  request: { params: orderParams, query: mchidQuery },
  responses: { 200: orderContent('The order after the answer.'), ...problems('order_not_found', 'outcome_pending') },
});

export function registerSyncOrder(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const order = await requireOrder(deps, c.get('mchid'), c.req.valid('param').orderNo);
    if (!(await needsQuery(deps, order))) return c.json(viewOf(deps, order), 200);
    const outcome = await deps.orders.sync({ mchid: order.mchid, orderNo: order.orderNo });
    if (outcome === 'pending') throw new ApiError('outcome_pending', 'There is no answer yet; repeat the call.');
    return c.json(viewOf(deps, await requireOrder(deps, order.mchid, order.orderNo)), 200);
  });
}

async function needsQuery(deps: IngressDeps, order: OrderRecord): Promise<boolean> {
  if (order.state === 'paid') return false;
  const last = await lastGatewayCall(deps.connection.db, order);
  if (last?.api !== 'query' || !isTradeAnswer(last.outcome)) return true;
  // Its workflow is still to write what it heard.
  if (isNews(last.outcome) && isWaiting(order.state)) return true;
  return deps.now().getTime() - last.at.getTime() >= SYNC_INTERVAL_MS;
}
