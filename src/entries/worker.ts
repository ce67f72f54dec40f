import { readTemporalConfig, type Config } from '../config.js';
import { createShopWebhooks } from '../events/webhooks.js';
import { webhookEndpoints } from '../merchants.js';
import { ensureSweeper } from '../temporal/sweeper.js';
import { openConfiguredServices } from './configured-services.js';
import { runProcess, untilAskedToStop } from './process.js';
import { serveWorker, type WorkerServer } from './worker-server.js';
import { installTelemetry, type WorkerTelemetry } from './worker-telemetry.js';
import { startWorkers } from './workers.js';

/** The worker: order workflows and their activities. Many may run. */
await runProcess('worker', async () => {
  const { config, services, merchants, log } = await openConfiguredServices('worker');
  const telemetry = await installTelemetry(services, log);
  const { connection, namespace } = readTemporalConfig(config.environment);
  const { db } = services.connection;
  const { queues } = services;
  const { deployment } = config;
  const address = connection.address ?? 'localhost:7233';
  const onWaiting = (error: Error) =>
    log.warn({ address, reason: error.message }, 'waiting for Temporal, which does not answer');
  const webhooks = createShopWebhooks(webhookEndpoints(merchants));
  const workers = await startWorkers(
    { connection, namespace, queues, deployment, onWaiting },
    { ...services, db, webhooks, random: Math.random, observe: telemetry.observe },
  );
  await ensureSweeper(services.temporal.client, queues.order);
  const server = await serve(config, telemetry);
  console.log('worker running');
  await Promise.race([untilAskedToStop(), workers.done]);
  server?.close();
  await workers.stop();
  await services.close();
});

async function serve(
  { workerHealthPort: port, host }: Config,
  telemetry: WorkerTelemetry,
): Promise<WorkerServer | undefined> {
  return port === undefined ? undefined : serveWorker({ port, host, ...telemetry });
}
