import type { WorkflowDefinitionOptions } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';

/**
 * For workflows that must not wait for a build that nobody runs any more: where workers are versioned, the current one takes them.
 * A worker that is not versioned may not say so: the server throws its whole answer away.
 */
export const neverPinned = (): WorkflowDefinitionOptions =>
  (workflowInfo().currentDeploymentVersion?.deploymentName ?? '') === '' ? {} : { versioningBehavior: 'AUTO_UPGRADE' };
