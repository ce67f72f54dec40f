import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { RESOLVE_ACTIONS } from '../rules/states.js';
import { moveDeadline } from '../use-cases/deadline.js';
import { recheckOrder } from '../use-cases/recheck.js';
import { rescueOrder } from '../use-cases/rescue.js';
import { resolveOrder } from '../use-cases/resolve.js';
import { useCaseDeps, type IngressDeps } from '../../http/kit/route.js';
import type { IngressEnv } from '../../http/kit/route.js';
import type { ErrorCode } from '../../http/kit/api-error.js';
import { instantSchema } from '../../http/kit/fields.js';
import { problems } from '../../http/kit/problem.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { reasonOnly, reasonSchema } from '../../http/kit/fields.js';
import { mchidQuery, orderContent, orderParams, viewOf } from './order-call.js';

/** What operators decide about an order; each answers the order as it stands then. */
export function registerOperatorCalls(app: OpenAPIHono<IngressEnv>, given: IngressDeps): void {
  const deps = useCaseDeps(given);
  app.openapi(recheck, async (c) => {
    const asker = operatorAsker(c.get('actor'), c.req.valid('json').reason);
    const ref = { mchid: c.get('mchid'), orderNo: c.req.valid('param').orderNo };
    return c.json(viewOf(given, await recheckOrder(deps, ref, asker)), 200);
  });
  app.openapi(extend, async (c) => {
    const { until, reason } = c.req.valid('json');
    const ref = { mchid: c.get('mchid'), orderNo: c.req.valid('param').orderNo };
    const move = { action: 'extend', until: new Date(until) } as const;
    return c.json(viewOf(given, await moveDeadline(deps, ref, move, operatorAsker(c.get('actor'), reason))), 200);
  });
  app.openapi(resolve, async (c) => {
    const { action, reason } = c.req.valid('json');
    const ref = { mchid: c.get('mchid'), orderNo: c.req.valid('param').orderNo };
    return c.json(viewOf(given, await resolveOrder(deps, ref, action, operatorAsker(c.get('actor'), reason))), 200);
  });
  app.openapi(rescue, async (c) => {
    const asker = operatorAsker(c.get('actor'), c.req.valid('json').reason);
    const ref = { mchid: c.get('mchid'), orderNo: c.req.valid('param').orderNo };
    return c.json(viewOf(given, await rescueOrder(deps, ref, asker)), 200);
  });
}

type OperatorCall<Body> = {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly body: Body;
  readonly done: string;
  readonly refusals: readonly ErrorCode[];
};

const operatorRoute = <Name extends string, Body extends z.ZodType>(name: Name, call: OperatorCall<Body>) =>
  createRoute({
    method: 'post',
    path: `/v1/orders/{orderNo}/${name}`,
    operationId: call.operationId,
    tags: ['Operators'],
    summary: call.summary,
    description: call.description,
    security: [{ apiKey: [] }],
    request: {
      params: orderParams,
      query: mchidQuery,
      body: { required: true, content: { 'application/json': { schema: call.body } } },
    },
    responses: { 200: orderContent(call.done), ...problems('order_not_found', ...call.refusals) },
  });

const recheck = operatorRoute('recheck', {
  operationId: 'recheckOrder',
  summary: 'Ask WeChat Pay about everything that is not settled',
  description:
    'Starts the order again if its workflow has ended, and with it the refunds that are under way. The answer is the order as it stands; what WeChat Pay says shows as changes.',
  body: reasonOnly,
  done: 'Asked.',
  refusals: ['outcome_pending'],
});

const extend = operatorRoute('extend', {
  operationId: 'extendOrder',
  summary: "Move the order's deadline",
  description:
    "Until at most 7 days after creation. Moves PaySaga's deadline, not WeChat Pay's `time_expire` of a code that was handed out.",
  body: z.strictObject({ until: instantSchema, reason: reasonSchema }).openapi('ExtendOrder'),
  done: 'Moved.',
  refusals: ['order_closed', 'order_not_payable', 'outcome_pending'],
});

const resolve = operatorRoute('resolve', {
  operationId: 'resolveOrder',
  summary: 'Decide what only a person may decide',
  description:
    'For an order in `review`, or one that is stuck on money. WeChat Pay is asked about all of it first. `accept` takes the money that is there, whatever its amount; `return` gives back what is left of it; `close` ends an order without money. Of a trade in REFUND that no known refund explains, WeChat Pay says no sum: enter the refund first (`external-refunds`), until then only `close` applies, and the order ends `cancelled`.',
  body: z.strictObject({ action: z.enum(RESOLVE_ACTIONS), reason: reasonSchema }).openapi('ResolveOrder'),
  done: 'Decided.',
  refusals: ['resolve_unconfirmed', 'resolve_not_applicable', 'money_held', 'money_not_ours', 'outcome_pending'],
});

const rescue = operatorRoute('rescue', {
  operationId: 'rescueOrder',
  summary: 'Let an order go on whose workflow cannot',
  description:
    'Ends the run that fails its task or that no worker takes, and starts the order again from its rows; with it its refunds that stand still. Nothing that is known or was asked for is lost.',
  body: reasonOnly,
  done: 'It goes on.',
  refusals: ['not_stalled', 'outcome_pending'],
});
