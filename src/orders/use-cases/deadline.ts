import { finishAnswered } from '../../actions/store/unfinished.js';
import { DomainError } from '../rules/domain-error.js';
import { deadlineAfter, type DeadlineMove } from '../rules/requests.js';
import type { OrderRecord } from '../rules/record.js';
import { recordedAction, type Asker } from '../../actions/use-cases/recorded-action.js';
import { RECORDED_ONLY, requireOrder, requirePayable, type OrderCall, type OrderDeps, type Refusals } from './order.js';

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
  const outcome = await ask(deps, order, move, asker);
  const after = await requireOrder(deps, order);
  if (outcome === 'not_open') refuseMove(after);
  if (outcome !== 'extended') throw new DomainError(...REFUSALS[outcome]);
  return after;
}

const REFUSALS: Refusals<'out_of_range' | 'pending'> = {
  out_of_range: ['invalid_request', 'until: must be in the future and within 7 days of creation'],
  pending: RECORDED_ONLY,
};

/** Throws why the deadline of an order that has ended stays where it is. */
export function refuseMove(order: OrderRecord): never {
  requirePayable(order);
  throw new DomainError('order_not_payable', 'The order can no longer be extended.');
}

async function ask(
  deps: Omit<OrderDeps, 'log'>,
  order: OrderRecord,
  move: DeadlineMove,
  asker: Asker,
): Promise<'extended' | 'not_open' | 'pending' | 'out_of_range'> {
  const { mchid, orderNo } = order;
  const until = deadlineAfter(order, move, deps.now());
  if (until === undefined) return 'out_of_range';
  // What is asked for, not the time it comes to: a repeated release joins the open one.
  const parameters = move.action === 'extend' ? { until: until.toISOString() } : {};
  return recordedAction(deps, order, { action: move.action, parameters, ...asker }, (requestId) =>
    deps.orders.extendDeadline({ mchid, orderNo, requestId, until }),
  );
}
