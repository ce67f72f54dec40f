import { markRefundStalled } from '../../refunds/store/sweep.js';
import { markStalled } from '../store/sweep.js';
import { DomainError } from '../rules/domain-error.js';
import { nextDueOf } from '../rules/next-step.js';
import type { OrderRecord } from '../rules/record.js';
import type { RefundRecord } from '../../refunds/rules/record.js';
import { isRefundFinal } from '../../refunds/rules/states.js';
import { recordedAction, type Asker } from '../../actions/use-cases/recorded-action.js';
import { requireOrder, type OrderCall, type OrderDeps } from './order.js';

type RescueDeps = Omit<OrderDeps, 'log'>;
type RescueOutcome = 'rescued' | 'not_stalled';

/**
 * Ends the run of an order's workflow that cannot go on, and starts the order again from Postgres. Throws `order_not_found`,
 * `not_stalled`, and {@link TemporalUnavailable}.
 */
export async function rescueOrder(deps: RescueDeps, call: OrderCall, asker: Asker): Promise<OrderRecord> {
  const order = await requireOrder(deps, call);
  const outcome = await recordedAction(deps, order, { action: 'rescue', ...asker }, () => revive(deps, order));
  if (outcome === 'not_stalled') throw new DomainError('not_stalled', "The order's workflow goes on by itself.");
  return requireOrder(deps, order);
}

/** For a request that is recorded already. An order's stalled refunds are rescued with it. */
export async function revive(deps: RescueDeps, order: OrderRecord): Promise<RescueOutcome> {
  const { mchid, orderNo, stalledSince } = order;
  const stalled = order.refunds.filter((refund) => refund.stalledSince !== null);
  const isOver = stalledSince === null && nextDueOf(order) === null;
  const own = isOver ? 'not_stalled' : await deps.orders.rescue({ mchid, orderNo, force: stalledSince !== null });
  if (own === 'rescued') await markStalled(deps.db, order, false, deps.now());
  const outcomes = await Promise.all(stalled.map((refund) => reviveRefund(deps, refund)));
  return [own, ...outcomes].includes('rescued') ? 'rescued' : 'not_stalled';
}

export async function reviveRefund(deps: RescueDeps, refund: RefundRecord): Promise<RescueOutcome> {
  const { mchid, outRefundNo, state, stalledSince } = refund;
  if (stalledSince === null && isRefundFinal(state)) return 'not_stalled';
  const outcome = await deps.refunds.rescue({ mchid, outRefundNo, force: stalledSince !== null });
  if (outcome === 'rescued') await markRefundStalled(deps.db, refund, false, deps.now());
  return outcome;
}
