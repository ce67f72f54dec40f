import { deadlineAfter, type DeadlineMove } from '../../domain/order/deadline.js';
import type { OrderRecord } from '../../domain/order/record.js';
import type { OrderWorkflows } from '../port.js';
import { recordedAction, type Asker, type RecordDeps } from './recorded-action.js';

export type DeadlineDeps = RecordDeps & { readonly orders: OrderWorkflows };

/**
 * Moves PaySaga's own deadline of an order that can still be paid: `not_open` otherwise. `out_of_range` asks for a time that has
 * passed, or more than 7 days after creation. `pending` is recorded and goes on.
 */
export async function moveDeadline(
  deps: DeadlineDeps,
  order: OrderRecord,
  move: DeadlineMove,
  asker: Asker,
): Promise<'extended' | 'not_open' | 'pending' | 'out_of_range'> {
  const { mchid, orderNo } = order;
  const until = deadlineAfter(order, move, deps.now());
  if (until === undefined) return 'out_of_range';
  // What is asked for, not the time it comes to: a repeated release joins the open one.
  const parameters = move.action === 'extend' ? { until: until.toISOString() } : {};
  const request = { mchid, orderNo, action: move.action, parameters, ...asker };
  return recordedAction(deps, request, (requestId) => deps.orders.extendDeadline({ mchid, orderNo, requestId, until }));
}
