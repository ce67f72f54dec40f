import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { successorOf } from '../../base/ids.js';
import { refundAnswer } from '../../domain/order/view.js';
import type { RefundRecord } from '../../domain/refund/record.js';
import {
  REFUND_RESOLVE_ACTIONS,
  type RefundResolveAction,
  type RefundResolveOutcome,
} from '../../domain/refund/states.js';
import { ApiError } from '../../http/kit/api-error.js';
import { operatorDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { reasonSchema, mchidQuery } from '../../http/kit/fields.js';
import { problems } from '../../http/kit/problem.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { carriedOut, recordedAction, type Asker } from '../../temporal/operator/recorded-action.js';
import { refundContent, refundParams, requireRefund, type RefundCall } from './refund-call.js';

const resolveSchema = z
  .strictObject({ action: z.enum(REFUND_RESOLVE_ACTIONS), reason: reasonSchema })
  .openapi('ResolveRefund');

const route = createRoute({
  method: 'post',
  path: '/v1/refunds/{refundNo}/resolve',
  operationId: 'resolveRefund',
  tags: ['Operators'],
  summary: 'Decide what becomes of a refund that does not end by itself',
  description:
    "WeChat Pay is asked first: it has to confirm what the decision is based on. `abnormalRefund` sends an `abnormal` one to the merchant's own bank card; `paidOffline` ends it as paid back outside WeChat Pay; `reissue` makes the successor of one of PaySaga's own that was `rejected` or `closed`.",
  security: [{ apiKey: [] }],
  request: {
    params: refundParams,
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: resolveSchema } } },
  },
  responses: {
    200: refundContent('Done; after `reissue`, the refund that took its place.'),
    ...problems(
      'refund_not_found',
      'reissue_not_allowed',
      'resolve_unconfirmed',
      'resolve_not_applicable',
      'abnormal_refund_refused',
      'outcome_pending',
    ),
  },
});

export function registerResolveRefund(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const { action, reason } = c.req.valid('json');
    const ref = { mchid: c.get('mchid'), refundNo: c.req.valid('param').refundNo };
    return c.json(refundAnswer(await resolveRefund(deps, ref, action, operatorAsker(c.get('actor'), reason))), 200);
  });
}

/**
 * The refund after a decision; after `reissue`, the one that took its place. Throws `refund_not_found`, `reissue_not_allowed`,
 * `resolve_unconfirmed`, `resolve_not_applicable`, `abnormal_refund_refused`, `outcome_pending`.
 */
export async function resolveRefund(
  deps: IngressDeps,
  ref: RefundCall,
  action: RefundResolveAction,
  asker: Asker,
): Promise<RefundRecord> {
  const refund = await requireRefund(deps, ref.mchid, ref.refundNo);
  const { mchid, orderNo, outRefundNo } = refund;
  const asked = { mchid, orderNo, outRefundNo, action, parameters: {}, ...asker };
  const outcome = await recordedAction(operatorDeps(deps), asked, async (requestId, isRepeat) =>
    carriedOut(await deps.refunds.resolve({ mchid, outRefundNo, requestId, action }), isRepeat),
  );
  requireResolved(outcome);
  return concerned(deps, refund, action);
}

const concerned = (deps: IngressDeps, { mchid, outRefundNo }: RefundRecord, action: RefundResolveAction) =>
  requireRefund(deps, mchid, action === 'reissue' ? successorOf(outRefundNo) : outRefundNo);

function requireResolved(outcome: RefundResolveOutcome | 'pending'): void {
  switch (outcome) {
    case 'resolved':
      return;
    case 'unconfirmed':
      throw new ApiError('resolve_unconfirmed', 'WeChat Pay did not confirm the state this is decided on.');
    case 'not_applicable':
      throw new ApiError('resolve_not_applicable', 'The refund is not in a state for this.');
    case 'not_allowed':
      throw new ApiError('reissue_not_allowed', "Only PaySaga's own refund is issued again, while its money is free.");
    case 'refused':
      throw new ApiError('abnormal_refund_refused', 'WeChat Pay refused to send it to the bank card.');
    case 'pending':
      throw new ApiError('outcome_pending', 'Recorded, not confirmed yet; repeat the call.');
    default:
      outcome satisfies never;
  }
}
