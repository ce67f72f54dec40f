import { WorkflowNotFoundError } from '@temporalio/client';
import {
  refundEvidenceSignal,
  refundExternalSignal,
  refundResolveUpdate,
  type RefundInput,
} from '../../workflows/refunds/messages.js';
import { recheckSignal } from '../../workflows/saga/messages.js';
import { refundWorkflowId, type OrderNo } from '../base/ids.js';
import type { Db } from '../db/connection.js';
import type { RefundEvidence } from './rules/events.js';
import { isRefundFinal, type RefundResolveAction } from './rules/states.js';
import {
  endStalled,
  progressOf,
  signalWithStart,
  signalWorkflow,
  startWorkflow,
  updateWithStart,
  type Temporal,
  type WorkflowStart,
} from '../temporal/workflow.js';
import { loadRefund, type RefundRef } from './store/record.js';

/** What the rest of PaySaga asks of the refund workflows; waits and failures as in `OrderWorkflows`. */
export type RefundWorkflows = ReturnType<typeof createRefundWorkflows>;

type RefundWorkflowsDeps = Temporal & { readonly db: Db; readonly waitMs: number };

type RefundOfOrder = RefundRef & { readonly orderNo: OrderNo };

type RefundDecided = RefundRef & { readonly requestId: string; readonly action: RefundResolveAction };

/** Each run reads the refund's row first, so that starting one again is harmless. */
export function createRefundWorkflows(deps: RefundWorkflowsDeps) {
  const { client } = deps;
  return {
    /** The row is there already: a number runs once. Joins the one that runs. */
    start: (ref: RefundRef) => startWorkflow(deps, runOf(deps, ref)),

    /** Asks WeChat Pay now. Starts the refund again where its workflow has ended. */
    recheck: (ref: RefundRef) => signalWithStart(deps, runOf(deps, ref), recheckSignal, []),

    /** `orderNo` tells whose refund it is if PaySaga did not make it; then it is kept as WeChat Pay says it is. */
    deliverEvidence: ({ evidence, ...ref }: RefundOfOrder & { readonly evidence: RefundEvidence }) =>
      deliverEvidence(deps, ref, evidence),

    /** Asks WeChat Pay, until it answers, about a refund that somebody else made, and keeps it; one of the number that runs becomes it. */
    findExternal: ({ orderNo, ...ref }: RefundOfOrder) =>
      signalWithStart(deps, runOf(deps, ref, orderNo), refundExternalSignal, [orderNo]),

    resolve: ({ requestId, action, ...ref }: RefundDecided) =>
      updateWithStart(deps, runOf(deps, ref), refundResolveUpdate, {
        updateId: `resolve/${requestId}`,
        args: [action, requestId],
      }),

    progress: async ({ mchid, outRefundNo, now }: RefundRef & { readonly now: Date }) =>
      (await progressOf(client, refundWorkflowId(mchid, outRefundNo), now)).kind,

    async rescue({ force, ...ref }: RefundRef & { readonly force: boolean }) {
      const outcome = await endStalled(client, refundWorkflowId(ref.mchid, ref.outRefundNo), force);
      if (outcome === 'rescued') await startWorkflow(deps, runOf(deps, ref));
      return outcome;
    },
  };
}

/** A refund that runs is signalled; one that has ended needs to hear only what does not agree with how it ended. */
async function deliverEvidence(
  deps: RefundWorkflowsDeps,
  { orderNo, ...ref }: RefundOfOrder,
  evidence: RefundEvidence,
): Promise<'signalled' | 'duplicate'> {
  try {
    await signalWorkflow(deps, refundWorkflowId(ref.mchid, ref.outRefundNo), refundEvidenceSignal, [evidence]);
    return 'signalled';
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  const refund = await loadRefund(deps.db, ref);
  if (refund !== undefined && isRefundFinal(refund.state)) return 'duplicate';
  const run = runOf(deps, ref, refund === undefined ? orderNo : undefined);
  await signalWithStart(deps, run, refundEvidenceSignal, [evidence]);
  return 'signalled';
}

/** `externalOf`: the order whose refund it is, where it has no row yet. */
function runOf(
  { installation: { language } }: RefundWorkflowsDeps,
  { mchid, outRefundNo }: RefundRef,
  externalOf?: OrderNo,
): WorkflowStart<RefundInput> {
  return {
    workflow: 'refund',
    workflowId: refundWorkflowId(mchid, outRefundNo),
    input: { mchid, outRefundNo, language, ...(externalOf === undefined ? {} : { externalOf }) },
    summary: outRefundNo,
    attributes: { mchid },
  };
}
