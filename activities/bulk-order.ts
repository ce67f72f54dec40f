import { cancellationSignal } from '@temporalio/activity';
import type { BulkOutcome } from '../src/bulk/rules/bulk.js';
import { parseOrderNo } from '../src/base/ids.js';
import type { DeadlineMove } from '../src/domain/order/deadline.js';
import type { OrderRecord } from '../src/domain/order/record.js';
import { recordedOutcome } from '../src/actions/store/unfinished.js';
import type { BulkRecord } from '../src/bulk/store/bulk.js';
import type { Db } from '../src/db/connection.js';
import { loadOrder } from '../src/orders/store/order.js';
import { moveDeadline } from '../src/temporal/operator/deadline.js';
import { rescueOrder } from '../src/temporal/operator/rescue.js';
import { recheckOrder } from '../src/temporal/operator/recheck.js';
import type { OrderWorkflows, RefundWorkflows } from '../src/temporal/port.js';

export type BulkOrderDeps = {
  readonly db: Db;
  readonly orders: OrderWorkflows;
  readonly refunds: RefundWorkflows;
  readonly now: () => Date;
};

/**
 * Does to one order what a bulk says. What this bulk has recorded of it before, in a slice that was interrupted, counts: it is
 * done once. `interrupted`: the worker stops, and the outcome is not known yet. Throws what says that it could not be asked.
 */
export async function actOnOrder(
  deps: BulkOrderDeps,
  bulk: BulkRecord,
  number: string,
): Promise<BulkOutcome | 'interrupted'> {
  const order = await find(deps, bulk, number);
  if (order === undefined) return 'order_not_found';
  const recorded = await recordedOutcome(deps.db, { bulkId: bulk.id, mchid: bulk.mchid, orderNo: order.orderNo });
  switch (recorded) {
    case 'asked':
    case 'rescued':
    case 'extended':
    // A later decision took its place, after it had been asked.
    case 'superseded':
      return 'done';
    case 'not_open':
      return refusal(order) ?? 'order_not_payable';
    default:
      return ask(deps, bulk, order, recorded !== undefined);
  }
}

async function ask(
  deps: BulkOrderDeps,
  bulk: BulkRecord,
  order: OrderRecord,
  isRepeat: boolean,
): Promise<BulkOutcome | 'interrupted'> {
  const { actor, reason, id: bulkId } = bulk;
  const asker = { actor, reason, bulkId };
  if (bulk.action === 'rescue') return (await rescueOrder(deps, order, asker)) === 'rescued' ? 'done' : 'not_stalled';
  const move = moveOf(bulk);
  if (move === undefined) {
    await recheckOrder(deps, order, asker);
    return 'done';
  }
  const refused = isRepeat ? undefined : refusal(order);
  if (refused !== undefined) return refused;
  const outcome = await patiently(() => moveDeadline(deps, order, move, asker));
  switch (outcome) {
    case 'extended':
      return 'done';
    case 'out_of_range':
      return 'invalid_request';
    case 'pending':
      return cancellationSignal().aborted ? 'interrupted' : 'outcome_pending';
    case 'not_open': {
      const after = (await find(deps, bulk, order.orderNo)) ?? order;
      // It was asked before the slice was interrupted, and the order has ended by that.
      if (isRepeat && move.action === 'release' && after.closedReason === 'expired') return 'done';
      return refusal(after) ?? 'order_not_payable';
    }
    default:
      return outcome satisfies never;
  }
}

/** Three times the 8 s of one call: an order whose worker was killed answers again after 10 to 20 s. */
const ASKS = 3;

/** Asks again, and so joins what it asked, while the outcome stays open. */
async function patiently<Outcome extends string>(
  run: () => Promise<Outcome | 'pending'>,
): Promise<Outcome | 'pending'> {
  const signal = cancellationSignal();
  let outcome = await run();
  for (let asks = 1; outcome === 'pending' && asks < ASKS && !signal.aborted; asks += 1) outcome = await run();
  return outcome;
}

function moveOf({ action, until }: BulkRecord): DeadlineMove | undefined {
  if (action === 'recheck' || action === 'rescue') return undefined;
  if (action !== 'extend') return { action };
  if (until === null) throw new Error('An extend has a time');
  return { action, until };
}

function refusal({ state }: OrderRecord): BulkOutcome | undefined {
  if (state === 'closed') return 'order_closed';
  return state === 'paid' || state === 'review' ? 'order_not_payable' : undefined;
}

async function find({ db }: BulkOrderDeps, { mchid }: BulkRecord, number: string): Promise<OrderRecord | undefined> {
  const orderNo = parseOrderNo(number);
  return orderNo.ok ? loadOrder(db, { mchid, orderNo: orderNo.value }) : undefined;
}
