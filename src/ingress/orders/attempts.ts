import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { ApiError } from '../../http/kit/api-error.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { problems } from '../../http/kit/problem.js';
import { openAttemptSchema } from './attempt-schema.js';
import { appidFor } from './new-order.js';
import { openAttempt } from './open-attempt.js';
import { orderContent, orderParams, requireOrder, viewOf } from './order-call.js';
import { mchidQuery } from '../../http/kit/fields.js';
import { payerParameters } from './payer-schema.js';

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/attempts',
  operationId: 'openAttempt',
  tags: ['Orders'],
  summary: 'Let the payer pay in another way, or with a fresh code',
  description:
    'Parameters equal to the open attempt re-enter it: the same outTradeNo, with a fresh code if the old one has less than 60 s left. Others close the open attempt first, and open a new number only when it is confirmed closed.',
  security: [{ apiKey: [] }],
  request: {
    params: orderParams,
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: openAttemptSchema } } },
  },
  responses: {
    200: orderContent('The attempt is open already, or has a fresh code.'),
    201: orderContent('A new attempt is open.'),
    202: orderContent('Recorded; somebody must repair something first, see `stuckReason`.'),
    ...problems(
      'order_not_found',
      'order_closed',
      'order_not_payable',
      'order_expiring',
      'order_conflict',
      'too_many_attempts',
      'prepay_refused',
      'close_pending',
      'outcome_pending',
    ),
  },
});

export function registerOpenAttempt(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const { attemptKey, ...body } = c.req.valid('json');
    const mchid = c.get('mchid');
    const order = await requireOrder(deps, mchid, c.req.valid('param').orderNo);
    const merchant = deps.merchants.of(mchid);
    if (merchant === undefined) throw new ApiError('invalid_request', 'this merchant is not configured here');
    const appid = appidFor(merchant, body.product, body.appid);
    if (!appid.ok) throw new ApiError('invalid_request', appid.error);
    const parameters = payerParameters(body, appid.value);
    const { status, order: answered } = await openAttempt(deps, order, { parameters, attemptKey: attemptKey ?? null });
    return c.json(viewOf(deps, answered), status);
  });
}
