import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { createMerchants } from '../../src/channels/merchant.js';
import { loadMerchants } from '../../src/entries/merchants.js';
import { writeSandboxMerchants } from '../../src/entries/sandbox-merchants.js';
import { openServices } from '../../src/entries/services.js';
import { startWorkers } from '../../src/entries/workers.js';
import { taskQueues } from '../../workflows/saga/messages.js';

/** A worker that can be killed: `killable-worker-process.ts <database url> <Temporal's address> <namespace> <queue suffix> <sandbox>`. */
const [databaseUrl, address, namespace, suffix, sandboxUrl] = process.argv.slice(2);
if (databaseUrl === undefined || address === undefined || namespace === undefined) throw new Error('Name the services');
if (sandboxUrl === undefined) throw new Error('Name the sandbox');
// Whoever started it holds this open.
process.stdin.on('end', () => process.exit()).resume();

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});
const home = await mkdtemp(join(tmpdir(), 'paysaga-killable-worker-'));
const merchants = createMerchants(await loadMerchants(await writeSandboxMerchants(home, sandboxUrl)));
const queues = taskQueues(suffix);
const services = openServices({
  databaseUrl,
  temporal: { connection: { address }, namespace },
  merchants,
  publicUrl: () => '',
  language: 'en',
  workers: 1,
  applicationName: 'test',
  log: pino({ level: 'silent' }),
  queues,
  // Only what hangs meets it.
  waitMs: 120_000,
  handOverMs: 120_000,
});
await startWorkers(
  { connection: { address }, namespace, queues },
  { ...services, db: services.connection.db, webhooks: { for: () => undefined }, random: () => 0.5 },
);
