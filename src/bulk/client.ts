import type { BulkInput } from '../../workflows/bulk/messages.js';
import { bulkWorkflowId } from '../base/ids.js';
import type { Db } from '../db/connection.js';
import { startWorkflow, type Temporal, type WorkflowStart } from '../temporal/workflow.js';
import { loadBulk } from './store/bulk.js';

export type BulkWorkflows = {
  /** Its row and its orders are there already. Goes on with what is open; joins the one that runs. */
  start(id: string): Promise<void>;
};

export type BulkWorkflowsDeps = Temporal & { readonly db: Db };

/** The bulks' workflows over a Temporal client. Each reads from Postgres what is still open, so that starting one again is harmless. */
export function createBulkWorkflows(deps: BulkWorkflowsDeps): BulkWorkflows {
  return {
    async start(id) {
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
