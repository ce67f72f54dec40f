import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { refundAnswer } from '../../domain/order/view.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { mchidQuery } from '../../http/kit/fields.js';
import { problems } from '../../http/kit/problem.js';
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
