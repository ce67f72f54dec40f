import { resendSignal, type EventInput } from '../../workflows/shop-events/messages.js';
import { eventWorkflowId } from '../base/ids.js';
import { signalWithStart, startWorkflow, type Temporal, type WorkflowStart } from '../temporal/workflow.js';

export type EventWorkflows = ReturnType<typeof createEventWorkflows>;

export function createEventWorkflows(temporal: Temporal) {
  const { language } = temporal.installation;
  const runOf = (eventId: string): WorkflowStart<EventInput> => ({
    workflow: 'event',
    workflowId: eventWorkflowId(eventId),
    input: { eventId, language },
  });
  return {
    /** Goes on where the event's row says; joins the one that runs. */
    start: (eventId: string): Promise<void> => startWorkflow(temporal, runOf(eventId)),
    /** As `start`, but a run that waits for its next try begins again from the row at once. */
    resend: (eventId: string): Promise<void> => signalWithStart(temporal, runOf(eventId), resendSignal, []),
  };
}
