import { createRequire } from 'node:module';
import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import { z } from 'zod';
import { reach, TemporalUnavailable } from './call.js';
import { GRPC, grpcError } from './grpc.js';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

export type Execution = { readonly workflowId: string; readonly runId: string };

/** Throws {@link TemporalUnavailable}, and WorkflowNotFoundError for an execution that never was or is past its retention. */
export const fetchHistory = (client: Client, { workflowId, runId }: Execution, timeoutMs: number): Promise<History> =>
  reach(client, timeoutMs, () => client.workflow.getHandle(workflowId, runId).fetchHistory());

/** A visibility query that Temporal does not understand; the message is Temporal's. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused';
  readonly code = 'query_refused';
}

/** Newest first; visibility lags some seconds behind. Throws {@link TemporalUnavailable} and {@link QueryRefused}. */
export function listExecutions(client: Client, query: string, limit: number, timeoutMs: number): Promise<Execution[]> {
  const found = reach(client, timeoutMs, async () => {
    const found: Execution[] = [];
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      found.push({ workflowId, runId });
      if (found.length === limit) break;
    }
    return found;
  });
  return found.catch((error: unknown) => {
    const said = grpcError(error instanceof TemporalUnavailable ? error.cause : error);
    const code: number | undefined = said?.code;
    throw said !== undefined && code === GRPC.invalidArgument ? new QueryRefused(said.details) : error;
  });
}

/** Every execution of a workflow that Temporal still has, newest first, also one that visibility has not seen yet. */
export async function executionsOf(client: Client, workflowId: string, timeoutMs: number): Promise<Execution[]> {
  const latest = await latestExecution(client, workflowId, timeoutMs);
  if (latest === undefined) return [];
  const query = `WorkflowId = '${workflowId.replaceAll("'", "''")}'`;
  const seen = await listExecutions(client, query, MAX_RUNS, timeoutMs);
  return [latest, ...seen.filter(({ runId }) => runId !== latest.runId)];
}

const MAX_RUNS = 100;

async function latestExecution(client: Client, workflowId: string, timeoutMs: number): Promise<Execution | undefined> {
  try {
    const { runId } = await reach(client, timeoutMs, () => client.workflow.getHandle(workflowId).describe());
    return { workflowId, runId };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

type Codec = {
  readonly toJson: (type: MessageType, message: object) => unknown;
  readonly fromJson: (type: MessageType, json: unknown, options: { ignoreUnknownFields: boolean }) => object;
};
type MessageType = { fromObject(message: object): object };
type Patch = { patchProtobufRoot(root: unknown): { lookupType(name: string): MessageType } };

// The SDK's own `historyToJSON` fails where npm installs protobufjs apart for each of its packages: a message type and its
// codec have to come from the same copy, the one beside the messages.
const besideSdk = createRequire(createRequire(import.meta.url).resolve('@temporalio/common'));
const besideProto = createRequire(besideSdk.resolve('@temporalio/proto'));
const codec = moduleOf<Codec>(besideProto('protobufjs/ext/protojson'), 'toJson');
const patch = moduleOf<Patch>(besideSdk('@temporalio/proto/lib/patch-protobuf-root'), 'patchProtobufRoot');
const HISTORY = patch.patchProtobufRoot(besideSdk('@temporalio/proto')).lookupType('temporal.api.history.v1.History');

/** A history as every Temporal tool writes it. */
export function historyToProtoJson(history: History): unknown {
  return codec.toJson(HISTORY, HISTORY.fromObject(history));
}

/** Throws for what is no history. */
export function historyFromProtoJson(json: unknown): History {
  return codec.fromJson(HISTORY, json, { ignoreUnknownFields: true });
}

/** Modules without types that Node can resolve only at run time. */
function moduleOf<T>(module: unknown, called: keyof T & string): T {
  return z.custom<T>((value) => typeof value === 'object' && value !== null && called in value).parse(module);
}
