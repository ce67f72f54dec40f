import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { jobOf, sayHas, sayReady } from '../forked.js';
import { bareActivities } from './activities.js';

const job = z.object({ address: z.string(), namespace: z.string(), taskQueue: z.string() });

/** A worker as the SDK ships it. */
const { address, namespace, taskQueue } = await jobOf(job);
Runtime.install({ logger: new DefaultLogger('WARN') });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
  activities: bareActivities(sayHas),
});
const running = worker.run();
sayReady();
await running;
