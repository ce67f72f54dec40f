import type { Logger } from 'pino';
import { taskQueues, type TaskQueues } from '../../workflows/saga/messages.js';
import type { Language } from '../base/language.js';
import { createBulkWorkflows } from '../bulk/client.js';
import { createGateways } from '../channels/gateways.js';
import { createMerchants, type Merchants } from '../channels/merchant.js';
import { createOutward, type Outward } from '../channels/outward/outward.js';
import { connect } from '../db/connection.js';
import { createOrderWorkflows } from '../orders/client.js';
import { createReconciliationWorkflows } from '../reconciliation/client.js';
import { createRefundWorkflows } from '../refunds/client.js';
import { createEventWorkflows } from '../shop-events/client.js';
import { connectTemporal, type TemporalConfig } from '../temporal/connection.js';
import { readConfig, readTemporalConfig, required } from './config.js';
import { loadMerchants } from './merchants.js';
import { createLog } from './process.js';

type ServicesConfig = {
  readonly databaseUrl: string;
  readonly temporal: TemporalConfig;
  readonly merchants: Merchants;
  readonly publicUrl: () => string;
  readonly language: Language;
  /** Worker processes that share each merchant's limits at WeChat Pay. */
  readonly workers: number;
  readonly applicationName: string;
  readonly log: Logger;
  /** The way to WeChat Pay; default straight out. */
  readonly outward?: Outward;
  readonly queues?: TaskQueues;
  /** How long the API waits for a workflow before it answers that the outcome is open; default 8 s. */
  readonly waitMs?: number;
  /** How long Temporal may take to take a start or a signal; default 3 s. */
  readonly handOverMs?: number;
};

export type Services = ReturnType<typeof openServices>;

const WAIT_MS = 8_000;

/** Connects at first use: a process starts, and says it is not ready, while Postgres or Temporal is down. */
export function openServices(config: ServicesConfig) {
  const now = () => new Date();
  const queues = config.queues ?? taskQueues();
  const connection = connect(config.databaseUrl, { applicationName: config.applicationName });
  const temporal = connectTemporal(config.temporal);
  const outward = config.outward ?? createOutward({ log: config.log });
  const gateways = createGateways(config.merchants, {
    now,
    outward,
    publicUrl: config.publicUrl,
    workers: config.workers,
    log: config.log,
  });
  const installation = { taskQueue: queues.order, language: config.language };
  const handing = { client: temporal.client, installation, handOverMs: config.handOverMs };
  const workflows = { ...handing, db: connection.db, now, waitMs: config.waitMs ?? WAIT_MS };
  return {
    connection,
    temporal,
    outward,
    gateways,
    orders: createOrderWorkflows(workflows),
    refunds: createRefundWorkflows(workflows),
    events: createEventWorkflows(handing),
    bulks: createBulkWorkflows(workflows),
    reconciliations: createReconciliationWorkflows(workflows),
    merchants: config.merchants,
    queues,
    now,
    async close() {
      await Promise.all([connection.close(), temporal.close()]);
    },
  };
}

export type Configured = Awaited<ReturnType<typeof openConfiguredServices>>;

/** From the environment. Throws ConfigError or MerchantsFileError for a fault that a person must repair. */
export async function openConfiguredServices(name: string) {
  const config = readConfig();
  const log = createLog(name, config.logLevel);
  const databaseUrl = required(config.databaseUrl, 'DATABASE_URL');
  const publicUrl = required(config.publicUrl, 'PAYSAGA_PUBLIC_URL');
  const merchants = createMerchants(await loadMerchants(required(config.merchantsFile, 'PAYSAGA_MERCHANTS')));
  const { language, workers, environment, outboundProxy } = config;
  const services = openServices({
    ...{ databaseUrl, merchants, language, workers, log },
    outward: createOutward({ proxy: outboundProxy, log }),
    temporal: readTemporalConfig(environment),
    publicUrl: () => publicUrl,
    applicationName: `paysaga-${name}`,
  });
  return { config, services, merchants, publicUrl, log };
}
