import { proxyActivities, setWorkflowOptions } from '@temporalio/workflow';
import type { SweeperActivities } from '../activities/sweeper.js';
import { neverPinned } from './saga/run.js';

const { sweep } = proxyActivities<SweeperActivities>({
  startToCloseTimeout: '50 seconds',
  retry: { maximumAttempts: 1 },
  summary: 'sweep',
});

/** The next minute's pass is its retry. */
export async function sweeper(): Promise<void> {
  await sweep();
}

setWorkflowOptions(neverPinned, sweeper);
