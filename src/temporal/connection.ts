import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { Language } from '../base/language.js';

export type TemporalConfig = { readonly connection: ConnectionOptions; readonly namespace: string };

export type TemporalConnection = { readonly client: Client; close(): Promise<void> };

/** gRPC's own limit is two minutes, for which every call would still fail after Temporal is back. */
const MAX_RECONNECT_MS = 2_000;

/** Connects with the first call, so that a process starts, and says it is not ready, while Temporal is down. */
export function connectTemporal(config: TemporalConfig): TemporalConnection {
  const channelArgs = { 'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_MS, ...config.connection.channelArgs };
  const connection = Connection.lazy({ ...config.connection, channelArgs });
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
