import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { ChildWorkflowCancellationType, ParentClosePolicy, startChild } from '@temporalio/workflow';
import type { Mchid } from '../../src/base/ids.js';
import { SEARCH_ATTRIBUTES, WORKFLOW_TASK_TIMEOUT } from './messages.js';

const MCHID = defineSearchAttributeKey(SEARCH_ATTRIBUTES.mchid, SearchAttributeType.KEYWORD);

type Child<Input> = {
  readonly workflowId: string;
  readonly input: Input;
  readonly mchid: Mchid;
  readonly staticSummary: string;
};

/** A workflow that outlives its parent: the end of that stops no money and no news on their way. One that runs already will do. */
export async function startOwn<Input>(workflowType: string, child: Child<Input>): Promise<void> {
  try {
    await startChild<(input: Input) => Promise<void>>(workflowType, {
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      workflowId: child.workflowId,
      args: [child.input],
      typedSearchAttributes: new TypedSearchAttributes([{ key: MCHID, value: child.mchid }]),
      staticSummary: child.staticSummary,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
