import { createSweep } from '../../activities/sweeper.js';
import { probe, readinessOf } from '../http/health.js';
import { temporalAnswers } from '../temporal/connection.js';
import { createShopWebhooks } from '../webhooks/webhooks.js';
import { readTemporalConfig } from './config.js';
import { runProcess, untilAskedToStop } from './process.js';
import { openConfiguredServices, type Configured } from './services.js';
import { keepSweeping } from './sweeping.js';
import { serveWorker, installTelemetry, type WorkerTelemetry } from './worker-server.js';
import { startWorkers } from './workers.js';

await runProcess('worker', async () => {
  const asked = untilAskedToStop();
  const configured = await openConfiguredServices('worker');
  const { config, services, log } = configured;
  const telemetry = await installTelemetry(services, log);
  services.outward.onCall(telemetry.observe.domainCall);
  let polls = false;
  const readiness = async () => {
    const ready = async () => ({ temporal: await temporalAnswers(services.temporal), workers: polls });
    const dependencies = await probe({ ...services, ready });
    return readinessOf(dependencies, false, Object.keys(dependencies));
  };
  const { workerHealthPort: port, host } = config;
  const server = port === undefined ? undefined : await serveWorker({ port, host, ...telemetry, readiness });
  const workers = await Promise.race([startPolling(configured, telemetry), asked]);
  if (typeof workers === 'string') {
    log.info('asked to stop before Temporal was there');
    process.exit(0);
  }
  polls = true;
  console.log('worker running');
  await Promise.race([asked, workers.done]);
  polls = false;
  await workers.stop();
  server?.close();
  await services.close();
  // A connection whose other end is gone would hold the process for many minutes.
  process.exit(0);
});

async function startPolling({ config, services, merchants, log }: Configured, { observe }: WorkerTelemetry) {
  const { connection, namespace } = readTemporalConfig(config.environment);
  const { queues, temporal } = services;
  const { db } = services.connection;
  const { deployment } = config;
  const address = connection.address ?? 'localhost:7233';
  const onWaiting = (error: Error) =>
    log.warn({ address, reason: error.message }, 'waiting for Temporal, which does not answer');
  const webhooks = createShopWebhooks((mchid) => merchants.of(mchid)?.webhook);
  const deps = { ...services, db, webhooks, random: Math.random, observe };
  const workers = await startWorkers({ connection, namespace, queues, deployment, onWaiting }, deps);
  const sweep = createSweep(deps);
  const sweeping = keepSweeping({ ...services, client: temporal.client, taskQueue: queues.order, sweep, log });
  return {
    done: workers.done,
    async stop() {
      await Promise.all([sweeping.stop(), workers.stop()]);
    },
  };
}
