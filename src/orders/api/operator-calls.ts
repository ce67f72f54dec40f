import { createRoute, z } from '@hono/zod-openapi';
import { RESOLVE_ACTIONS } from '../rules/states.js';
import { moveDeadline } from '../use-cases/deadline.js';
import { recheckOrder } from '../use-cases/recheck.js';
import { rescueOrder } from '../use-cases/rescue.js';
import { resolveOrder } from '../use-cases/resolve.js';
import { problems } from '../../http/kit/problem.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { bodyLike, bodyOf } from '../../http/kit/call.js';
import { instantSchema, reasonSchema, reasonOnly } from '../../http/kit/fields.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';
import { orderRefOf, orderContent, orderRequest, viewOf } from './order-call.js';

/** What operators decide about an order; each answers the order as it then stands. */
export const registerOperatorCalls: Route = (app, given) => {
  const deps = useCaseDeps(given);
  app.openapi(recheck, async (c) => {
    const asker = operatorAsker(c.get('actor'), c.req.valid('json').reason);
    const ref = orderRefOf(c);
    return c.json(viewOf(given, await recheckOrder(deps, ref, asker)), 200);
  });
  app.openapi(extend, async (c) => {
    const { until, reason } = c.req.valid('json');
    const ref = orderRefOf(c);
    const move = { action: 'extend', until: new Date(until) } as const;
    return c.json(viewOf(given, await moveDeadline(deps, ref, move, operatorAsker(c.get('actor'), reason))), 200);
  });
  app.openapi(resolve, async (c) => {
    const { action, reason } = c.req.valid('json');
    const ref = orderRefOf(c);
    return c.json(viewOf(given, await resolveOrder(deps, ref, action, operatorAsker(c.get('actor'), reason))), 200);
  });
  app.openapi(rescue, async (c) => {
    const asker = operatorAsker(c.get('actor'), c.req.valid('json').reason);
    const ref = orderRefOf(c);
    return c.json(viewOf(given, await rescueOrder(deps, ref, asker)), 200);
  });
};

const recheck = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/recheck',
  operationId: 'recheckOrder',
  tags: ['Operators'],
  summary: 'Ask WeChat Pay about everything that is not settled',
  description:
    'Starts the order again if its workflow has ended, and with it the refunds that are under way. The answer is the order as it stands; what WeChat Pay says shows as changes.',
  security: [{ apiKey: [] }],
  request: { ...orderRequest, body: bodyOf(reasonOnly) },
  responses: { 200: orderContent('Asked.'), ...problems('order_not_found', 'outcome_pending') },
});

const extendSchema = z.strictObject({ until: instantSchema, reason: reasonSchema }).openapi('ExtendOrder');

const EXTEND_EXAMPLES = {
  tomorrow: { value: { until: '2026-03-02T18:00:00+08:00', reason: 'The bank is slow' } },
} as const;

const extend = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/extend',
  operationId: 'extendOrder',
  tags: ['Operators'],
  summary: "Move the order's deadline",
  description:
    "Until at most 7 days after creation. Moves PaySaga's deadline, not WeChat Pay's `time_expire` of a code that was handed out.",
  security: [{ apiKey: [] }],
  request: {
    ...orderRequest,
    body: bodyLike(extendSchema, EXTEND_EXAMPLES),
  },
  responses: {
    200: orderContent('Moved.'),
    ...problems('order_not_found', 'order_closed', 'order_not_payable', 'outcome_pending'),
  },
});

const resolveSchema = z.strictObject({ action: z.enum(RESOLVE_ACTIONS), reason: reasonSchema }).openapi('ResolveOrder');

const RESOLVE_EXAMPLES = {
  return: { value: { action: 'return', reason: 'Paid twice' } },
} as const;

const resolve = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/resolve',
  operationId: 'resolveOrder',
  tags: ['Operators'],
  summary: 'Decide what only a person may decide',
  description:
    'For an order in `review`, or one that is stuck on money. WeChat Pay is asked about all of it first. `accept` takes the money that is there, whatever its amount; `return` gives back what is left of it; `close` ends an order without money. Of a trade in REFUND that no known refund explains, WeChat Pay says no sum: enter the refund first (`external-refunds`), until then only `close` applies, and the order ends `cancelled`.',
  security: [{ apiKey: [] }],
  request: {
    ...orderRequest,
    body: bodyLike(resolveSchema, RESOLVE_EXAMPLES),
  },
  responses: {
    200: orderContent('Decided.'),
    ...problems(
      'order_not_found',
      'resolve_unconfirmed',
      'resolve_not_applicable',
      'money_held',
      'money_not_ours',
      'refund_above_limit',
      'outcome_pending',
    ),
  },
});

const rescue = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/rescue',
  operationId: 'rescueOrder',
  tags: ['Operators'],
  summary: 'Let an order go on whose workflow cannot',
  description:
    'Ends the run that fails its task or that no worker takes, and starts the order again from its rows; with it its refunds that stand still. Nothing that is known or was asked for is lost.',
  security: [{ apiKey: [] }],
  request: { ...orderRequest, body: bodyOf(reasonOnly) },
  responses: { 200: orderContent('It goes on.'), ...problems('order_not_found', 'not_stalled', 'outcome_pending') },
});
