import { recordGatewayCall } from '../../orders/store/gateway-call.js';
import { loadRefund } from '../store/record.js';
import { recordExternalRefund } from '../store/external.js';
import type { OutRefundNo } from '../../base/ids.js';
import { GatewayError } from '../../channels/port.js';
import { DomainError } from '../../orders/rules/domain-error.js';
import type { GatewayRefusal } from '../../orders/rules/gateway-answer.js';
import type { OrderRecord } from '../../orders/rules/record.js';
import type { RefundRecord } from '../rules/record.js';
import { requireOrder, type OrderCall, type Refusals } from '../../orders/use-cases/order.js';
import { NOT_CONFIGURED } from '../../orders/use-cases/payer.js';
import { recordedAction, unlessAway, type Asker } from '../../actions/use-cases/recorded-action.js';
import { startRefund } from './create.js';
import { requireRefund, type RefundDeps } from './refund.js';

/**
 * A refund that somebody else made, booked as WeChat Pay knows it, also under a number that PaySaga or the shop asked for. Throws `order_not_found`, `order_not_paid`,
 * `refund_not_at_wechat`, `refund_of_another_order`, `refund_conflict`, `outcome_pending`, after which it is asked on until there is an answer.
 */
export async function bookExternalRefund(
  deps: RefundDeps,
  call: OrderCall,
  outRefundNo: OutRefundNo,
  asker: Asker,
): Promise<{ refund: RefundRecord; isNew: boolean }> {
  const order = await requireOrder(deps, call);
  const { mchid } = order;
  const before = await loadRefund(deps.db, { mchid, outRefundNo });
  const asked = { action: 'externalRefund', parameters: { outRefundNo }, ...asker } as const;
  const outcome = await recordedAction(deps, order, asked, () => book(deps, order, outRefundNo, before));
  if (outcome !== 'recorded') throw new DomainError(...REFUSALS[outcome]);
  const refund = await requireRefund(deps, { mchid, refundNo: outRefundNo });
  return { refund, isNew: before?.cause !== refund.cause };
}

type Outcome =
  'recorded' | 'not_at_wechat' | 'of_another_order' | 'number_taken' | 'payment_unknown' | 'foreign' | 'pending';

async function book(
  deps: RefundDeps,
  order: OrderRecord,
  outRefundNo: OutRefundNo,
  before: RefundRecord | undefined,
): Promise<Outcome> {
  const { mchid, orderNo } = order;
  const answer = await askWechat(deps, order, outRefundNo);
  if (answer === 'pending' || answer.kind === 'unrecognised') return 'pending';
  if (answer.kind === 'notExist') return 'not_at_wechat';
  const { refund: fact, details } = answer;
  const recorded = await recordExternalRefund(deps.db, { mchid, orderNo, fact, details, now: deps.now() });
  const isOurs = before?.orderNo === orderNo && before.cause !== 'external';
  const numbers = { mchid, orderNo, outRefundNo };
  const told = isOurs ? await unlessAway(deps, numbers, () => deps.refunds.findExternal(numbers)) : undefined;
  if (recorded.kind !== 'recorded') return recorded.kind;
  const { refund, successor } = recorded;
  if (successor !== null) await startRefund(deps, successor);
  if (!isOurs) await startRefund(deps, refund);
  return told === 'pending' ? 'pending' : 'recorded';
}

async function askWechat(deps: RefundDeps, order: OrderRecord, outRefundNo: OutRefundNo) {
  const gateway = deps.gateways.for(order.mchid);
  if (gateway === undefined) throw new DomainError('invalid_request', NOT_CONFIGURED);
  const at = deps.now();
  try {
    const answer = await gateway.queryRefund({ outRefundNo }, { patience: 'brief' });
    await keepCall(deps, order, at, { outcome: answer.kind });
    return answer;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    await keepCall(deps, order, at, { outcome: error.gatewayCode ?? error.code, gateway: error.refusal });
    return 'pending' as const;
  }
}

/** A refund's number does not name its attempt: the call is kept with the attempt that was paid. */
async function keepCall(
  { db, now }: RefundDeps,
  { mchid, orderNo, paidAttempt, attempts }: OrderRecord,
  at: Date,
  said: { readonly outcome: string; readonly gateway?: GatewayRefusal | null },
): Promise<void> {
  const outTradeNo = paidAttempt ?? attempts[0]?.outTradeNo;
  if (outTradeNo === undefined) throw new Error('An order has no attempt');
  const call = { mchid, orderNo, outTradeNo, api: 'refundQuery', at, nextAt: null, ...said } as const;
  await recordGatewayCall(db, { ...call, durationMs: now().getTime() - at.getTime() });
}

const REFUSALS: Refusals<Exclude<Outcome, 'recorded'>> = {
  not_at_wechat: ['refund_not_at_wechat', 'WeChat Pay knows no refund with this number.'],
  of_another_order: ['refund_of_another_order', 'WeChat Pay knows this refund as one of another payment.'],
  number_taken: ['refund_conflict', 'Another order asked for a refund under this number before, which keeps it.'],
  payment_unknown: ['order_not_paid', 'No query has shown this payment yet: recheck the order first.'],
  foreign: ['refund_of_another_order', 'It is of a trade that somebody else made under this number.'],
  pending: ['outcome_pending', 'WeChat Pay has not answered yet; it is asked on.', { retryAfterSeconds: 5 }],
};
