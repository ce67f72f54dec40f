import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { finishAnswered } from '../../actions/store/unfinished.js';
import type { DeadlineMove } from '../../domain/order/deadline.js';
import type { OrderRecord } from '../../domain/order/record.js';
import { ApiError } from '../../http/kit/api-error.js';
import { operatorDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { problems } from '../../http/kit/problem.js';
import { moveDeadline } from '../../temporal/operator/deadline.js';
import type { Asker } from '../../temporal/operator/recorded-action.js';
import { orderContent, orderParams, requireOrder, requirePayable, viewOf, type OrderCall } from './order-call.js';
import { instantSchema, reasonSchema, mchidQuery } from '../../http/kit/fields.js';

const extendSchema = z.strictObject({ until: instantSchema, reason: reasonSchema }).openapi('ExtendOrder');

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
    const { until, reason } = c.req.valid('json');
    const ref = { mchid: c.get('mchid'), orderNo: c.req.valid('param').orderNo };
    const move = { action: 'extend', until: new Date(until) } as const;
    return c.json(viewOf(deps, await moveOrderDeadline(deps, ref, move, operatorAsker(c.get('actor'), reason))), 200);
  });
}

/**
 * The order with its new deadline. Throws `order_not_found`, `order_closed`, `order_not_payable`, `outcome_pending`, and
 * `invalid_request` for a time out of range.
 */
export async function moveOrderDeadline(
  deps: IngressDeps,
  { mchid, orderNo }: OrderCall,
  move: DeadlineMove,
  asker: Asker,
): Promise<OrderRecord> {
  const order = await requireOrder(deps, mchid, orderNo);
  await finishAnswered(deps.connection.db, order, deps.now());
  requirePayable(order);
  const outcome = await moveDeadline(operatorDeps(deps), order, move, asker);
  const after = await requireOrder(deps, mchid, orderNo);
  switch (outcome) {
    case 'extended':
      return after;
    case 'out_of_range':
      throw new ApiError('invalid_request', 'until: must be in the future and within 7 days of creation');
    case 'pending':
      throw new ApiError('outcome_pending', 'Recorded, not confirmed yet; repeat the call.');
    case 'not_open':
      requirePayable(after);
      throw new ApiError('order_not_payable', 'The order can no longer be extended.');
    default:
      return outcome satisfies never;
  }
}
