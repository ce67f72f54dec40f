import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Saga } from './saga.js';

export type BrokenBuild = { stop(): Promise<void> };

let bundled: ReturnType<typeof bundle> | undefined;

function bundle() {
  const workflowsPath = fileURLToPath(new URL('../fixtures/broken-workflow/index.ts', import.meta.url));
  return bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
}

/** In place of the saga's workers: a build that can take no task of a workflow that an earlier one began. */
export async function startBrokenBuild(saga: Saga): Promise<BrokenBuild> {
  const workflowBundle = await (bundled ??= bundle());
  const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  const worker = await Worker.create({
    connection,
    namespace: inject('temporalNamespace'),
    taskQueue: saga.services.queues.order,
    workflowBundle,
  });
  const running = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
