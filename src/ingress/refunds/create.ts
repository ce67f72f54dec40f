import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { reserveRefund, type RefundReservation } from '../../db/refund.js';
import { refundAnswer } from '../../domain/order/view.js';
import type { RefundRecord } from '../../domain/refund/record.js';
import { isRefundFinal } from '../../domain/refund/states.js';
import { TemporalUnavailable } from '../../temporal/port.js';
import { ApiError } from '../api-error.js';
import type { IngressDeps } from '../deps.js';
import { describeError } from '../describe-error.js';
import type { IngressEnv } from '../env.js';
import { hashOf } from '../orders/body-hash.js';
import { mchidQuery, orderParams, requireOrderNo } from '../orders/order-call.js';
import { problems } from '../problems.js';
import { createRefundSchema } from './create-schema.js';
import { refundContent } from './refund-call.js';

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/refunds',
  operationId: 'createRefund',
  tags: ['Refunds'],
  summary: 'Give money of a paid order back, or repeat a refund',
  description:
    'The refundNo makes it safe to repeat: an equal body answers the same refund, another one `refund_conflict`. The money is held at once; WeChat Pay is asked afterwards, and the refund ends by itself. Up to 50 refunds of one payment, within 365 days.',
  security: [{ apiKey: [] }],
  request: {
    params: orderParams,
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: createRefundSchema } } },
  },
  responses: {
    200: refundContent('A repeat: the refund as it is.'),
    201: refundContent('Recorded, and its money held.'),
    ...problems(
      'order_not_found',
      'refund_conflict',
      'order_not_paid',
      'order_in_review',
      'refund_exceeds_paid',
      'refund_limit_reached',
      'refund_too_old',
    ),
  },
});

export function registerCreateRefund(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const body = c.req.valid('json');
    const { refund, created } = requireReserved(
      await reserveRefund(deps.connection.db, {
        mchid: c.get('mchid'),
        orderNo: requireOrderNo(c.req.valid('param').orderNo),
        outRefundNo: body.refundNo,
        amountFen: body.amountFen,
        reason: body.reason ?? null,
        bodyHash: hashOf(body),
        now: deps.now(),
      }),
    );
    await startNow(deps, refund, c.get('requestId'));
    return c.json(refundAnswer(refund), created ? 201 : 200);
  });
}

type Reserved = Extract<RefundReservation, object>;

function requireReserved(reservation: RefundReservation): Reserved {
  if (typeof reservation === 'object') return reservation;
  throw new ApiError(reservation, REFUSALS[reservation]);
}

const REFUSALS: Readonly<Record<Exclude<RefundReservation, object>, string>> = {
  order_not_found: 'This merchant has no order with that number.',
  refund_conflict: 'A refund with this number was made from another body, or of another order.',
  order_not_paid: 'Only what a paid order holds can be refunded.',
  order_in_review: 'The order is in review: a person decides.',
  refund_exceeds_paid: 'More than what was paid and is neither back nor on its way back.',
  refund_limit_reached: 'WeChat Pay refunds one payment in at most 50 parts.',
  refund_too_old: 'WeChat Pay refunds a payment within 365 days.',
};

/** The row is committed, so the refund is made: what cannot be started now, the sweeper starts. */
async function startNow(deps: IngressDeps, refund: RefundRecord, requestId: string): Promise<void> {
  const { mchid, orderNo, outRefundNo, state } = refund;
  if (isRefundFinal(state)) return;
  try {
    await deps.refunds.start({ mchid, outRefundNo });
  } catch (error) {
    if (!(error instanceof TemporalUnavailable)) throw error;
    const facts = { requestId, mchid, orderNo, outRefundNo, error: describeError(error) };
    deps.log.warn(facts, 'a refund is recorded and not started yet');
  }
}
