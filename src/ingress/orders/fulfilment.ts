import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { SaidOtherwise } from '../../actions/store/action.js';
import { finishAnswered } from '../../actions/store/unfinished.js';
import type { OrderRecord } from '../../domain/order/record.js';
import type { FulfilmentOutcome } from '../../temporal/port.js';
import { ApiError } from '../../http/kit/api-error.js';
import { actorLabel } from '../../http/kit/actor.js';
import { operatorDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { problems } from '../../http/kit/problem.js';
import { recordedAction } from '../../temporal/operator/recorded-action.js';
import { orderContent, orderParams, requireOrder, viewOf } from './order-call.js';
import { reasonSchema, mchidQuery } from '../../http/kit/fields.js';

const OUTCOMES = ['fulfilled', 'rejected'] as const;

const fulfilmentSchema = z
  .strictObject({ outcome: z.enum(OUTCOMES), reason: reasonSchema.optional() })
  .openapi('ReportFulfilment');

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/fulfilment',
  operationId: 'reportFulfilment',
  tags: ['Orders'],
  summary: 'Say whether the goods of a paid order are delivered',
  description:
    'For an order whose policy requires it. `rejected` gives back what was paid and is not back yet. What is said first stands.',
  security: [{ apiKey: [] }],
  request: {
    params: orderParams,
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: fulfilmentSchema } } },
  },
  responses: {
    200: orderContent('Recorded, or said before.'),
    ...problems('order_not_found', 'order_not_paid', 'fulfilment_not_expected', 'fulfilment_final', 'outcome_pending'),
  },
});

export function registerReportFulfilment(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const { outcome, reason = null } = c.req.valid('json');
    const order = await requireOrder(deps, c.get('mchid'), c.req.valid('param').orderNo);
    if (order.fulfilment !== 'pending') {
      await finishAnswered(deps.connection.db, order, deps.now());
      requireSaid(order, outcome);
      return c.json(viewOf(deps, order), 200);
    }
    const { mchid, orderNo } = order;
    const actor = actorLabel(c.get('actor'));
    const asked = { mchid, orderNo, action: 'fulfilment', parameters: { outcome }, reason, actor } as const;
    const recorded = await recordedAction(operatorDeps(deps), asked, () =>
      deps.orders.reportFulfilment({ mchid, orderNo, outcome }),
    ).catch((error: unknown) => {
      throw error instanceof SaidOtherwise ? isFinal() : error;
    });
    requireRecorded(recorded);
    return c.json(viewOf(deps, await requireOrder(deps, mchid, orderNo)), 200);
  });
}

/** The row decides: it was said before, or cannot be said now. */
function requireSaid({ policy, state, fulfilment }: OrderRecord, outcome: (typeof OUTCOMES)[number]): void {
  if (!policy.fulfilment.required) throw notExpected();
  if (state !== 'paid') throw new ApiError('order_not_paid', 'The order is not paid: there is nothing to deliver.');
  if (fulfilment !== outcome) throw isFinal();
}

function requireRecorded(outcome: FulfilmentOutcome | 'pending'): void {
  switch (outcome) {
    case 'recorded':
      return;
    case 'final':
      throw isFinal();
    case 'not_expected':
      throw notExpected();
    case 'pending':
      throw new ApiError('outcome_pending', 'Recorded, not confirmed yet; repeat the call.');
    default:
      outcome satisfies never;
  }
}

const isFinal = (): ApiError => new ApiError('fulfilment_final', 'It was decided otherwise, or the time is over.');

const notExpected = (): ApiError =>
  new ApiError('fulfilment_not_expected', "The order's policy does not require fulfilment.");
