import { markRefundStalled } from '../../refunds/store/sweep.js';
import { markStalled } from '../../orders/store/sweep.js';
import { nextDueOf } from '../../domain/order/next-due.js';
import type { OrderRecord } from '../../domain/order/record.js';
import type { RefundRecord } from '../../domain/refund/record.js';
import { isRefundFinal } from '../../domain/refund/states.js';
import type { OrderWorkflows, RefundWorkflows } from '../port.js';
import { recordedAction, type Asker, type RecordDeps } from './recorded-action.js';

export type RescueDeps = RecordDeps & { readonly orders: OrderWorkflows; readonly refunds: RefundWorkflows };
export type RescueOutcome = 'rescued' | 'not_stalled';

/**
 * Ends the run of an order's workflow that cannot go on, and starts the order again from Postgres, which holds its facts and what
 * was asked of it. `not_stalled`: it goes on by itself. Throws {@link TemporalUnavailable}.
 */
export function rescueOrder(deps: RescueDeps, order: OrderRecord, asker: Asker): Promise<RescueOutcome> {
  const { mchid, orderNo } = order;
  const request = { mchid, orderNo, action: 'rescue', parameters: {}, ...asker } as const;
  return recordedAction(deps, request, () => rescue(deps, order));
}

/** As {@link rescueOrder}, of one refund. */
export function rescueRefund(deps: RescueDeps, refund: RefundRecord, asker: Asker): Promise<RescueOutcome> {
  const { mchid, orderNo, outRefundNo } = refund;
  const request = { mchid, orderNo, outRefundNo, action: 'rescue', parameters: {}, ...asker } as const;
  return recordedAction(deps, request, () => rescueOne(deps, refund));
}

/** Without a record of it, for one that is kept already. With an order its refunds that stand still are rescued. */
export async function rescue(deps: RescueDeps, order: OrderRecord): Promise<RescueOutcome> {
  const { mchid, orderNo, stalledSince } = order;
  const stalled = order.refunds.filter((refund) => refund.stalledSince !== null);
  const isOver = stalledSince === null && nextDueOf(order) === null;
  const own = isOver ? 'not_stalled' : await deps.orders.rescue({ mchid, orderNo, force: stalledSince !== null });
  if (own === 'rescued') await markStalled(deps.db, order, null, deps.now());
  const outcomes = await Promise.all(stalled.map((refund) => rescueOne(deps, refund)));
  return [own, ...outcomes].includes('rescued') ? 'rescued' : 'not_stalled';
}

export async function rescueOne(deps: RescueDeps, refund: RefundRecord): Promise<RescueOutcome> {
  const { mchid, outRefundNo, state, stalledSince } = refund;
  if (stalledSince === null && isRefundFinal(state)) return 'not_stalled';
  const outcome = await deps.refunds.rescue({ mchid, outRefundNo, force: stalledSince !== null });
  if (outcome === 'rescued') await markRefundStalled(deps.db, refund, null, deps.now());
  return outcome;
}
