import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import type { WorkflowStartOptions } from '@temporalio/client';
import type { Db } from '../db/connection.js';
import { loadRefund } from '../refunds/store/record.js';

import { refundWorkflowId, type OrderNo } from '../base/ids.js';
import type { RefundEvidence } from '../domain/refund/evidence.js';
import { isRefundFinal } from '../domain/refund/states.js';
import {
  recheckSignal,
  refundEvidenceSignal,
  refundResolveUpdate,
  SEARCH_ATTRIBUTES,
  WORKFLOW_TASK_TIMEOUT,
  type RefundInput,
} from '../../workflows/messages.js';
import { reach, reachOrPending } from './call.js';
import type { RefundRef, RefundWorkflows } from './port.js';
import { endStalled, progressOf } from './progress.js';
import type { Installation } from './start-options.js';

export type RefundWorkflowsDeps = {
  readonly client: Client;
  readonly db: Db;
  readonly installation: Installation;
  /** Milliseconds a call waits for the workflow. */
  readonly waitMs: number;
};

/** Named, not imported: the client must not load workflow code. */
const REFUND_WORKFLOW = 'refund';
type RefundWorkflow = (input: RefundInput) => Promise<void>;

/** Milliseconds to hand over a signal or a start. */
const HAND_OVER_MS = 3_000;

/** The refund workflows over a Temporal client. Each run reads the refund's row first, so that starting one again is harmless. */
export function createRefundWorkflows(deps: RefundWorkflowsDeps): RefundWorkflows {
  const { client, installation } = deps;
  return {
    start: (ref) => start(deps, ref),

    progress: async ({ mchid, outRefundNo, now }) =>
      (await progressOf(client, refundWorkflowId(mchid, outRefundNo), now)).kind,

    async rescue({ force, ...ref }) {
      const outcome = await endStalled(client, refundWorkflowId(ref.mchid, ref.outRefundNo), force);
      if (outcome === 'rescued') await start(deps, ref);
      return outcome;
    },

    async recheck(ref) {
      const options = { ...startOptions(ref, installation), signal: recheckSignal, signalArgs: [] as [] };
      await reach(client, HAND_OVER_MS, () =>
        client.workflow.signalWithStart<RefundWorkflow>(REFUND_WORKFLOW, options),
      );
    },

    deliverEvidence: ({ evidence, ...ref }) => deliverEvidence(deps, ref, evidence),

    async findExternal({ orderNo, ...ref }) {
      const options = startOptions(ref, installation, orderNo);
      await reach(client, HAND_OVER_MS, () => client.workflow.start<RefundWorkflow>(REFUND_WORKFLOW, options));
    },

    resolve({ requestId, action, ...ref }) {
      const options = startOptions(ref, installation);
      return reachOrPending(client, deps.waitMs, () =>
        client.workflow.executeUpdateWithStart(refundResolveUpdate, {
          updateId: `resolve/${requestId}`,
          args: [action],
          startWorkflowOperation: new WithStartWorkflowOperation<RefundWorkflow>(REFUND_WORKFLOW, options),
        }),
      );
    },
  };
}

async function start({ client, installation }: RefundWorkflowsDeps, ref: RefundRef): Promise<void> {
  const options = startOptions(ref, installation);
  await reach(client, HAND_OVER_MS, () => client.workflow.start<RefundWorkflow>(REFUND_WORKFLOW, options));
}

/** A refund that runs is signalled; one that has ended needs to hear only what does not agree with how it ended. */
async function deliverEvidence(
  { client, db, installation }: RefundWorkflowsDeps,
  { orderNo, ...ref }: RefundRef & { readonly orderNo: OrderNo },
  evidence: RefundEvidence,
): Promise<'signalled' | 'duplicate'> {
  try {
    const handle = client.workflow.getHandle(refundWorkflowId(ref.mchid, ref.outRefundNo));
    await reach(client, HAND_OVER_MS, () => handle.signal(refundEvidenceSignal, evidence));
    return 'signalled';
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  const refund = await loadRefund(db, ref);
  if (refund !== undefined && isRefundFinal(refund.state)) return 'duplicate';
  const options = {
    ...startOptions(ref, installation, refund === undefined ? orderNo : undefined),
    signal: refundEvidenceSignal,
    signalArgs: [evidence] as [RefundEvidence],
  };
  await reach(client, HAND_OVER_MS, () =>
    client.workflow.signalWithStart<RefundWorkflow, [RefundEvidence]>(REFUND_WORKFLOW, options),
  );
  return 'signalled';
}

const MCHID = defineSearchAttributeKey(SEARCH_ATTRIBUTES.mchid, SearchAttributeType.KEYWORD);

function startOptions({ mchid, outRefundNo }: RefundRef, { taskQueue, language }: Installation, externalOf?: OrderNo) {
  return {
    workflowId: refundWorkflowId(mchid, outRefundNo),
    taskQueue,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    args: [{ mchid, outRefundNo, language, ...(externalOf === undefined ? {} : { externalOf }) }],
    typedSearchAttributes: new TypedSearchAttributes([{ key: MCHID, value: mchid }]),
    staticSummary: outRefundNo,
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  } satisfies WorkflowStartOptions<RefundWorkflow>;
}
