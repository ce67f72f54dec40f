import { recordedAction, type Asker } from '../../actions/use-cases/recorded-action.js';
import { GatewayError } from '../../channels/port.js';
import { DomainError } from '../../orders/rules/domain-error.js';
import type { GatewayRefusal, QueriedRefund } from '../../orders/rules/gateway-answer.js';
import { recordGatewayCall } from '../../orders/store/gateway-call.js';
import type { Refusals } from '../../orders/use-cases/order.js';
import { NOT_CONFIGURED } from '../../orders/use-cases/payer.js';
import type { RefundRecord } from '../rules/record.js';
import { requireRefund, type RefundCall, type RefundDeps } from './refund.js';

/**
 * Asks WeChat Pay about one refund by one call and keeps the answer as the outcome. The row changes by its workflow alone, which is
 * told to ask where the answer differs, or where there is none: `outcome_pending`. Throws `refund_not_found`, `refund_not_at_wechat`.
 */
export async function queryRefund(deps: RefundDeps, call: RefundCall, asker: Asker): Promise<RefundRecord> {
  const refund = await requireRefund(deps, call);
  const { mchid, outRefundNo, state } = refund;
  const outcome = await recordedAction(deps, refund, { action: 'queryRefund', outRefundNo, ...asker }, async () => {
    const said = await askWechat(deps, refund);
    if (said === 'pending' || said.kind === 'unrecognised') return 'pending';
    const answer = said.kind === 'found' ? said.refund.status : said.kind;
    if (answer !== state) await deps.refunds.recheck({ mchid, outRefundNo });
    return answer;
  });
  if (outcome === 'notExist' || outcome === 'pending') throw new DomainError(...REFUSALS[outcome]);
  return requireRefund(deps, call);
}

const REFUSALS: Refusals<'notExist' | 'pending'> = {
  notExist: ['refund_not_at_wechat', 'WeChat Pay knows no refund with this number.'],
  pending: ['outcome_pending', 'WeChat Pay has not answered yet; it is asked on.', { retryAfterSeconds: 5 }],
};

type Asked = Pick<RefundRecord, 'mchid' | 'orderNo' | 'outTradeNo' | 'outRefundNo'>;

/** One query of a refund, kept with the order's calls; `pending` without an answer. */
export async function askWechat(deps: RefundDeps, refund: Asked): Promise<QueriedRefund | 'pending'> {
  const gateway = deps.gateways.for(refund.mchid);
  if (gateway === undefined) throw new DomainError('invalid_request', NOT_CONFIGURED);
  const at = deps.now();
  try {
    const answer = await gateway.queryRefund({ outRefundNo: refund.outRefundNo }, { patience: 'brief' });
    await keepCall(deps, refund, at, { outcome: answer.kind });
    return answer;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    await keepCall(deps, refund, at, { outcome: error.gatewayCode ?? error.code, gateway: error.refusal });
    return 'pending';
  }
}

async function keepCall(
  { db, now }: RefundDeps,
  { mchid, orderNo, outTradeNo }: Asked,
  at: Date,
  said: { readonly outcome: string; readonly gateway?: GatewayRefusal | null },
): Promise<void> {
  const call = { mchid, orderNo, outTradeNo, api: 'refundQuery', at, nextAt: null, ...said } as const;
  await recordGatewayCall(db, { ...call, durationMs: now().getTime() - at.getTime() });
}
