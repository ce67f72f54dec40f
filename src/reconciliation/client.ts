import type { ReconciliationInput } from '../../workflows/reconciliation/messages.js';
import { recheckSignal } from '../../workflows/saga/messages.js';
import { reconciliationWorkflowId } from '../base/ids.js';
import {
  endStalled,
  progressOf,
  signalWithStart,
  startWorkflow,
  type Temporal,
  type WorkflowProgress,
  type WorkflowStart,
} from '../temporal/workflow.js';
import type { DayRef } from './store/bill.js';

export type ReconciliationWorkflows = ReturnType<typeof createReconciliationWorkflows>;

export function createReconciliationWorkflows(deps: Temporal) {
  return {
    /** Goes on with a day that was opened; joins the run under way, so that starting one again is harmless. */
    start: (day: DayRef) => startWorkflow(deps, runOf(deps, day)),

    /** The same; a run that sleeps goes on at once, and one that ends just now is followed by another. */
    wake: (day: DayRef) => signalWithStart(deps, runOf(deps, day), recheckSignal, []),

    /** Throws {@link TemporalUnavailable}. */
    progress: async ({ mchid, date, now }: DayRef & { readonly now: Date }): Promise<WorkflowProgress> =>
      (await progressOf(deps.client, reconciliationWorkflowId(mchid, date), now)).kind,

    /** Ends a run that cannot go on, so that the day may be started again. */
    endStalled: ({ mchid, date }: DayRef) => endStalled(deps.client, reconciliationWorkflowId(mchid, date), false),
  };
}

function runOf({ installation: { language } }: Temporal, { mchid, date }: DayRef): WorkflowStart<ReconciliationInput> {
  return {
    workflow: 'reconciliation',
    workflowId: reconciliationWorkflowId(mchid, date),
    input: { mchid, date, language },
    summary: `${date} · ${mchid}`,
    attributes: { mchid },
  };
}
