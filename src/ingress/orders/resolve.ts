import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { RESOLVE_ACTIONS, type ResolveOutcome } from '../../domain/order/states.js';
import { ApiError } from '../api-error.js';
import { actorLabel } from '../auth/actor.js';
import { requireOperator } from '../auth/authenticate.js';
import { operatorDeps, type IngressDeps } from '../deps.js';
import type { IngressEnv } from '../env.js';
import { problems } from '../problems.js';
import { reasonSchema } from '../reason.js';
import { carriedOut, recordedAction } from '../../temporal/operator/recorded-action.js';
import { mchidQuery, orderContent, orderParams, requireOrder, viewOf } from './order-call.js';

const resolveSchema = z.strictObject({ action: z.enum(RESOLVE_ACTIONS), reason: reasonSchema }).openapi('ResolveOrder');

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/resolve',
  operationId: 'resolveOrder',
  tags: ['Operators'],
  summary: 'Decide what only a person may decide',
  description:
    'For an order in `review`, or one that is stuck on money. WeChat Pay is asked about all of it first. `accept` takes the money that is there, whatever its amount; `return` gives it back; `close` ends an order without money.',
  security: [{ apiKey: [] }],
  request: {
    params: orderParams,
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: resolveSchema } } },
  },
  responses: {
    200: orderContent('Decided.'),
    ...problems('order_not_found', 'resolve_unconfirmed', 'resolve_not_applicable', 'money_held', 'outcome_pending'),
  },
});

export function registerResolveOrder(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const actor = actorLabel(requireOperator(c.get('actor')));
    const { action, reason } = c.req.valid('json');
    const { mchid, orderNo } = await requireOrder(deps, c.get('mchid'), c.req.valid('param').orderNo);
    const asked = { mchid, orderNo, action: 'resolve', parameters: { action }, reason, actor } as const;
    const outcome = await recordedAction(operatorDeps(deps), asked, async (requestId, isRepeat) =>
      carriedOut(await deps.orders.resolve({ mchid, orderNo, requestId, action }), isRepeat),
    );
    requireResolved(outcome);
    return c.json(viewOf(deps, await requireOrder(deps, mchid, orderNo)), 200);
  });
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
    case 'pending':
      throw new ApiError('outcome_pending', 'Recorded, not confirmed yet; repeat the call.');
    default:
      outcome satisfies never;
  }
}
