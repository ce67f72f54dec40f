import { resendEvent } from '../../shop-events/store/delivery.js';
import { listEvents } from '../../shop-events/store/outbox.js';
import { loadInbox } from '../../inbox/store/inbox.js';
import { markInbox } from '../../inbox/store/receive.js';
import { finishOperatorAction } from '../../actions/store/action.js';
import { loadOrder } from '../../orders/store/order.js';
import type { UnfinishedAction } from '../../actions/store/unfinished.js';
import { deadlineAfter, type DeadlineMove } from '../../domain/order/deadline.js';
import { deliverNotify } from '../deliver-notify.js';
import type { EventWorkflows } from '../port.js';
import { lookAgain, type RecheckDeps } from './recheck.js';
import { rescue, rescueOne } from './rescue.js';
import { carriedOut } from './recorded-action.js';

export type BringDeps = RecheckDeps & { readonly events: EventWorkflows };

/**
 * Brings what was asked, and is kept, to the workflow it was meant for: nobody could be reached then, or the answer was slow. It
 * has the id under which it was asked first, so that whoever has it already joins it. Throws {@link TemporalUnavailable}.
 */
export async function bring(deps: BringDeps, request: UnfinishedAction): Promise<void> {
  const outcome = await ask(deps, request);
  if (outcome !== 'pending') await finishOperatorAction(deps.db, request.id, outcome, deps.now());
}

async function ask(deps: BringDeps, request: UnfinishedAction): Promise<string> {
  const { id: requestId, mchid, orderNo, action, parameters } = request;
  const ref = { mchid, orderNo };
  switch (action) {
    case 'close':
      return deps.orders.close({ ...ref, requestId });
    case 'fulfilment':
      return deps.orders.reportFulfilment({ ...ref, outcome: given(parameters.outcome) });
    case 'resolve':
      return carriedOut(await deps.orders.resolve({ ...ref, requestId, action: given(parameters.action) }), true);
    case 'hold':
    case 'release':
      return moveDeadline(deps, request, { action });
    case 'extend':
      return moveDeadline(deps, request, { action, until: given(parameters.until) });
    case 'recheck':
      return lookAgain(deps, given(await loadOrder(deps.db, ref)));
    case 'abnormalRefund':
    case 'reissue':
    case 'paidOffline': {
      const outRefundNo = given(request.outRefundNo);
      return carriedOut(await deps.refunds.resolve({ mchid, outRefundNo, requestId, action }), true);
    }
    case 'externalRefund': {
      const outRefundNo = given(parameters.outRefundNo);
      await deps.refunds.findExternal({ mchid, orderNo, outRefundNo });
      return 'asked';
    }
    case 'resend':
      return sendAgain(deps, request);
    case 'redrive':
      return redrive(deps, given(parameters.inboxId));
    case 'rescue': {
      const order = given(await loadOrder(deps.db, ref));
      const refund = order.refunds.find(({ outRefundNo }) => outRefundNo === request.outRefundNo);
      return refund === undefined ? rescue(deps, order) : rescueOne(deps, refund);
    }
    case 'refund':
      throw new Error('A refund is asked for and answered in one transaction');
    default:
      return action satisfies never;
  }
}

async function moveDeadline(deps: BringDeps, request: UnfinishedAction, move: DeadlineMove): Promise<string> {
  const { mchid, orderNo, id: requestId } = request;
  const until = deadlineAfter(given(await loadOrder(deps.db, request)), move, deps.now());
  return until === undefined ? 'not_open' : deps.orders.extendDeadline({ mchid, orderNo, requestId, until });
}

/** What was tried since it was asked for is on its way; else it begins anew. */
async function sendAgain({ db, events, now }: BringDeps, request: UnfinishedAction): Promise<string> {
  const { mchid, requestedAt } = request;
  const id = given(request.eventId);
  const event = (await listEvents(db, request)).find((it) => it.id === id);
  const isTried = event?.deliveries.some(({ at }) => at >= requestedAt) === true;
  if (event?.status !== 'pending' && !isTried) {
    const outcome = await resendEvent(db, { mchid, id }, now());
    if (outcome !== 'resent') return outcome;
  }
  await events.start(id);
  return 'resent';
}

async function redrive(deps: BringDeps, inboxId: string): Promise<string> {
  const row = given(await loadInbox(deps.db, inboxId));
  const outcome = await deliverNotify(deps, row);
  if (outcome !== 'unmatched') await markInbox(deps.db, row.id, outcome, deps.now());
  return outcome;
}

/** A request is kept whole: whatever its action needs is there. */
function given<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('A request that is kept lacks what it is about');
  return value;
}
