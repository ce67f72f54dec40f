import { finishAnswered } from '../../actions/store/unfinished.js';
import { DomainError } from '../rules/domain-error.js';
import { deadlineAfter, type DeadlineMove } from '../rules/requests.js';
import type { OrderRecord } from '../rules/record.js';
import { recordedAction, type Asker } from '../../actions/use-cases/recorded-action.js';
import { RECORDED_ONLY, requireOrder, requirePayable, type OrderCall, type OrderDeps } from './order.js';

/**
 * The order with its new deadline, which is PaySaga's own. Throws `order_not_found`, `order_closed`, `order_not_payable`,
 * `outcome_pending`, and `invalid_request` for a time that has passed or is more than 7 days after creation.
 */
export async function moveDeadline(
  deps: Omit<OrderDeps, 'log'>,
  call: OrderCall,
  move: DeadlineMove,
  asker: Asker,
): Promise<OrderRecord> {
  const order = await requireOrder(deps, call);
  // A repeated move may have ended the order: its outcome counts.
  if (asker.isRepeat !== true) {
    await finishAnswered(deps.db, order, deps.now());
    requirePayable(order);
  }
  const { mchid, orderNo } = order;
  const until = deadlineAfter(order, move, deps.now());
  if (until === undefined) {
    throw new DomainError('invalid_request', 'until: must be in the future and within 7 days of creation');
  }
  // What is asked for, not the time it comes to: a repeated release joins the open one.
  const parameters = move.action === 'extend' ? { until: until.toISOString() } : {};
  const outcome = await recordedAction(deps, order, { action: move.action, parameters, ...asker }, (requestId) =>
    deps.orders.extendDeadline({ mchid, orderNo, requestId, until }),
  );
  const after = await requireOrder(deps, order);
  if (outcome === 'not_open') refuseMove(after);
  if (outcome !== 'extended') throw new DomainError(...RECORDED_ONLY);
  return after;
}

/** Throws why the deadline of an order that has ended stays where it is. */
export function refuseMove(order: OrderRecord): never {
  requirePayable(order);
  throw new DomainError('order_not_payable', 'The order can no longer be extended.');
}
