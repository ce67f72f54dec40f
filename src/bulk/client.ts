import type { BulkInput } from '../../workflows/bulk/messages.js';
import { bulkWorkflowId } from '../base/ids.js';
import type { Db } from '../db/connection.js';
import { startWorkflow, type Temporal, type WorkflowStart } from '../temporal/workflow.js';
import { loadBulk } from './store/bulk.js';

export type BulkWorkflows = ReturnType<typeof createBulkWorkflows>;

export function createBulkWorkflows(deps: Temporal & { readonly db: Db }) {
  return {
    /** Goes on with what is open of a recorded bulk; joins a run, so that starting one again is harmless. */
    async start(id: string): Promise<void> {
      const bulk = await loadBulk(deps.db, id);
      if (bulk === undefined) throw new Error('A bulk is recorded before it is started');
      const { action, mchid, total, done, failed } = bulk;
      const progress = { total, done, failed, open: total - done - failed };
      const run: WorkflowStart<BulkInput> = {
        workflow: 'bulk',
        workflowId: bulkWorkflowId(id),
        input: { bulkId: id, mchid, action, progress, language: deps.installation.language },
        summary: `${action} · ${total} orders`,
        attributes: { mchid },
      };
      await startWorkflow(deps, run);
    },
  };
}
