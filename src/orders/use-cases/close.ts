import { finishAnswered } from '../../actions/store/unfinished.js';
import { DomainError } from '../rules/domain-error.js';
import type { OrderRecord } from '../rules/record.js';
import { recordedAction, unlessAway, type Asker } from '../../actions/use-cases/recorded-action.js';
import { requireOrder, type OrderCall, type OrderDeps } from './order.js';

/**
 * Closes an order nobody should pay any more; `pending`: asked, and not confirmed yet. A repeat joins the request under way.
 * Throws `order_not_found`, `order_paid`, `order_not_payable`.
 */
export async function closeOrder(
  deps: OrderDeps,
  call: OrderCall,
  asker: Asker,
): Promise<{ order: OrderRecord; pending: boolean }> {
  const order = await requireOrder(deps, call);
  await finishAnswered(deps.db, order, deps.now());
  requireClosable(order);
  if (order.state === 'closed') return { order, pending: false };
  const { mchid, orderNo } = order;
  const outcome = await recordedAction(deps, order, { action: 'close', ...asker }, (requestId) =>
    unlessAway(deps, { mchid, orderNo }, () => deps.orders.close({ mchid, orderNo, requestId })),
  );
  const after = await requireOrder(deps, order);
  if (outcome === 'pending') await finishAnswered(deps.db, after, deps.now());
  requireClosable(after);
  return { order: after, pending: outcome === 'pending' && after.state !== 'closed' };
}

function requireClosable(order: OrderRecord): void {
  if (order.state === 'paid') throw new DomainError('order_paid', 'The order is paid.');
  if (order.state === 'review') throw new DomainError('order_not_payable', 'The order is in review: a person decides.');
}
