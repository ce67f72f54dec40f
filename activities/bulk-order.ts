import { cancellationSignal } from '@temporalio/activity';
import { parseOrderNo } from '../src/base/ids.js';
import { recordedOutcome } from '../src/actions/store/unfinished.js';
import type { BulkRecord } from '../src/bulk/store/bulk.js';
import { loadOrder, type OrderRef } from '../src/orders/store/order.js';
import { isBulkRefusal, type BulkOutcome } from '../src/bulk/rules/bulk.js';
import { DomainError } from '../src/domain/domain-error.js';
import { refuseMove } from '../src/orders/use-cases/deadline.js';
import { requireOrder, type OrderDeps } from '../src/orders/use-cases/order.js';
import { ORDER_PERFORMERS } from '../src/orders/use-cases/performers.js';

export type BulkOrderDeps = Omit<OrderDeps, 'log'>;

/**
 * Does to one order what a bulk says. What this bulk has recorded of it before, in a slice that was interrupted, counts: it is
 * done once. `interrupted`: the worker stops, and the outcome is not known yet. Throws what says that it could not be asked.
 */
export async function actOnOrder(
  deps: BulkOrderDeps,
  bulk: BulkRecord,
  number: string,
): Promise<BulkOutcome | 'interrupted'> {
  const orderNo = parseOrderNo(number);
  if (!orderNo.ok) return 'order_not_found';
  const ref = { mchid: bulk.mchid, orderNo: orderNo.value };
  const recorded = await recordedOutcome(deps.db, { bulkId: bulk.id, ...ref });
  switch (recorded) {
    case 'asked':
    case 'rescued':
    case 'extended':
    // A later decision took its place, after it had been asked.
    case 'superseded':
      return 'done';
    case 'not_open':
      return outcomeOf(async () => refuseMove(await requireOrder(deps, ref)));
    default:
      return ask(deps, bulk, ref, recorded !== undefined);
  }
}

async function ask(
  deps: BulkOrderDeps,
  { id: bulkId, action, actor, reason, until }: BulkRecord,
  ref: OrderRef,
  isRepeat: boolean,
): Promise<BulkOutcome | 'interrupted'> {
  const perform = ORDER_PERFORMERS[action];
  const outcome = await patiently((isAsked) =>
    outcomeOf(() => perform(deps, ref, { actor, reason, bulkId, isRepeat: isRepeat || isAsked }, { until })),
  );
  if (outcome === 'outcome_pending' && cancellationSignal().aborted) return 'interrupted';
  // A release that was asked for before the slice was interrupted has ended the order.
  const isEnded = isRepeat && action === 'release' && outcome === 'order_closed';
  return isEnded && (await loadOrder(deps.db, ref))?.closedReason === 'expired' ? 'done' : outcome;
}

/** Three times the 8 s of one call: an order whose worker was killed answers again after 10 to 20 s. */
const ASKS = 3;

/** Asks again, and so joins what it asked, while the outcome stays open. */
async function patiently(run: (isAsked: boolean) => Promise<BulkOutcome>): Promise<BulkOutcome> {
  const signal = cancellationSignal();
  let outcome = await run(false);
  for (let asks = 1; outcome === 'outcome_pending' && asks < ASKS && !signal.aborted; asks += 1) {
    outcome = await run(true);
  }
  return outcome;
}

/** What a use case refuses is the order's outcome, by the same code as the API's answer. */
async function outcomeOf(act: () => Promise<unknown>): Promise<BulkOutcome> {
  try {
    await act();
    return 'done';
  } catch (error) {
    if (error instanceof DomainError && isBulkRefusal(error.code)) return error.code;
    throw error;
  }
}
