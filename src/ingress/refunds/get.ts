import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { refundAnswer } from '../../domain/order/view.js';
import type { IngressDeps } from '../deps.js';
import type { IngressEnv } from '../env.js';
import { mchidQuery } from '../orders/order-call.js';
import { problems } from '../problems.js';
import { refundContent, refundParams, requireRefund } from './refund-call.js';

const route = createRoute({
  method: 'get',
  path: '/v1/refunds/{refundNo}',
  operationId: 'getRefund',
  tags: ['Refunds'],
  summary: "One refund, the shop's or PaySaga's own",
  security: [{ apiKey: [] }],
  request: { params: refundParams, query: mchidQuery },
  responses: { 200: refundContent('The refund.'), ...problems('refund_not_found') },
});

export function registerGetRefund(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const refund = await requireRefund(deps, c.get('mchid'), c.req.valid('param').refundNo);
    return c.json(refundAnswer(refund), 200);
  });
}
