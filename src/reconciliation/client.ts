import type { ReconciliationInput } from '../../workflows/reconciliation/messages.js';
import { reconciliationWorkflowId } from '../base/ids.js';
import { endStalled, startWorkflow, type Temporal, type WorkflowStart } from '../temporal/workflow.js';
import type { DayRef } from './store/bill.js';

export type ReconciliationWorkflows = ReturnType<typeof createReconciliationWorkflows>;

export function createReconciliationWorkflows(deps: Temporal) {
  return {
    /** Goes on with a day that was opened; joins the run under way, so that starting one again is harmless. */
    start: ({ mchid, date }: DayRef): Promise<void> => {
      const start: WorkflowStart<ReconciliationInput> = {
        workflow: 'reconciliation',
        workflowId: reconciliationWorkflowId(mchid, date),
        input: { mchid, date, language: deps.installation.language },
        summary: `${date} · ${mchid}`,
        attributes: { mchid },
      };
      return startWorkflow(deps, start);
    },

    /** Ends a run that cannot go on, so that the day may be started again. */
    endStalled: ({ mchid, date }: DayRef) => endStalled(deps.client, reconciliationWorkflowId(mchid, date), false),
  };
}
