import { ChildWorkflowCancellationType, ParentClosePolicy, startChild } from '@temporalio/workflow';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import type { Language } from '../src/base/language.js';
import { eventWorkflowId, refundWorkflowId, type Mchid } from '../src/base/ids.js';
import { formatYuan, type Fen } from '../src/base/money.js';
import { SEARCH_ATTRIBUTES, WORKFLOW_TASK_TIMEOUT, type EventInput, type RefundInput } from './messages.js';

const MCHID = defineSearchAttributeKey(SEARCH_ATTRIBUTES.mchid, SearchAttributeType.KEYWORD);

/** Both outlive the workflow that starts them: neither its end nor its termination may stop money or news on their way. */
const ABANDONED = {
  parentClosePolicy: ParentClosePolicy.ABANDON,
  cancellationType: ChildWorkflowCancellationType.ABANDON,
  workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
} as const;

export function startRefund(input: RefundInput, amountFen: Fen): Promise<void> {
  const { mchid, outRefundNo } = input;
  return joining(() =>
    startChild<(input: RefundInput) => Promise<void>>('refund', {
      ...ABANDONED,
      workflowId: refundWorkflowId(mchid, outRefundNo),
      args: [input],
      typedSearchAttributes: new TypedSearchAttributes([{ key: MCHID, value: mchid }]),
      staticSummary: `${formatYuan(amountFen)} · ${outRefundNo}`,
    }),
  );
}

export function startEvent(
  event: { readonly id: string; readonly type: string },
  mchid: Mchid,
  language: Language,
): Promise<void> {
  return joining(() =>
    startChild<(input: EventInput) => Promise<void>>('event', {
      ...ABANDONED,
      workflowId: eventWorkflowId(event.id),
      args: [{ eventId: event.id, language }],
      typedSearchAttributes: new TypedSearchAttributes([{ key: MCHID, value: mchid }]),
      staticSummary: event.type,
    }),
  );
}

/** One that runs already is the one that was wanted: its row tells it everything. */
async function joining(start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
