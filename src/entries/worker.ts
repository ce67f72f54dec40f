import { createServer } from 'node:http';
import { DefaultLogger, Runtime, type LogEntry } from '@temporalio/worker';
import type { Logger } from 'pino';
import { readTemporalConfig } from '../config.js';
import { createShopWebhooks } from '../events/webhooks.js';
import { webhookEndpoints } from '../merchants.js';
import { ensureSweeper } from '../temporal/sweeper.js';
import { openConfiguredServices } from './configured-services.js';
import { runProcess, untilAskedToStop } from './process.js';
import { startWorkers } from './workers.js';

/** The worker: order workflows and their activities. Many may run. */
await runProcess('worker', async () => {
  const { config, services, merchants, log } = await openConfiguredServices('worker');
  Runtime.install({ logger: new DefaultLogger('WARN', (entry) => relay(log, entry)) });
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
    { ...services, db, webhooks, random: Math.random },
  );
  await ensureSweeper(services.temporal.client, queues.order);
  const health = config.workerHealthPort === undefined ? undefined : serveHealth(config.workerHealthPort, config.host);
  console.log('worker running');
  await Promise.race([untilAskedToStop(), workers.done]);
  health?.close();
  await workers.stop();
  await services.close();
});

/** `GET /healthz` says 200 for as long as the workers poll. */
function serveHealth(port: number, host: string) {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/healthz' ? 200 : 404, { 'content-type': 'text/plain' });
    response.end(request.url === '/healthz' ? 'ok\n' : 'not found\n');
  });
  return server.listen(port, host);
}

/** Temporal's own lines in our log; payloads are never among their fields. */
function relay(log: Logger, { level, message, meta }: LogEntry): void {
  const line = { ...meta };
  if (level === 'ERROR') log.error(line, message);
  else if (level === 'WARN') log.warn(line, message);
  else log.debug(line, message);
}
