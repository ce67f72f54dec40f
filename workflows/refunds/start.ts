import { refundWorkflowId } from '../../src/base/ids.js';
import { formatYuan } from '../../src/base/money.js';
import type { RefundState } from '../../src/refunds/rules/state.js';
import { startOwn } from '../saga/child.js';
import type { RefundInput } from './messages.js';

export function startRefund(
  { language }: Pick<RefundInput, 'language'>,
  { mchid, outRefundNo, amountFen }: Pick<RefundState, 'mchid' | 'outRefundNo' | 'amountFen'>,
): Promise<void> {
  return startOwn<RefundInput>('refund', {
    workflowId: refundWorkflowId(mchid, outRefundNo),
    input: { mchid, outRefundNo, language },
    mchid,
    staticSummary: `${formatYuan(amountFen)} · ${outRefundNo}`,
  });
}
