import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import { NativeConnection, Worker, type NativeConnectionOptions, type WorkerOptions } from '@temporalio/worker';
import { createBulkActivities, type BulkDeps } from '../../activities/bulk.js';
import { createEventActivities, type EventDeps } from '../../activities/shop-events.js';
import { createOrderActivities } from '../../activities/orders.js';
import { createReconciliationActivities, type ReconciliationDeps } from '../../activities/reconciliation.js';
import { createRefundActivities } from '../../activities/refunds.js';
import { createSweeperActivities, type SweeperDeps } from '../../activities/sweeper.js';
import type { GatewayDeps } from '../../activities/gateway-call.js';
import { GRPC, grpcCode } from '../temporal/grpc.js';
import type { TaskQueues } from '../../workflows/saga/messages.js';
import { workflowBundle } from './workflow-bundle.js';

export type WorkersConfig = {
  readonly connection: NativeConnectionOptions;
  readonly namespace: string;
  readonly queues: TaskQueues;
  readonly deployment?: { readonly name: string; readonly buildId: string } | undefined;
  readonly onWaiting?: (error: Error) => void;
};

export type Workers = Awaited<ReturnType<typeof startWorkers>>;

export type WorkersDeps = GatewayDeps & SweeperDeps & EventDeps & BulkDeps & ReconciliationDeps;

/** Workers on one connection, one a queue. Waits for Temporal for as long as it takes. */
export async function startWorkers(config: WorkersConfig, deps: WorkersDeps) {
  const connection = await connectEventually(config);
  const activities = {
    ...createOrderActivities(deps),
    ...createRefundActivities(deps),
    ...createEventActivities(deps),
    ...createBulkActivities(deps),
    ...createReconciliationActivities(deps),
    ...createSweeperActivities(deps),
  };
  const shared = { connection, namespace: config.namespace, activities, shutdownGraceTime: '15 seconds' };
  const limits = { isolateExecutionTimeout: ACTIVATION_LIMIT };
  const { order, wechat, polls, money, shop, bills } = config.queues;
  const workers = await Promise.all([
    Worker.create({
      ...shared,
      ...limits,
      ...versioning(config),
      taskQueue: order,
      workflowBundle: await workflowBundle(),
      maxConcurrentWorkflowTaskExecutions: 40,
      maxConcurrentLocalActivityExecutions: 100,
      maxConcurrentActivityTaskExecutions: 50,
    }),
    Worker.create({ ...shared, taskQueue: wechat, maxConcurrentActivityTaskExecutions: 100 }),
    // However many orders wait, this many polls at once take the process's time from what has news.
    Worker.create({ ...shared, taskQueue: polls, maxConcurrentActivityTaskExecutions: POLLS }),
    Worker.create({ ...shared, taskQueue: money, maxConcurrentActivityTaskExecutions: 50 }),
    Worker.create({ ...shared, taskQueue: shop, maxConcurrentActivityTaskExecutions: 100 }),
    // Each holds a connection to Postgres for minutes.
    Worker.create({ ...shared, taskQueue: bills, maxConcurrentActivityTaskExecutions: 2 }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  const done = running.then(() => connection.close());
  return {
    /** Resolves once every worker has stopped; rejects when one failed. */
    done,
    /** Lets activities finish, longer than the longest gateway call. */
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await done;
    },
  };
}

const POLLS = 16;

/**
 * Wall clock of one activation. The SDK's own 5 s also pass while the machine is paused or busy, and ending a script then aborts
 * Node 20 (nodejs/node#38503). A slow activation ends by its task's timeout. The option is absent from the SDK's public type.
 */
const ACTIVATION_LIMIT = '1 hour';

const AGAIN_AFTER_MS = 3_000;

async function connectEventually({ connection, namespace, onWaiting }: WorkersConfig): Promise<NativeConnection> {
  for (;;) {
    try {
      const connected = await NativeConnection.connect(connection);
      try {
        await connected.workflowService.describeNamespace({ namespace });
        return connected;
      } catch (error) {
        // A client that may not look at the namespace may work in it.
        if (grpcCode(error) === GRPC.permissionDenied) return connected;
        await connected.close();
        throw error;
      }
    } catch (error) {
      if (!isUnanswered(error) && !isGrpcServiceError(error)) throw error;
      onWaiting?.(error);
      await sleep(AGAIN_AFTER_MS);
    }
  }
}

/** By its name: the SDK exports the class for its own use only. */
const isUnanswered = (error: unknown): error is Error => error instanceof Error && error.name === 'TransportError';

function versioning({ deployment }: WorkersConfig): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (deployment === undefined) return {};
  const version = { deploymentName: deployment.name, buildId: deployment.buildId };
  return { workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' } };
}
