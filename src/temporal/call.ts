import { setTimeout as sleep } from 'node:timers/promises';
import {
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { ApplicationFailure, NamespaceNotFoundError } from '@temporalio/common';
import { GRPC, grpcError } from './grpc.js';

/** Temporal could not be reached or refused the call; the caller repeats. */
export class TemporalUnavailable extends Error {
  override readonly name = 'TemporalUnavailable';
  readonly code = 'temporal_unavailable';

  constructor(options: { cause?: unknown } = {}) {
    super('Temporal is not available', options);
  }
}

const PROBE_MS = 1_000;

/** Throws {@link TemporalUnavailable} for whatever keeps Temporal from doing the call, and WorkflowNotFoundError. */
export async function reach<T>(client: Client, timeoutMs: number, call: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + timeoutMs, call);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || meaningOf(error) === 'ours') throw error;
    throw new TemporalUnavailable({ cause: error });
  }
}

/**
 * As {@link reach}, for an update of a workflow. An update without an answer in time is `pending` while Temporal itself answers:
 * the request stands in Postgres and goes on. One lost with the workflow task or the run that had it is sent again under the same
 * id, by calling `call` anew, and is `pending` when lost again and again.
 */
export async function reachOrPending<T>(
  client: Client,
  timeoutMs: number,
  call: () => Promise<T>,
): Promise<T | 'pending'> {
  const endMs = Date.now() + timeoutMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await client.withDeadline(endMs, call);
    } catch (error) {
      switch (meaningOf(error)) {
        case 'ours':
          throw error;
        case 'lost':
          if (tries === MAX_TRIES || Date.now() >= endMs) return 'pending';
          await sleep(tries * AGAIN_MS);
          break;
        case 'full':
          return 'pending';
        case 'late':
          await reach(client, PROBE_MS, () => client.workflowService.getSystemInfo({}));
          return 'pending';
        case 'away':
          throw new TemporalUnavailable({ cause: error });
      }
    }
  }
}

const MAX_TRIES = 6;
const AGAIN_MS = 50;

/**
 * `lost`: the workflow task or the run that had the call is gone, and the next may take it. `full`: the run takes no more at present.
 * `late`: no answer in time. `away`: Temporal cannot do it now, or does not let us. `ours`: said by our own code.
 */
type Meaning = 'lost' | 'full' | 'late' | 'away' | 'ours';

const MEANINGS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [GRPC.cancelled, 'late'],
  [GRPC.deadlineExceeded, 'late'],
  /** The run ended before it looked at the update. */
  [GRPC.notFound, 'lost'],
  /** Ten updates wait, or the namespace's rate is used up. */
  [GRPC.resourceExhausted, 'full'],
  /** Its workflow task was thrown away or fails, or the run has taken its 2,000 updates. */
  [GRPC.failedPrecondition, 'lost'],
  [GRPC.aborted, 'lost'],
]);

function meaningOf(error: unknown): Meaning {
  if (error instanceof NamespaceNotFoundError) return 'away';
  if (error instanceof WorkflowNotFoundError) return 'lost';
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return 'late';
  if (error instanceof WorkflowUpdateFailedError) {
    const { cause } = error;
    return cause instanceof ApplicationFailure && cause.type === 'AcceptedUpdateCompletedWorkflow' ? 'lost' : 'ours';
  }
  const said = grpcError(error);
  if (said !== undefined) return MEANINGS.get(said.code) ?? 'away';
  return error instanceof ServiceError ? 'away' : 'ours';
}
