import type { ReconciliationInput } from '../../workflows/reconciliation/messages.js';
import { reconciliationWorkflowId } from '../base/ids.js';
import { startWorkflow, type Temporal, type WorkflowStart } from '../temporal/workflow.js';
import type { DayRecord } from './store/day.js';

export type ReconciliationWorkflows = ReturnType<typeof createReconciliationWorkflows>;

export function createReconciliationWorkflows(deps: Temporal) {
  return {
    /** Goes on with a day that was opened; joins the run under way, so that starting one again is harmless. */
    async start({ mchid, date, run }: Pick<DayRecord, 'mchid' | 'date' | 'run'>): Promise<void> {
      const start: WorkflowStart<ReconciliationInput> = {
        workflow: 'reconciliation',
        workflowId: reconciliationWorkflowId(mchid, date),
        input: { mchid, date, run, language: deps.installation.language },
        summary: `${date} · ${mchid}`,
        attributes: { mchid },
      };
      await startWorkflow(deps, start);
    },
  };
}
