import { setTimeout as sleep } from 'node:timers/promises';
import {
  isGrpcServiceError,
  ServiceError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { TemporalUnavailable } from './port.js';

/** Milliseconds within which a server that is there says so. */
const PROBE_MS = 1_000;

/** Runs a call under a deadline; every failure to reach Temporal becomes {@link TemporalUnavailable}. */
export async function reach<T>(client: Client, timeoutMs: number, call: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + timeoutMs, call);
  } catch (error) {
    if (isUnreachable(error)) throw new TemporalUnavailable({ cause: error });
    throw error;
  }
}

/**
 * As {@link reach}, for an update of a workflow. Its time running out is `pending` while Temporal itself answers: what was asked
 * is recorded and goes on. With Temporal gone nobody knows, and the caller repeats. An update that was lost with the workflow task
 * or the run that had it is sent again under the same id; `call` is made anew for that.
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
      if (isLost(error) && tries < MAX_TRIES) {
        await sleep(tries * AGAIN_MS);
        continue;
      }
      if (!isUnreachable(error)) throw error;
      await reach(client, PROBE_MS, () => client.workflowService.getSystemInfo({}));
      if (isTimeout(error)) return 'pending';
      throw new TemporalUnavailable({ cause: error });
    }
  }
}

/** Tries of an update that is lost again and again, and the wait between them: something else is wrong then. */
const MAX_TRIES = 6;
const AGAIN_MS = 50;

/** gRPC status codes (grpc.io, "Status codes and their use in gRPC"). */
const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;

/**
 * What the server says of an update whose workflow task it threw away, since something new had come in the meantime, or whose
 * workflow ended before it looked at it, or before it answered.
 */
function isLost(error: unknown): boolean {
  if (error instanceof WorkflowUpdateFailedError) {
    return error.cause instanceof ApplicationFailure && error.cause.type === 'AcceptedUpdateCompletedWorkflow';
  }
  return [NOT_FOUND, FAILED_PRECONDITION].includes(grpcCode(error));
}

const isUnreachable = (error: unknown): boolean =>
  [CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE].includes(grpcCode(error));

const isTimeout = (error: unknown): boolean => [CANCELLED, DEADLINE_EXCEEDED].includes(grpcCode(error));

/** The client wraps what gRPC says, and names its own timeout of an update. -1 for an error of another kind. */
function grpcCode(error: unknown): number {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return DEADLINE_EXCEEDED;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : -1;
}
