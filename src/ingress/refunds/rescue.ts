import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { refundAnswer } from '../../domain/order/view.js';
import type { RefundRecord } from '../../domain/refund/record.js';
import { rescueRefund } from '../../temporal/operator/rescue.js';
import type { Asker } from '../../temporal/operator/recorded-action.js';
import { ApiError } from '../../http/kit/api-error.js';
import { operatorDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { reasonBody, mchidQuery } from '../../http/kit/fields.js';
import { problems } from '../../http/kit/problem.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { refundContent, refundParams, requireRefund, type RefundCall } from './refund-call.js';

const route = createRoute({
  method: 'post',
  path: '/v1/refunds/{refundNo}/rescue',
  operationId: 'rescueRefund',
  tags: ['Operators'],
  summary: 'Let a refund go on whose workflow cannot',
  description: 'Ends the run that cannot go on and starts the refund again from its row, under the same number.',
  security: [{ apiKey: [] }],
  request: { params: refundParams, query: mchidQuery, body: reasonBody },
  responses: { 200: refundContent('It goes on.'), ...problems('refund_not_found', 'not_stalled', 'outcome_pending') },
});

export function registerRescueRefund(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const asker = operatorAsker(c.get('actor'), c.req.valid('json').reason);
    const ref = { mchid: c.get('mchid'), refundNo: c.req.valid('param').refundNo };
    return c.json(refundAnswer(await rescuedRefund(deps, ref, asker)), 200);
  });
}

/** The refund as it stands once it was started again. Throws `refund_not_found`, `not_stalled`. */
export async function rescuedRefund(deps: IngressDeps, ref: RefundCall, asker: Asker): Promise<RefundRecord> {
  const { mchid, refundNo } = ref;
  const outcome = await rescueRefund(operatorDeps(deps), await requireRefund(deps, mchid, refundNo), asker);
  if (outcome === 'not_stalled') throw new ApiError('not_stalled', "The refund's workflow goes on by itself.");
  return requireRefund(deps, mchid, refundNo);
}
