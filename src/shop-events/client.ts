import { resendSignal, type EventInput } from '../../workflows/shop-events/messages.js';
import { eventWorkflowId } from '../base/ids.js';
import { signalWithStart, startWorkflow, type Temporal, type WorkflowStart } from '../temporal/workflow.js';

export type EventWorkflows = {
  /** Goes on where the event's row says; joins the one that runs. */
  start(eventId: string): Promise<void>;
  /** As `start`, but a run that waits for its next try begins again from the row at once. */
  resend(eventId: string): Promise<void>;
};

export function createEventWorkflows(temporal: Temporal): EventWorkflows {
  const { language } = temporal.installation;
  const runOf = (eventId: string): WorkflowStart<EventInput> => ({
    workflow: 'event',
    workflowId: eventWorkflowId(eventId),
    input: { eventId, language },
  });
  return {
    start: (eventId) => startWorkflow(temporal, runOf(eventId)),
    resend: (eventId) => signalWithStart(temporal, runOf(eventId), resendSignal, []),
  };
}
