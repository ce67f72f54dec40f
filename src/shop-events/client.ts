import { resendSignal, type EventInput } from '../../workflows/shop-events/messages.js';
import { eventWorkflowId } from '../base/ids.js';
import type { EventWorkflows } from '../temporal/port.js';
import { signalWithStart, startWorkflow, type Temporal, type WorkflowStart } from '../temporal/workflow.js';

/** The workflows that tell the shop, over a Temporal client. */
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
