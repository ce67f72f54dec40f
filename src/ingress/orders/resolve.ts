import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { OrderRecord } from '../../domain/order/record.js';
import { RESOLVE_ACTIONS, type ResolveAction, type ResolveOutcome } from '../../domain/order/states.js';
import { ApiError } from '../../http/kit/api-error.js';
import { operatorDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { problems } from '../../http/kit/problem.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { carriedOut, recordedAction, type Asker } from '../../temporal/operator/recorded-action.js';
import { orderContent, orderParams, requireOrder, viewOf, type OrderCall } from './order-call.js';
import { reasonSchema, mchidQuery } from '../../http/kit/fields.js';

const resolveSchema = z.strictObject({ action: z.enum(RESOLVE_ACTIONS), reason: reasonSchema }).openapi('ResolveOrder');

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/resolve',
  operationId: 'resolveOrder',
  tags: ['Operators'],
  summary: 'Decide what only a person may decide',
  description:
    'For an order in `review`, or one that is stuck on money. WeChat Pay is asked about all of it first. `accept` takes the money that is there, whatever its amount; `return` gives back what is left of it; `close` ends an order without money. Of a trade in REFUND that no known refund explains, WeChat Pay says no sum: enter the refund first (`external-refunds`), until then only `close` applies, and the order ends `cancelled`.',
  security: [{ apiKey: [] }],
  request: {
    params: orderParams,
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: resolveSchema } } },
  },
  responses: {
    200: orderContent('Decided.'),
    ...problems(
      'order_not_found',
      'resolve_unconfirmed',
      'resolve_not_applicable',
      'money_held',
      'money_not_ours',
      'outcome_pending',
    ),
  },
});

export function registerResolveOrder(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const { action, reason } = c.req.valid('json');
    const ref = { mchid: c.get('mchid'), orderNo: c.req.valid('param').orderNo };
    return c.json(viewOf(deps, await resolveOrder(deps, ref, action, operatorAsker(c.get('actor'), reason))), 200);
  });
}

/**
 * The order after a decision that WeChat Pay's answers of this moment bear out. Throws `order_not_found`, `resolve_unconfirmed`,
 * `resolve_not_applicable`, `money_held`, `outcome_pending`.
 */
export async function resolveOrder(
  deps: IngressDeps,
  ref: OrderCall,
  action: ResolveAction,
  asker: Asker,
): Promise<OrderRecord> {
  const { mchid, orderNo } = await requireOrder(deps, ref.mchid, ref.orderNo);
  const asked = { mchid, orderNo, action: 'resolve', parameters: { action }, ...asker } as const;
  const outcome = await recordedAction(operatorDeps(deps), asked, async (requestId, isRepeat) =>
    carriedOut(await deps.orders.resolve({ mchid, orderNo, requestId, action }), isRepeat),
  );
  requireResolved(outcome);
  return requireOrder(deps, mchid, orderNo);
}

function requireResolved(outcome: ResolveOutcome | 'pending'): void {
  switch (outcome) {
    case 'resolved':
      return;
    case 'unconfirmed':
      throw new ApiError('resolve_unconfirmed', 'WeChat Pay did not confirm the money when it was asked.');
    case 'not_applicable':
      throw new ApiError('resolve_not_applicable', 'There is nothing to decide in this way.');
    case 'money_held':
      throw new ApiError('money_held', 'The order holds money that this would leave behind.');
    case 'not_ours':
      throw new ApiError(
        'money_not_ours',
        'Somebody paid under this number before PaySaga used it; only close applies.',
      );
    case 'pending':
      throw new ApiError('outcome_pending', 'Recorded, not confirmed yet; repeat the call.');
    default:
      outcome satisfies never;
  }
}
