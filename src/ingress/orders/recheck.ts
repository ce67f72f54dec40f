import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { finishOperatorAction, openOperatorAction } from '../../db/operator-action.js';
import { actorLabel } from '../auth/actor.js';
import { requireOperator } from '../auth/authenticate.js';
import type { IngressDeps } from '../deps.js';
import type { IngressEnv } from '../env.js';
import { problems } from '../problems.js';
import { reasonSchema } from '../reason.js';
import { mchidQuery, orderContent, orderParams, requireOrder, viewOf } from './order-call.js';

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/recheck',
  operationId: 'recheckOrder',
  tags: ['Operators'],
  summary: 'Ask WeChat Pay about everything that is not settled',
  description:
    'Starts the order again if its workflow has ended. The answer is the order as it stands; what WeChat Pay says shows as changes.',
  security: [{ apiKey: [] }],
  request: {
    params: orderParams,
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: z.strictObject({ reason: reasonSchema }) } } },
  },
  responses: { 200: orderContent('Asked.'), ...problems('order_not_found') },
});

export function registerRecheckOrder(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  const { db } = deps.connection;
  app.openapi(route, async (c) => {
    const actor = actorLabel(requireOperator(c.get('actor')));
    const { reason } = c.req.valid('json');
    const { mchid, orderNo } = await requireOrder(deps, c.get('mchid'), c.req.valid('param').orderNo);
    const action = { mchid, orderNo, action: 'recheck', parameters: {}, reason, actor, at: deps.now() } as const;
    const { id } = await openOperatorAction(db, action);
    await deps.orders.recheck({ mchid, orderNo });
    await finishOperatorAction(db, id, 'asked', deps.now());
    return c.json(viewOf(deps, await requireOrder(deps, mchid, orderNo)), 200);
  });
}
