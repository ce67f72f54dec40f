import type { Client } from '@temporalio/client';
import { ok, skipped, warning, type Finding } from '../finding.js';
import { GRPC, grpcCode } from './grpc.js';

const QUERY = "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'";

/** Workflows whose code fails over and over: a worker of another build, or a fault. */
export async function checkFailingTasks(client: Client, namespace: string): Promise<Finding> {
  try {
    const { count } = await client.workflowService.countWorkflowExecutions({ namespace, query: QUERY });
    const failing = Number(count);
    if (failing === 0) return ok('none');
    return warning(
      `workflows that cannot go on, since their tasks fail: ${failing}`,
      `List them in the Temporal UI with: ${QUERY}; deploy the build that started them, or repair the code.`,
    );
  } catch (error) {
    if (grpcCode(error) !== GRPC.invalidArgument) throw error;
    // Not every version has this attribute: 1.29.1 has not.
    return skipped('a server of this version does not report it');
  }
}
