import type { Logger } from 'pino';
import { taskQueues, type TaskQueues } from '../../workflows/saga/messages.js';
import type { Mchid } from '../base/ids.js';
import type { Language } from '../base/language.js';
import { createBulkWorkflows, type BulkWorkflows } from '../bulk/client.js';
import { createGateways } from '../channels/gateways.js';
import { createMerchants, type Merchants } from '../channels/merchant.js';
import type { Gateways } from '../channels/port.js';
import { connect, type Connection } from '../db/connection.js';
import { createOrderWorkflows, type OrderWorkflows } from '../orders/client.js';
import { createRefundWorkflows, type RefundWorkflows } from '../refunds/client.js';
import { createEventWorkflows, type EventWorkflows } from '../shop-events/client.js';
import { connectTemporal, type TemporalConfig, type TemporalConnection } from '../temporal/connection.js';
import { readConfig, readTemporalConfig, required, type Config } from './config.js';
import { loadMerchants, type ConfiguredMerchant } from './merchants.js';
import { createLog } from './process.js';

type ServicesConfig = {
  readonly databaseUrl: string;
  readonly temporal: TemporalConfig;
  readonly merchants: Pick<Merchants, 'of' | 'credentialsOf'>;
  readonly publicUrl: () => string;
  readonly language: Language;
  /** Worker processes that share each merchant's limits at WeChat Pay. */
  readonly workers: number;
  readonly applicationName: string;
  readonly log: Logger;
  readonly queues?: TaskQueues;
  /** Milliseconds the API waits for a workflow before it answers that the outcome is still open; default 8 s. */
  readonly waitMs?: number;
};

export type Services = {
  readonly connection: Connection;
  readonly temporal: TemporalConnection;
  readonly gateways: Gateways;
  readonly orders: OrderWorkflows;
  readonly refunds: RefundWorkflows;
  readonly events: EventWorkflows;
  readonly bulks: BulkWorkflows;
  readonly queues: TaskQueues;
  readonly now: () => Date;
  close(): Promise<void>;
};

const WAIT_MS = 8_000;

/** Connects at first use: a process starts, and says it is not ready, while Postgres or Temporal is down. */
export function openServices(config: ServicesConfig): Services {
  const now = () => new Date();
  const queues = config.queues ?? taskQueues();
  const connection = connect(config.databaseUrl, { applicationName: config.applicationName });
  const temporal = connectTemporal(config.temporal);
  const notifyUrl = (mchid: Mchid): string => `${config.publicUrl()}/notify/wechatpay/v3/${mchid}`;
  const gateways = createGateways(config.merchants, { now, notifyUrl, workers: config.workers, log: config.log });
  const installation = { taskQueue: queues.order, language: config.language };
  const { client } = temporal;
  const workflows = { client, db: connection.db, installation, now, waitMs: config.waitMs ?? WAIT_MS };
  return {
    connection,
    temporal,
    gateways,
    orders: createOrderWorkflows(workflows),
    refunds: createRefundWorkflows(workflows),
    events: createEventWorkflows({ client, installation }),
    bulks: createBulkWorkflows(workflows),
    queues,
    now,
    async close() {
      await Promise.all([connection.close(), temporal.close()]);
    },
  };
}

export type Configured = {
  readonly config: Config;
  readonly services: Services;
  readonly merchants: Merchants<ConfiguredMerchant>;
  readonly publicUrl: string;
  readonly log: Logger;
};

/** From the environment. Throws ConfigError or MerchantsFileError for a fault that a person must repair. */
export async function openConfiguredServices(name: string): Promise<Configured> {
  const config = readConfig();
  const log = createLog(name, config.logLevel);
  const databaseUrl = required(config.databaseUrl, 'DATABASE_URL');
  const publicUrl = required(config.publicUrl, 'PAYSAGA_PUBLIC_URL');
  const merchants = createMerchants(await loadMerchants(required(config.merchantsFile, 'PAYSAGA_MERCHANTS')));
  const services = openServices({
    databaseUrl,
    temporal: readTemporalConfig(config.environment),
    merchants,
    publicUrl: () => publicUrl,
    language: config.language,
    workers: config.workers,
    applicationName: `paysaga-${name}`,
    log,
  });
  return { config, services, merchants, publicUrl, log };
}
