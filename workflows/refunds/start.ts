import { refundWorkflowId, type Mchid, type OutRefundNo } from '../../src/base/ids.js';
import { formatYuan, type Fen } from '../../src/base/money.js';
import { startOwn } from '../saga/child.js';
import type { Saga } from '../saga/saga.js';
import type { RefundInput } from './messages.js';

/** The workflow of a refund that is reserved: its order's, or its predecessor's loop starts it. */
export function startRefund(
  { language }: Pick<Saga<unknown, never>, 'language'>,
  {
    mchid,
    outRefundNo,
    amountFen,
  }: { readonly mchid: Mchid; readonly outRefundNo: OutRefundNo; readonly amountFen: Fen },
): Promise<void> {
  return startOwn<RefundInput>('refund', {
    workflowId: refundWorkflowId(mchid, outRefundNo),
    input: { mchid, outRefundNo, language },
    mchid,
    staticSummary: `${formatYuan(amountFen)} · ${outRefundNo}`,
  });
}
