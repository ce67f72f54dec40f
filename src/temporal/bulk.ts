import type { Client, WorkflowStartOptions } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import { loadBulk } from '../bulk/store/bulk.js';
import type { Db } from '../db/connection.js';
import { bulkWorkflowId } from '../base/ids.js';
import { SEARCH_ATTRIBUTES, WORKFLOW_TASK_TIMEOUT, type BulkInput } from '../../workflows/messages.js';
import { reach } from './call.js';
import type { BulkWorkflows } from './port.js';
import type { Installation } from './start-options.js';

export type BulkWorkflowsDeps = {
  readonly client: Client;
  readonly db: Db;
  readonly installation: Installation;
};

/** Named, not imported: the client must not load workflow code. */
const BULK_WORKFLOW = 'bulk';
type BulkWorkflow = (input: BulkInput) => Promise<void>;

/** Milliseconds to hand over a start. */
const HAND_OVER_MS = 3_000;

const MCHID = defineSearchAttributeKey(SEARCH_ATTRIBUTES.mchid, SearchAttributeType.KEYWORD);

/** The bulks' workflows over a Temporal client. Each reads from Postgres what is still open, so that starting one again is harmless. */
export function createBulkWorkflows({ client, db, installation }: BulkWorkflowsDeps): BulkWorkflows {
  return {
    async start(id) {
      const bulk = await loadBulk(db, id);
      if (bulk === undefined) throw new Error('A bulk is recorded before it is started');
      const { action, mchid, total, done, failed } = bulk;
      const progress = { total, done, failed, open: total - done - failed };
      const options = {
        workflowId: bulkWorkflowId(id),
        taskQueue: installation.taskQueue,
        workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
        args: [{ bulkId: id, mchid, action, progress, language: installation.language }],
        typedSearchAttributes: new TypedSearchAttributes([{ key: MCHID, value: mchid }]),
        staticSummary: `${action} · ${total} orders`,
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      } satisfies WorkflowStartOptions<BulkWorkflow>;
      await reach(client, HAND_OVER_MS, () => client.workflow.start<BulkWorkflow>(BULK_WORKFLOW, options));
    },
  };
}
