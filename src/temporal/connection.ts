import { InterceptingCall, status, type Interceptor } from '@grpc/grpc-js';
import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type ConnectionOptions,
} from '@temporalio/client';
import type { Language } from '../base/language.js';

export type TemporalConfig = { readonly connection: ConnectionOptions; readonly namespace: string };

export type TemporalConnection = { readonly client: Client; close(): Promise<void> };

/** gRPC's own limit is two minutes, for which every call would still fail after Temporal is back. */
const MAX_RECONNECT_MS = 2_000;

/** A call on a connection that is closed: it is over as it starts, and is not tried again. */
const closedCall = (details: string): InterceptingCall =>
  new InterceptingCall({
    start: (metadata, listener) => {
      listener?.onReceiveMessage?.(null);
      listener?.onReceiveStatus?.({ code: status.CANCELLED, details, metadata });
    },
    ...{ cancelWithStatus: noop, sendMessage: noop, sendMessageWithContext: noop, startRead: noop, halfClose: noop },
    getPeer: () => 'closed',
    getAuthContext: () => null,
  });

function noop(): void {
  // Nothing is under way.
}

/** The SDK leaves a try that waits to a timer, out of which a closed channel would throw: that ends the process. */
const unlessClosed: Interceptor = (options, nextCall) => {
  try {
    return new InterceptingCall(nextCall(options));
  } catch (error) {
    return closedCall(error instanceof Error ? error.message : 'the connection is closed');
  }
};

/** The SDK's own retries, which end with their connection. */
const retries = (): Interceptor[] => [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), unlessClosed];

/** Connects with the first call, so that a process starts, and says it is not ready, while Temporal is down. */
export function connectTemporal(config: TemporalConfig): TemporalConnection {
  const channelArgs = { 'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_MS, ...config.connection.channelArgs };
  const connection = Connection.lazy({ interceptors: retries(), ...config.connection, channelArgs });
  return {
    client: new Client({ connection, namespace: config.namespace }),
    close: () => connection.close(),
  };
}

const READY_MS = 1_000;

export async function temporalAnswers({ client }: TemporalConnection): Promise<boolean> {
  try {
    await client.withDeadline(Date.now() + READY_MS, () => client.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  }
}

/** `language`: of the orders' cards in Temporal's UI. */
export type Installation = { readonly taskQueue: string; readonly language: Language };
