import type { Client } from '@temporalio/client';
import { failed, ok, skipped, warning, type Finding } from '../finding.js';
import { GRPC, grpcCode } from './grpc.js';

export type Deployment = { readonly name: string; readonly buildId: string };

type Place = { readonly client: Client; readonly namespace: string; readonly deployment: Deployment | undefined };

/** With Worker Versioning, orders start only on the version that a person made current. */
export async function checkDeployment(place: Place): Promise<Finding> {
  const { deployment } = place;
  if (deployment === undefined) return skipped('PAYSAGA_DEPLOYMENT is not set: workers are not versioned');
  const { name, buildId } = deployment;
  const current = await currentBuildOf(place, name);
  if (current === 'unknown') {
    return failed(
      `no worker of the deployment ${name} has run`,
      'Start a worker with the PAYSAGA_DEPLOYMENT and PAYSAGA_BUILD_ID that are set here.',
    );
  }
  const cure = `Run: temporal worker deployment set-current-version --namespace ${place.namespace} --deployment-name ${name} --build-id ${buildId}`;
  if (current === 'none') return failed(`no version of ${name} is current, so no order starts on its workers`, cure);
  return current.buildId === buildId
    ? ok(`${name}, build ${buildId}`)
    : warning(`the current version of ${name} is build ${current.buildId}, not ${buildId}`, cure);
}

async function currentBuildOf(
  { client, namespace }: Place,
  deploymentName: string,
): Promise<{ readonly buildId: string } | 'none' | 'unknown'> {
  try {
    const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
      namespace,
      deploymentName,
    });
    const buildId = workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? '';
    return buildId === '' ? 'none' : { buildId };
  } catch (error) {
    if (grpcCode(error) === GRPC.notFound) return 'unknown';
    throw error;
  }
}
