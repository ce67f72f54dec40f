import type { MerchantEventRecord } from '../../../shop-events/rules/event.js';
import type { OrderRecord } from '../../../domain/order/record.js';
import type { RefundRecord } from '../../../domain/refund/record.js';
import type { InboxRow } from '../../../inbox/store/inbox.js';
import type { Asker } from '../../../actions/use-cases/recorded-action.js';
import { ApiError } from '../../../http/kit/api-error.js';
import { useCaseDeps, type IngressDeps } from '../../../http/kit/route.js';
import { redrive } from '../../../inbox/use-cases/redrive.js';
import { closeOrder } from '../../../orders/use-cases/close.js';
import { moveDeadline } from '../../../orders/use-cases/deadline.js';
import { recheckOrder } from '../../../orders/use-cases/recheck.js';
import { rescueOrder } from '../../../orders/use-cases/rescue.js';
import { resolveOrder } from '../../../orders/use-cases/resolve.js';
import { createRefund } from '../../../refunds/use-cases/create.js';
import { bookExternalRefund } from '../../../refunds/use-cases/external.js';
import { resolveRefund } from '../../../refunds/use-cases/resolve.js';
import { resend } from '../../../shop-events/use-cases/resend.js';
import type { Flash, OrderAction, RefundAction } from './names.js';
import type { Submission } from './submission.js';

/** Does it the way the API does, with the same checks and the same record of who asked; answers what to say afterwards. */
export async function performOnOrder(
  deps: IngressDeps,
  { mchid, orderNo }: OrderRecord,
  action: OrderAction,
  { until, refund, externalNo }: Submission,
  asker: Asker,
): Promise<Flash> {
  const ref = { mchid, orderNo };
  switch (action) {
    case 'rescue':
      await rescueOrder(useCaseDeps(deps), ref, asker);
      return action;
    case 'recheck':
      await recheckOrder(useCaseDeps(deps), ref, asker);
      return action;
    case 'close':
      return (await closeOrder(useCaseDeps(deps), ref, asker)).pending ? 'close-pending' : action;
    case 'hold':
    case 'release':
      await moveDeadline(useCaseDeps(deps), ref, { action }, asker);
      return action;
    case 'extend':
      await moveDeadline(useCaseDeps(deps), ref, { action, until: required(until) }, asker);
      return action;
    case 'resolve-accept':
      await resolveOrder(useCaseDeps(deps), ref, 'accept', asker);
      return action;
    case 'resolve-return':
      await resolveOrder(useCaseDeps(deps), ref, 'return', asker);
      return action;
    case 'resolve-close':
      await resolveOrder(useCaseDeps(deps), ref, 'close', asker);
      return action;
    case 'refund':
      return (await createRefund(useCaseDeps(deps), ref, required(refund), asker)).isNew ? action : 'refund-known';
    case 'external-refund':
      return (await bookExternalRefund(useCaseDeps(deps), ref, required(externalNo), asker)).isNew
        ? action
        : 'external-refund-known';
    default:
      return action satisfies never;
  }
}

export async function performOnRefund(
  deps: IngressDeps,
  { mchid, outRefundNo }: RefundRecord,
  action: RefundAction,
  asker: Asker,
): Promise<Flash> {
  await resolveRefund(useCaseDeps(deps), { mchid, refundNo: outRefundNo }, action, asker);
  return action;
}

export async function performResend(
  deps: IngressDeps,
  { mchid, id }: Pick<MerchantEventRecord, 'mchid' | 'id'>,
  asker: Asker,
): Promise<Flash> {
  await resend(useCaseDeps(deps), { mchid, id }, asker);
  return 'resend';
}

export async function performRedrive(
  deps: IngressDeps,
  { mchid, id }: Pick<InboxRow, 'mchid' | 'id'>,
  asker: Asker,
): Promise<Flash> {
  await redrive(useCaseDeps(deps), { mchid, id }, asker);
  return 'redrive';
}

function required<T>(value: T | null): T {
  if (value === null) throw new ApiError('invalid_request', 'A field of the form is missing.');
  return value;
}
