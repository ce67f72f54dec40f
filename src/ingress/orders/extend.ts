import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { OrderRecord } from '../../domain/order/record.js';
import { ApiError } from '../api-error.js';
import { actorLabel } from '../auth/actor.js';
import { requireOperator } from '../auth/authenticate.js';
import type { IngressDeps } from '../deps.js';
import type { IngressEnv } from '../env.js';
import { problems } from '../problems.js';
import { reasonSchema } from '../reason.js';
import { recordedAction } from '../recorded-action.js';
import { mchidQuery, orderContent, orderParams, requireOrder, requirePayable, viewOf } from './order-call.js';

const MAX_LIFE_MS = 7 * 24 * 3_600_000;

const extendSchema = z
  .strictObject({ until: z.iso.datetime({ offset: true }), reason: reasonSchema })
  .openapi('ExtendOrder');

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/extend',
  operationId: 'extendOrder',
  tags: ['Operators'],
  summary: "Move the order's deadline",
  description:
    "Until at most 7 days after creation. Moves PaySaga's deadline, not WeChat Pay's `time_expire` of a code that was handed out.",
  security: [{ apiKey: [] }],
  request: {
    params: orderParams,
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: extendSchema } } },
  },
  responses: {
    200: orderContent('Moved.'),
    ...problems('order_not_found', 'order_closed', 'order_not_payable', 'outcome_pending'),
  },
});

export function registerExtendOrder(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const actor = actorLabel(requireOperator(c.get('actor')));
    const { until, reason } = c.req.valid('json');
    const order = await requireOrder(deps, c.get('mchid'), c.req.valid('param').orderNo);
    requirePayable(order);
    const outcome = await extend(deps, order, { until: requireInRange(deps, order, until), reason, actor });
    const after = await requireOrder(deps, order.mchid, order.orderNo);
    if (outcome === 'pending') throw new ApiError('outcome_pending', 'Recorded, not confirmed yet; repeat the call.');
    if (outcome === 'not_open') {
      requirePayable(after);
      throw new ApiError('order_not_payable', 'The order can no longer be extended.');
    }
    return c.json(viewOf(deps, after), 200);
  });
}

function requireInRange(deps: IngressDeps, order: OrderRecord, text: string): Date {
  const until = new Date(text);
  if (until.getTime() <= deps.now().getTime()) throw new ApiError('invalid_request', 'until: must be in the future');
  if (until.getTime() > order.createdAt.getTime() + MAX_LIFE_MS) {
    throw new ApiError('invalid_request', 'until: must be within 7 days of creation');
  }
  return until;
}

function extend(
  deps: IngressDeps,
  { mchid, orderNo }: OrderRecord,
  { until, ...who }: { readonly until: Date; readonly reason: string; readonly actor: string },
) {
  const asked = { mchid, orderNo, action: 'extend', parameters: { until: until.toISOString() }, ...who } as const;
  return recordedAction(deps, asked, (requestId) => deps.orders.extendDeadline({ mchid, orderNo, requestId, until }));
}
