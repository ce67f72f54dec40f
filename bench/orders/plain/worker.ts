import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { jobOf, sayReady } from '../forked.js';
import { plainActivities } from './activities.js';
import { jobSchema } from './job.js';
import { openRows } from './rows.js';
import { openWechat } from './wechat.js';

const { address, namespace, taskQueue, databaseUrl, sandboxUrl, webhookUrl } = await jobOf(jobSchema);
Runtime.install({ logger: new DefaultLogger('WARN') });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  ...{ namespace, taskQueue },
  workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
  activities: plainActivities({ sql: openRows(databaseUrl), wechat: await openWechat(sandboxUrl), webhookUrl }),
});
const running = worker.run();
sayReady();
await running;
