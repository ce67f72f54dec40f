import type { Client, WorkflowStartOptions } from '@temporalio/client';
import { eventWorkflowId } from '../base/ids.js';
import { resendSignal, WORKFLOW_TASK_TIMEOUT, type EventInput } from '../../workflows/messages.js';
import { reach } from './call.js';
import type { EventWorkflows } from './port.js';
import type { Installation } from './start-options.js';

/** Named, not imported: the client must not load workflow code. */
const EVENT_WORKFLOW = 'event';
type EventWorkflow = (input: EventInput) => Promise<void>;

/** Milliseconds to hand over a signal or a start. */
const HAND_OVER_MS = 3_000;

/** The workflows that tell the shop, over a Temporal client. */
export function createEventWorkflows(deps: {
  readonly client: Client;
  readonly installation: Installation;
}): EventWorkflows {
  const { client } = deps;
  const { taskQueue, language } = deps.installation;
  const optionsOf = (eventId: string) =>
    ({
      workflowId: eventWorkflowId(eventId),
      taskQueue,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      args: [{ eventId, language }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    }) satisfies WorkflowStartOptions<EventWorkflow>;
  return {
    async start(eventId) {
      const options = optionsOf(eventId);
      await reach(client, HAND_OVER_MS, () => client.workflow.start<EventWorkflow>(EVENT_WORKFLOW, options));
    },
    async resend(eventId) {
      const options = { ...optionsOf(eventId), signal: resendSignal, signalArgs: [] as [] };
      await reach(client, HAND_OVER_MS, () => client.workflow.signalWithStart<EventWorkflow>(EVENT_WORKFLOW, options));
    },
  };
}
