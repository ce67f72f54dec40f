import type { Client } from '@temporalio/client';
import { failed, ok, warning, type Finding } from '../finding.js';
import { GRPC, grpcCode } from './grpc.js';

export type Namespace = { readonly exists: boolean; readonly finding: Finding };

const WARN_HOURS = 72;
const ADVISED_DAYS = 30;

/** Orders live in Postgres; the retention is for how long a person can read the history of one that ended. */
export async function checkNamespace(client: Client, namespace: string): Promise<Namespace> {
  try {
    const { config } = await client.workflowService.describeNamespace({ namespace });
    const hours = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / 3_600;
    return { exists: true, finding: retentionFinding(namespace, hours) };
  } catch (error) {
    return { exists: false, finding: findingOf(grpcCode(error), namespace) };
  }
}

function retentionFinding(namespace: string, hours: number): Finding {
  if (hours < WARN_HOURS) {
    return warning(
      `${namespace} keeps histories for ${Math.round(hours)} hours only`,
      `Run: temporal operator namespace update --namespace ${namespace} --retention ${ADVISED_DAYS * 24}h`,
    );
  }
  const days = Math.round(hours / 24);
  const advice = days < ADVISED_DAYS ? `; ${ADVISED_DAYS} are advised` : '';
  return ok(`${namespace}, histories are kept for ${days} days${advice}`);
}

function findingOf(code: number, namespace: string): Finding {
  if (code === GRPC.notFound) {
    return failed(
      `there is no namespace ${namespace}`,
      `Set TEMPORAL_NAMESPACE, or run: temporal operator namespace create --namespace ${namespace} --retention ${ADVISED_DAYS * 24}h`,
    );
  }
  return failed(
    `the namespace ${namespace} cannot be read (gRPC status ${code})`,
    'Give this client the right to read the namespace, or correct TEMPORAL_NAMESPACE.',
  );
}
