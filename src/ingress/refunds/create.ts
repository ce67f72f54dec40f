import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { withTransaction } from '../../db/connection.js';
import { finishOperatorAction, openOperatorAction } from '../../actions/store/action.js';
import { loadOrder } from '../../orders/store/order.js';
import { reserveRefund, type RefundRequest, type RefundReservation } from '../../refunds/store/reserve.js';

import type { OutRefundNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import { refundAnswer } from '../../domain/order/view.js';
import type { RefundRecord } from '../../domain/refund/record.js';
import { isRefundFinal } from '../../domain/refund/states.js';
import type { Asker } from '../../temporal/operator/recorded-action.js';
import { ApiError } from '../../http/kit/api-error.js';
import { actorLabel } from '../../http/kit/actor.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { hashOf } from '../orders/body-hash.js';
import { orderParams, requireOrderNo, type OrderCall } from '../orders/order-call.js';
import { mchidQuery } from '../../http/kit/fields.js';
import { problems } from '../../http/kit/problem.js';
import { unlessAway } from '../../http/kit/outage.js';
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
    const { refundNo, amountFen, reason = null } = c.req.valid('json');
    c.set('about', { refundNo });
    const ref = { mchid: c.get('mchid'), orderNo: c.req.valid('param').orderNo };
    const actor = c.get('actor');
    const asker = actor.kind === 'operator' ? { actor: actorLabel(actor), reason } : null;
    const traced = { ...deps, log: deps.log.child({ requestId: c.get('requestId') }) };
    const { refund, isNew } = await requestRefund(traced, ref, { refundNo, amountFen, reason }, asker);
    return c.json(refundAnswer(refund), isNew ? 201 : 200);
  });
}

/** `reason` is what the payer reads at WeChat Pay; null for none. */
export type RefundTerms = { readonly refundNo: OutRefundNo; readonly amountFen: Fen; readonly reason: string | null };

/**
 * Holds money of a paid order and starts its way back; the same number with the same terms is the same refund. `asker` is null for
 * the shop itself, whose refunds are no action of a person. Throws what the route documents.
 */
export async function requestRefund(
  deps: IngressDeps,
  ref: OrderCall,
  terms: RefundTerms,
  asker: Asker | null,
): Promise<{ refund: RefundRecord; isNew: boolean }> {
  const { mchid, orderNo } = ref;
  const { refundNo: outRefundNo, ...money } = terms;
  const bodyHash = hashOf({ ...terms, reason: terms.reason ?? undefined });
  const numbers = { mchid, orderNo: requireOrderNo(orderNo), outRefundNo };
  const { refund, created } = requireReserved(
    await reserve(deps, { ...numbers, ...money, bodyHash, now: deps.now() }, asker),
  );
  await startNow(deps, refund);
  return { refund, isNew: created };
}

/** An operator's is kept with what came of it, in the transaction that reserves it: also what was refused. */
function reserve(deps: IngressDeps, request: RefundRequest, asker: Asker | null): Promise<RefundReservation> {
  const { db } = deps.connection;
  if (asker === null) return reserveRefund(db, request);
  const { mchid, orderNo, outRefundNo, amountFen, reason, now: at } = request;
  const parameters = { refundNo: outRefundNo, amountFen, reason };
  return withTransaction(db, async (tx): Promise<RefundReservation> => {
    if ((await loadOrder(tx, request)) === undefined) return 'order_not_found';
    const { id } = await openOperatorAction(tx, { mchid, orderNo, action: 'refund', parameters, ...asker, at });
    const reservation = await reserveRefund(tx, request);
    await finishOperatorAction(tx, id, outcomeOf(reservation), at);
    return reservation;
  });
}

function outcomeOf(reservation: RefundReservation): string {
  if (typeof reservation === 'string') return reservation;
  return reservation.created ? 'requested' : 'repeated';
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
async function startNow(deps: IngressDeps, refund: RefundRecord): Promise<void> {
  const { mchid, orderNo, outRefundNo, state } = refund;
  if (isRefundFinal(state)) return;
  await unlessAway(deps, { mchid, orderNo, outRefundNo }, () => deps.refunds.start({ mchid, outRefundNo }));
}
