import {
  isGrpcServiceError,
  ServiceError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
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
 * As {@link reach}, for a call that waits for the workflow. Its time running out is `pending` while Temporal itself answers:
 * what was asked is recorded and goes on. With Temporal gone nobody knows, and the caller repeats.
 */
export async function reachOrPending<T>(
  client: Client,
  timeoutMs: number,
  call: () => Promise<T>,
): Promise<T | 'pending'> {
  try {
    return await client.withDeadline(Date.now() + timeoutMs, call);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    await reach(client, PROBE_MS, () => client.workflowService.getSystemInfo({}));
    if (isTimeout(error)) return 'pending';
    throw new TemporalUnavailable({ cause: error });
  }
}

/** gRPC status codes (grpc.io, "Status codes and their use in gRPC"). */
const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

const isUnreachable = (error: unknown): boolean =>
  [CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE].includes(grpcCode(error));

const isTimeout = (error: unknown): boolean => [CANCELLED, DEADLINE_EXCEEDED].includes(grpcCode(error));

/** The client wraps what gRPC says, and names its own timeout of an update. -1 for an error of another kind. */
function grpcCode(error: unknown): number {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return DEADLINE_EXCEEDED;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : -1;
}
