import type { Client } from '@temporalio/client';
import { failed, ok, unreachable, type Finding } from '../finding.js';
import { GRPC, grpcCode } from './grpc.js';

export type Reached = { readonly version: string | undefined; readonly finding: Finding };

const TIMEOUT_MS = 5_000;

const SILENT: readonly number[] = [GRPC.cancelled, GRPC.deadlineExceeded, GRPC.unavailable];

export async function reachTemporal(client: Client, address: string): Promise<Reached> {
  try {
    const { serverVersion } = await client.withDeadline(Date.now() + TIMEOUT_MS, () =>
      client.workflowService.getSystemInfo({}),
    );
    return { version: serverVersion, finding: ok(address) };
  } catch (error) {
    return { version: undefined, finding: findingOf(grpcCode(error), address) };
  }
}

function findingOf(code: number, address: string): Finding {
  if (SILENT.includes(code)) {
    return unreachable(
      `${address} does not answer`,
      'Start Temporal, or correct TEMPORAL_ADDRESS and the TEMPORAL_TLS settings, since a server with TLS is silent without it.',
    );
  }
  return failed(
    `${address} refuses this client (gRPC status ${code})`,
    'Give TEMPORAL_API_KEY, or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, of this namespace.',
  );
}
