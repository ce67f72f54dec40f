import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { recordGatewayCall } from '../../orders/store/gateway-call.js';
import { recordExternalRefund } from '../../refunds/store/projection.js';
import { loadRefund } from '../../refunds/store/record.js';

import type { GatewayRefusal, QueriedRefund } from '../../domain/gateway-answer.js';
import { parseOutRefundNo, type OutRefundNo } from '../../base/ids.js';
import type { OrderRecord } from '../../domain/order/record.js';
import { refundAnswer } from '../../domain/order/view.js';
import type { RefundRecord } from '../../domain/refund/record.js';
import { GatewayError } from '../../channels/port.js';
import { recordedAction, type Asker } from '../../temporal/operator/recorded-action.js';
import { ApiError } from '../../http/kit/api-error.js';
import { operatorDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { orderParams, requireOrder, type OrderCall } from '../orders/order-call.js';
import { reasonSchema, mchidQuery } from '../../http/kit/fields.js';
import { problems } from '../../http/kit/problem.js';
import { unlessAway } from '../../http/kit/outage.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { refundContent } from './refund-call.js';

export const outRefundNoSchema = z
  .string()
  .transform((text, context): OutRefundNo => {
    const parsed = parseOutRefundNo(text);
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: 'custom', message: 'must be 1 to 64 of 0-9A-Za-z_-|*@' });
    return z.NEVER;
  })
  .openapi({ type: 'string', pattern: '^[0-9A-Za-z_\\-|*@]{1,64}$', example: 'mp-20260301-1' });

const externalRefundSchema = z
  .strictObject({ outRefundNo: outRefundNoSchema, reason: reasonSchema })
  .openapi('ExternalRefund');

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/external-refunds',
  operationId: 'recordExternalRefund',
  tags: ['Operators'],
  summary: 'Book a refund that somebody else made at WeChat Pay',
  description:
    'For a refund made in the merchant platform or by another system, of which no notify came. WeChat Pay is asked about it by its number; what it says becomes a refund with `cause: external`, which leaves less for PaySaga to give back.',
  security: [{ apiKey: [] }],
  request: {
    params: orderParams,
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: externalRefundSchema } } },
  },
  responses: {
    200: refundContent('Known already: the refund as it is.'),
    201: refundContent('Booked.'),
    ...problems(
      'order_not_found',
      'order_not_paid',
      'refund_not_at_wechat',
      'refund_of_another_order',
      'outcome_pending',
    ),
  },
});

export function registerExternalRefund(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const { outRefundNo, reason } = c.req.valid('json');
    const ref = { mchid: c.get('mchid'), orderNo: c.req.valid('param').orderNo };
    const asker = operatorAsker(c.get('actor'), reason);
    const { refund, isNew } = await bookExternalRefund(deps, ref, outRefundNo, asker);
    return c.json(refundAnswer(refund), isNew ? 201 : 200);
  });
}

/**
 * The refund as WeChat Pay knows it, booked. Throws what the route documents; after `outcome_pending` it is asked on until there
 * is an answer.
 */
export async function bookExternalRefund(
  deps: IngressDeps,
  ref: OrderCall,
  outRefundNo: OutRefundNo,
  asker: Asker,
): Promise<{ refund: RefundRecord; isNew: boolean }> {
  const order = await requireOrder(deps, ref.mchid, ref.orderNo);
  const { mchid, orderNo } = order;
  const before = await loadRefund(deps.connection.db, { mchid, outRefundNo });
  const parameters = { outRefundNo };
  const asked = { mchid, orderNo, action: 'externalRefund', parameters, ...asker } as const;
  const outcome = await recordedAction(operatorDeps(deps), asked, () => book(deps, order, outRefundNo));
  if (outcome !== 'recorded') throw refusalOf(outcome);
  const refund = await loadRefund(deps.connection.db, { mchid, outRefundNo });
  if (refund === undefined) throw new Error('A booked refund was removed');
  return { refund, isNew: before === undefined };
}

type Outcome = 'recorded' | 'not_at_wechat' | 'of_another_order' | 'payment_unknown' | 'foreign' | 'pending';

async function book(deps: IngressDeps, order: OrderRecord, outRefundNo: OutRefundNo): Promise<Outcome> {
  const { mchid, orderNo } = order;
  const answer = await askWechat(deps, order, outRefundNo);
  if (answer === 'pending' || answer.kind === 'unrecognised') return 'pending';
  if (answer.kind === 'notExist') return 'not_at_wechat';
  const { refund: fact, details } = answer;
  const recorded = await recordExternalRefund(deps.connection.db, { mchid, orderNo, fact, details, now: deps.now() });
  if (recorded.kind !== 'recorded') return recorded.kind;
  for (const refund of [recorded.refund, recorded.successor]) {
    if (refund !== null) await start(deps, refund);
  }
  return 'recorded';
}

/** One try, kept like every other call. */
async function askWechat(
  deps: IngressDeps,
  order: OrderRecord,
  outRefundNo: OutRefundNo,
): Promise<QueriedRefund | 'pending'> {
  const gateway = deps.gateways.for(order.mchid);
  if (gateway === undefined) throw new ApiError('invalid_request', 'this merchant is not configured here');
  const at = deps.now();
  try {
    const answer = await gateway.queryRefund({ outRefundNo }, { patience: 'brief' });
    await keepCall(deps, order, at, { outcome: answer.kind });
    return answer;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    await keepCall(deps, order, at, { outcome: error.gatewayCode ?? error.code, gateway: error.refusal });
    return 'pending';
  }
}

/** The number says nothing about which attempt it is of: the call stands with the one that was paid. */
async function keepCall(
  deps: IngressDeps,
  { mchid, orderNo, paidAttempt, attempts }: OrderRecord,
  at: Date,
  said: { readonly outcome: string; readonly gateway?: GatewayRefusal | null },
): Promise<void> {
  const outTradeNo = paidAttempt ?? attempts[0]?.outTradeNo;
  if (outTradeNo === undefined) throw new Error('An order has no attempt');
  const call = { mchid, orderNo, outTradeNo, api: 'refundQuery', at, nextAt: null, ...said } as const;
  await recordGatewayCall(deps.connection.db, { ...call, durationMs: deps.now().getTime() - at.getTime() });
}

/** Without Temporal the sweeper starts what is under way, and tells what is to be told. */
async function start(deps: IngressDeps, { mchid, orderNo, outRefundNo }: RefundRecord): Promise<void> {
  await unlessAway(deps, { mchid, orderNo, outRefundNo }, () => deps.refunds.start({ mchid, outRefundNo }));
}

function refusalOf(outcome: Exclude<Outcome, 'recorded'>): ApiError {
  switch (outcome) {
    case 'not_at_wechat':
      return new ApiError('refund_not_at_wechat', 'WeChat Pay knows no refund with this number.');
    case 'of_another_order':
      return new ApiError('refund_of_another_order', 'WeChat Pay knows this refund as one of another payment.');
    case 'payment_unknown':
      return new ApiError('order_not_paid', 'No query has shown this payment yet: recheck the order first.');
    case 'foreign':
      return new ApiError('refund_of_another_order', 'It is of a trade that somebody else made under this number.');
    case 'pending':
      return new ApiError('outcome_pending', 'WeChat Pay has not answered yet; it is asked on.', {
        retryAfterSeconds: 5,
      });
    default:
      return outcome satisfies never;
  }
}
