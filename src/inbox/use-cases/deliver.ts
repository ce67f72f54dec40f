import type { Db } from '../../db/connection.js';
import { markInbox } from '../store/receive.js';
import type { InboxRow } from '../store/inbox.js';
import { loadRefund } from '../../refunds/store/record.js';
import type { RefundWorkflows } from '../../refunds/client.js';
import type { OrderWorkflows } from '../../orders/client.js';

export type DeliverDeps = {
  readonly db: Db;
  readonly orders: Pick<OrderWorkflows, 'deliverEvidence' | 'recheck'>;
  readonly refunds: Pick<RefundWorkflows, 'deliverEvidence'>;
  readonly now: () => Date;
};

type Delivered = 'signalled' | 'duplicate' | 'unmatched';

/** Brings a verified notify to its order or its refund and marks its row. `unmatched`: no order has its number. */
export async function deliverNotify(deps: DeliverDeps, row: InboxRow): Promise<Delivered> {
  const outcome = await signalled(deps, row);
  if (outcome !== 'unmatched') await markInbox(deps.db, row.id, outcome, deps.now());
  return outcome;
}

async function signalled(deps: DeliverDeps, row: InboxRow): Promise<Delivered> {
  const { mchid, orderNo } = row;
  if (orderNo === null || row.kind === 'other') return 'unmatched';
  if (row.kind === 'payment') {
    const { evidence } = row;
    return evidence === null ? 'unmatched' : deps.orders.deliverEvidence({ mchid, orderNo, evidence });
  }
  const { evidence } = row;
  if (evidence === null) {
    await deps.orders.recheck({ mchid, orderNo });
    return 'signalled';
  }
  const { outRefundNo } = evidence;
  // A refund that PaySaga did not make may be the first to tell that the order was paid.
  if ((await loadRefund(deps.db, { mchid, outRefundNo })) === undefined) await deps.orders.recheck({ mchid, orderNo });
  return deps.refunds.deliverEvidence({ mchid, orderNo, outRefundNo, evidence });
}
