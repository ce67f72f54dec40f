import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { openServices } from '../../src/entries/services.js';
import { startWorkers } from '../../src/entries/workers.js';
import { createMerchants } from '../../src/channels/merchant.js';
import { taskQueues } from '../../workflows/saga/messages.js';

/** A worker that can be killed: `bulk-worker-process.ts <database url> <Temporal's address> <namespace> <queue suffix>`. */
const [databaseUrl, address, namespace, suffix] = process.argv.slice(2);
if (databaseUrl === undefined || address === undefined || namespace === undefined) throw new Error('Name the services');
// Whoever started it holds this open.
process.stdin.on('end', () => process.exit()).resume();

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});
const queues = taskQueues(suffix);
const services = openServices({
  databaseUrl,
  temporal: { connection: { address }, namespace },
  merchants: createMerchants(new Map()),
  publicUrl: () => '',
  language: 'en',
  workers: 1,
  applicationName: 'test',
  log: pino({ level: 'silent' }),
  queues,
});
await startWorkers(
  { connection: { address }, namespace, queues },
  { ...services, db: services.connection.db, webhooks: { for: () => undefined }, random: () => 0.5 },
);
