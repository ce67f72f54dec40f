import type { MerchantEventRecord } from '../../../shop-events/rules/event.js';
import type { OrderRecord } from '../../../domain/order/record.js';
import type { RefundRecord } from '../../../domain/refund/record.js';
import type { InboxRow } from '../../../inbox/store/inbox.js';

import type { Asker } from '../../../temporal/operator/recorded-action.js';
import { ApiError } from '../../../http/kit/api-error.js';
import type { IngressDeps } from '../../../http/kit/route.js';
import { resend } from '../../events/resend.js';
import { redrive } from '../../inbox/redrive.js';
import { closeOrder } from '../../orders/close.js';
import { moveOrderDeadline } from '../../orders/extend.js';
import { recheck } from '../../orders/recheck.js';
import { rescued } from '../../orders/rescue.js';
import { resolveOrder } from '../../orders/resolve.js';
import { requestRefund } from '../../refunds/create.js';
import { bookExternalRefund } from '../../refunds/external.js';
import { resolveRefund } from '../../refunds/resolve.js';
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
      await rescued(deps, ref, asker);
      return action;
    case 'recheck':
      await recheck(deps, ref, asker);
      return action;
    case 'close':
      return (await closeOrder(deps, ref, asker)).pending ? 'close-pending' : action;
    case 'hold':
    case 'release':
      await moveOrderDeadline(deps, ref, { action }, asker);
      return action;
    case 'extend':
      await moveOrderDeadline(deps, ref, { action, until: required(until) }, asker);
      return action;
    case 'resolve-accept':
      await resolveOrder(deps, ref, 'accept', asker);
      return action;
    case 'resolve-return':
      await resolveOrder(deps, ref, 'return', asker);
      return action;
    case 'resolve-close':
      await resolveOrder(deps, ref, 'close', asker);
      return action;
    case 'refund':
      return (await requestRefund(deps, ref, required(refund), asker)).isNew ? action : 'refund-known';
    case 'external-refund':
      return (await bookExternalRefund(deps, ref, required(externalNo), asker)).isNew
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
  await resolveRefund(deps, { mchid, refundNo: outRefundNo }, action, asker);
  return action;
}

export async function performResend(
  deps: IngressDeps,
  { mchid, id }: Pick<MerchantEventRecord, 'mchid' | 'id'>,
  asker: Asker,
): Promise<Flash> {
  await resend(deps, { mchid, id }, asker);
  return 'resend';
}

export async function performRedrive(
  deps: IngressDeps,
  { mchid, id }: Pick<InboxRow, 'mchid' | 'id'>,
  asker: Asker,
): Promise<Flash> {
  await redrive(deps, { mchid, id }, asker);
  return 'redrive';
}

function required<T>(value: T | null): T {
  if (value === null) throw new ApiError('invalid_request', 'A field of the form is missing.');
  return value;
}
