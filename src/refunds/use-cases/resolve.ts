import { successorOf } from '../../base/ids.js';
import { DomainError } from '../../orders/rules/domain-error.js';
import type { RefundRecord } from '../rules/record.js';
import type { RefundResolveAction, RefundResolveOutcome } from '../rules/states.js';
import type { OrderDeps } from '../../orders/use-cases/order.js';
import { reviveRefund } from '../../orders/use-cases/rescue.js';
import { carriedOut, recordedAction, type Asker } from '../../actions/use-cases/recorded-action.js';
import { requireRefund, type RefundCall } from './refund.js';

/**
 * The refund after a decision; after `reissue`, the one that took its place. Throws `refund_not_found`, `reissue_not_allowed`,
 * `resolve_unconfirmed`, `resolve_not_applicable`, `abnormal_refund_refused`, `outcome_pending`.
 */
export async function resolveRefund(
  deps: OrderDeps,
  call: RefundCall,
  action: RefundResolveAction,
  asker: Asker,
): Promise<RefundRecord> {
  const { mchid, orderNo, outRefundNo } = await requireRefund(deps, call);
  const asked = { mchid, orderNo, outRefundNo, action, parameters: {}, ...asker };
  const outcome = await recordedAction(deps, asked, async (requestId, isRepeat) =>
    carriedOut(await deps.refunds.resolve({ mchid, outRefundNo, requestId, action }), isRepeat),
  );
  requireResolved(outcome);
  return requireRefund(deps, { mchid, refundNo: action === 'reissue' ? successorOf(outRefundNo) : outRefundNo });
}

function requireResolved(outcome: RefundResolveOutcome | 'pending'): void {
  switch (outcome) {
    case 'resolved':
      return;
    case 'unconfirmed':
      throw new DomainError('resolve_unconfirmed', 'WeChat Pay did not confirm the state this is decided on.');
    case 'not_applicable':
      throw new DomainError('resolve_not_applicable', 'The refund is not in a state for this.');
    case 'not_allowed':
      throw new DomainError(
        'reissue_not_allowed',
        "Only PaySaga's own refund is issued again, while its money is free.",
      );
    case 'refused':
      throw new DomainError('abnormal_refund_refused', 'WeChat Pay refused to send it to the bank card.');
    case 'pending':
      throw new DomainError('outcome_pending', 'Recorded, not confirmed yet; repeat the call.');
    default:
      outcome satisfies never;
  }
}

/** The refund as it stands once its workflow, which could not go on, was started again. Throws `refund_not_found`, `not_stalled`. */
export async function rescueRefund(deps: OrderDeps, call: RefundCall, asker: Asker): Promise<RefundRecord> {
  const refund = await requireRefund(deps, call);
  const { mchid, orderNo, outRefundNo } = refund;
  const request = { mchid, orderNo, outRefundNo, action: 'rescue', parameters: {}, ...asker } as const;
  const outcome = await recordedAction(deps, request, () => reviveRefund(deps, refund));
  if (outcome === 'not_stalled') throw new DomainError('not_stalled', "The refund's workflow goes on by itself.");
  return requireRefund(deps, call);
}
