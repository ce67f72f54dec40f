import type { InboxRow } from '../../db/notify-inbox.js';
import { ApiError } from '../api-error.js';
import type { OrderWorkflows } from '../../temporal/port.js';

/** Tells the order what a matched row says: for a notify that just came and for one that a person sends again. */
export function deliver(
  orders: Pick<OrderWorkflows, 'deliverEvidence'>,
  { mchid, orderNo, evidence }: InboxRow,
): Promise<'signalled' | 'duplicate'> {
  if (orderNo === null || evidence === null) throw new ApiError('order_not_found', 'No order has this outTradeNo.');
  return orders.deliverEvidence({ mchid, orderNo, evidence });
}
