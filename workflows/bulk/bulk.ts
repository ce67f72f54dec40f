import {
  CancellationScope,
  proxyActivities,
  setCurrentDetails,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow';
import type { BulkActivities } from '../../activities/bulk.js';
import { bulkCard, type BulkProgress } from '../../src/bulk/rules/bulk.js';
import { inNewRun, neverPinned } from '../saga/run.js';
import type { BulkInput } from './messages.js';

/** Does what was asked to the frozen orders of a bulk, slice by slice, until Postgres has no open one. Cancelling stops nothing. */
export async function bulk(input: BulkInput): Promise<void> {
  await CancellationScope.nonCancellable(() => work(input));
}

setWorkflowOptions(neverPinned, bulk);

async function work(input: BulkInput): Promise<void> {
  const { bulkId, action, language } = input;
  const show = (progress: BulkProgress): void => setCurrentDetails(bulkCard(input, progress, language, Date.now()));
  show(input.progress);
  for (;;) {
    const progress = await slices(`${action} ${input.progress.total} orders`).runBulkSlice({ bulkId });
    show(progress);
    if (progress.open === 0) return;
    if (workflowInfo().continueAsNewSuggested) await inNewRun({ ...input, progress });
  }
}

/** Retried without limit; the heartbeat shows a killed worker. A slice takes no new order after 20 s, and one order at most 25. */
const slices = (summary: string): BulkActivities =>
  proxyActivities<BulkActivities>({
    startToCloseTimeout: '3 minutes',
    heartbeatTimeout: '15 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
    summary,
  });
