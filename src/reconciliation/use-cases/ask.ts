import type { Db } from '../../db/connection.js';
import type { OrderWorkflows } from '../../orders/client.js';
import { recordEvidence } from '../../orders/store/evidence.js';
import type { RefundWorkflows } from '../../refunds/client.js';
import type { Repair } from '../store/repairs.js';

export type AskDeps = {
  readonly db: Db;
  readonly orders: Pick<OrderWorkflows, 'deliverEvidence' | 'recheck'>;
  readonly refunds: Pick<RefundWorkflows, 'findExternal' | 'recheck'>;
  readonly now: () => Date;
};

/** Has the order or refund of a discrepancy ask WeChat Pay about it: what comes of that is theirs, no money moves by a line. */
export async function askWeChat({ db, orders, refunds, now }: AskDeps, asked: Repair): Promise<void> {
  const { mchid, orderNo } = asked;
  switch (asked.kind) {
    case 'evidence':
      // Kept first, as a notify is: an order that is begun again hears it from there.
      await recordEvidence(db, { ...asked.evidence, orderNo }, now());
      await orders.deliverEvidence({ mchid, orderNo, evidence: asked.evidence });
      return;
    case 'recheck':
      await orders.recheck({ mchid, orderNo });
      return;
    case 'externalRefund':
      await refunds.findExternal({ mchid, orderNo, outRefundNo: asked.outRefundNo });
      return;
    case 'refundRecheck':
      await refunds.recheck({ mchid, outRefundNo: asked.outRefundNo });
      return;
    default:
      asked satisfies never;
  }
}
