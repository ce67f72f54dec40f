import type { Db } from '../db/connection.js';
import type { InboxRow } from '../inbox/store/inbox.js';
import { loadRefund } from '../refunds/store/record.js';
import type { OrderWorkflows, RefundWorkflows } from './port.js';

type Deps = {
  readonly db: Db;
  readonly orders: Pick<OrderWorkflows, 'deliverEvidence' | 'recheck'>;
  readonly refunds: Pick<RefundWorkflows, 'deliverEvidence'>;
};

/**
 * Tells whom a verified notify concerns, wherever the row comes from: a notify that just came, the sweeper, or a person who sends
 * it again. A refund that PaySaga never made concerns its order as well.
 */
export async function deliverNotify(deps: Deps, row: InboxRow): Promise<'signalled' | 'duplicate' | 'unmatched'> {
  const { mchid, orderNo } = row;
  if (orderNo === null || row.kind === 'other') return 'unmatched';
  if (row.kind === 'payment') {
    return row.evidence === null
      ? 'unmatched'
      : deps.orders.deliverEvidence({ mchid, orderNo, evidence: row.evidence });
  }
  const { evidence } = row;
  if (evidence === null) {
    await deps.orders.recheck({ mchid, orderNo });
    return 'signalled';
  }
  const { outRefundNo } = evidence;
  // One that PaySaga did not make may be the first to tell that the order was paid.
  if ((await loadRefund(deps.db, { mchid, outRefundNo })) === undefined) await deps.orders.recheck({ mchid, orderNo });
  return deps.refunds.deliverEvidence({ mchid, orderNo, outRefundNo, evidence });
}
