import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
  type SignalDefinition,
  type UpdateDefinition,
} from '@temporalio/common';
import { SEARCH_ATTRIBUTES, WORKFLOW_TASK_TIMEOUT } from '../../workflows/saga/messages.js';
import type { Mchid } from '../base/ids.js';
import type { OrderStateName } from '../orders/rules/states.js';
import { reach, reachOrPending } from './call.js';
import type { Installation } from './connection.js';

/** A notify's whole answer has 4 s. */
const HAND_OVER_MS = 3_000;

export type Temporal = {
  readonly client: Client;
  readonly installation: Installation;
  /** How long Temporal may take to take a start or a signal; default 3 s. */
  readonly handOverMs?: number | undefined;
};

/** A run of the same id is joined. */
export type WorkflowStart<Input> = {
  /** Named, not imported: the client must not load workflow code. */
  readonly workflow: string;
  readonly workflowId: string;
  readonly input: Input;
  readonly summary?: string;
  readonly attributes?: SearchAttributes;
  /** Never again after a run of this id has ended. */
  readonly once?: boolean;
};

type SearchAttributes = { readonly mchid: Mchid; readonly payState?: OrderStateName };

type Run<Input> = (input: Input) => Promise<void>;

/** This and the messages below throw {@link TemporalUnavailable}. */
export async function startWorkflow<Input>(temporal: Temporal, start: WorkflowStart<Input>): Promise<void> {
  const { client, handOverMs = HAND_OVER_MS } = temporal;
  const options = optionsOf(temporal, start);
  await reach(client, handOverMs, () => client.workflow.start<Run<Input>>(start.workflow, options));
}

/** Throws WorkflowNotFoundError where none runs. */
export async function signalWorkflow<Args extends unknown[]>(
  { client, handOverMs = HAND_OVER_MS }: Temporal,
  workflowId: string,
  definition: SignalDefinition<Args>,
  args: Args,
): Promise<void> {
  await reach(client, handOverMs, () => client.workflow.getHandle(workflowId).signal(definition, ...args));
}

export async function signalWithStart<Input, Args extends unknown[]>(
  temporal: Temporal,
  start: WorkflowStart<Input>,
  definition: SignalDefinition<Args>,
  signalArgs: Args,
): Promise<void> {
  const { client, handOverMs = HAND_OVER_MS } = temporal;
  const options = { ...optionsOf(temporal, start), signal: definition.name, signalArgs };
  await reach(client, handOverMs, () =>
    client.workflow.signalWithStart<Run<Input>, unknown[]>(start.workflow, options),
  );
}

/** Waits `waitMs` for the outcome. The same id again joins the update. */
export function updateWithStart<Input, Outcome, Args extends unknown[]>(
  temporal: Temporal & { readonly waitMs: number },
  start: WorkflowStart<Input>,
  definition: UpdateDefinition<Outcome, Args>,
  { updateId, args }: { readonly updateId: string; readonly args: Args },
): Promise<Outcome | 'pending'> {
  const { client, waitMs } = temporal;
  return reachOrPending(client, waitMs, () =>
    client.workflow.executeUpdateWithStart(definition, {
      updateId,
      args,
      startWorkflowOperation: new WithStartWorkflowOperation<Run<Input>>(start.workflow, optionsOf(temporal, start)),
    }),
  );
}

function optionsOf<Input>({ installation }: Temporal, start: WorkflowStart<Input>) {
  const { workflowId, input, summary, attributes, once = false } = start;
  return {
    workflowId,
    taskQueue: installation.taskQueue,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    args: [input] satisfies [Input],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    workflowIdReusePolicy: once ? ('REJECT_DUPLICATE' as const) : ('ALLOW_DUPLICATE' as const),
    ...(summary === undefined ? {} : { staticSummary: summary }),
    ...(attributes === undefined ? {} : { typedSearchAttributes: searchAttributes(attributes) }),
  };
}

const MCHID = defineSearchAttributeKey(SEARCH_ATTRIBUTES.mchid, SearchAttributeType.KEYWORD);
const PAY_STATE = defineSearchAttributeKey(SEARCH_ATTRIBUTES.payState, SearchAttributeType.KEYWORD);

const searchAttributes = ({ mchid, payState }: SearchAttributes): TypedSearchAttributes =>
  new TypedSearchAttributes([
    { key: MCHID, value: mchid },
    ...(payState === undefined ? [] : [{ key: PAY_STATE, value: payState }]),
  ]);

export type WorkflowProgress = Progress['kind'];

/** `missing`: nobody runs. `failing`: its workflow task fails again and again, or no worker takes it. */
type Progress = { readonly kind: 'running' | 'failing'; readonly runId: string } | { readonly kind: 'missing' };

const ASK_MS = 3_000;

/** Of one workflow task: twice is bad luck, a worker that died say. */
const MANY_TRIES = 3;
const UNTAKEN_MS = 2 * 60_000;

/** Throws {@link TemporalUnavailable}. */
export async function progressOf(client: Client, workflowId: string, now: Date): Promise<Progress> {
  try {
    const { status, runId, raw } = await reach(client, ASK_MS, () => client.workflow.getHandle(workflowId).describe());
    if (status.name !== 'RUNNING') return { kind: 'missing' };
    const task = raw.pendingWorkflowTask;
    if (task == null) return { kind: 'running', runId };
    const waitsMs = now.getTime() - Number(task.scheduledTime?.seconds ?? Infinity) * 1_000;
    const isUntaken = task.startedTime == null && waitsMs > UNTAKEN_MS;
    return { kind: (task.attempt ?? 0) >= MANY_TRIES || isUntaken ? 'failing' : 'running', runId };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'missing' };
    throw error;
  }
}

/** Ends a run that cannot go on, or (`force`) whatever runs, so that it may be started anew. */
export async function endStalled(
  client: Client,
  workflowId: string,
  force: boolean,
): Promise<'rescued' | 'not_stalled'> {
  const progress = await progressOf(client, workflowId, new Date());
  if (progress.kind === 'missing') return 'rescued';
  if (progress.kind === 'running' && !force) return 'not_stalled';
  const run = client.workflow.getHandle(workflowId, progress.runId);
  try {
    await reach(client, ASK_MS, () => run.terminate('rescued: it could not go on, and goes on from Postgres'));
  } catch (error) {
    // It ended by itself meanwhile.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  return 'rescued';
}
