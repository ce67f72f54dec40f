import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Db } from '../db/connection.js';
import { isSettled } from '../orders/store/evidence.js';
import { orderWorkflowId } from '../base/ids.js';
import type { Evidence } from '../domain/order/evidence.js';
import { evidenceSignal } from '../../workflows/messages.js';
import { reach } from './call.js';
import type { OrderRef } from './port.js';
import { ORDER_WORKFLOW, resumeOptions, type Installation, type OrderWorkflow } from './start-options.js';

type Deps = {
  readonly client: Client;
  readonly db: Db;
  readonly installation: Installation;
  readonly timeoutMs: number;
};

/**
 * Brings one fact about money to its order, wherever it comes from (notify, redrive, sweeper). A running order is signalled.
 * Without one Postgres decides: money already settled is a duplicate; anything else starts the order again.
 */
export async function deliverEvidence(
  deps: Deps,
  ref: OrderRef,
  evidence: Evidence,
): Promise<'signalled' | 'duplicate'> {
  const { client } = deps;
  try {
    const handle = client.workflow.getHandle(orderWorkflowId(ref.mchid, ref.orderNo));
    await reach(client, deps.timeoutMs, () => handle.signal(evidenceSignal, evidence));
    return 'signalled';
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  const { outTradeNo, transactionId } = evidence;
  if (await isSettled(deps.db, { mchid: ref.mchid, outTradeNo, transactionId })) return 'duplicate';
  const options = {
    ...resumeOptions(ref, deps.installation, false),
    signal: evidenceSignal,
    signalArgs: [evidence] as [Evidence],
  };
  await reach(client, deps.timeoutMs, () =>
    client.workflow.signalWithStart<OrderWorkflow, [Evidence]>(ORDER_WORKFLOW, options),
  );
  return 'signalled';
}
