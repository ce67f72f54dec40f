import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { OrderRecord } from '../../domain/order/record.js';
import { isRefundFinal } from '../../domain/refund/states.js';
import { actorLabel } from '../auth/actor.js';
import { requireOperator } from '../auth/authenticate.js';
import type { IngressDeps } from '../deps.js';
import type { IngressEnv } from '../env.js';
import { problems } from '../problems.js';
import { reasonSchema } from '../reason.js';
import { recordedAction } from '../recorded-action.js';
import { mchidQuery, orderContent, orderParams, requireOrder, viewOf } from './order-call.js';

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/recheck',
  operationId: 'recheckOrder',
  tags: ['Operators'],
  summary: 'Ask WeChat Pay about everything that is not settled',
  description:
    'Starts the order again if its workflow has ended, and with it the refunds that are under way. The answer is the order as it stands; what WeChat Pay says shows as changes.',
  security: [{ apiKey: [] }],
  request: {
    params: orderParams,
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: z.strictObject({ reason: reasonSchema }) } } },
  },
  responses: { 200: orderContent('Asked.'), ...problems('order_not_found') },
});

export function registerRecheckOrder(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const actor = actorLabel(requireOperator(c.get('actor')));
    const { reason } = c.req.valid('json');
    const order = await requireOrder(deps, c.get('mchid'), c.req.valid('param').orderNo);
    const { mchid, orderNo } = order;
    const asked = { mchid, orderNo, action: 'recheck', parameters: {}, reason, actor } as const;
    await recordedAction(deps, asked, () => lookAgain(deps, order));
    return c.json(viewOf(deps, await requireOrder(deps, mchid, orderNo)), 200);
  });
}

async function lookAgain(deps: IngressDeps, { mchid, orderNo, refunds }: OrderRecord): Promise<'asked'> {
  await deps.orders.recheck({ mchid, orderNo });
  const underWay = refunds.filter(({ state }) => !isRefundFinal(state));
  await Promise.all(underWay.map(({ outRefundNo }) => deps.refunds.start({ mchid, outRefundNo })));
  return 'asked';
}
