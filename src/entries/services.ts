import type { Logger } from 'pino';
import { taskQueues, type TaskQueues } from '../../workflows/saga/messages.js';
import { connect, type Connection } from '../db/connection.js';
import type { Language } from '../base/language.js';
import type { Mchid } from '../base/ids.js';
import { createGateways } from '../channels/gateways.js';
import type { Merchants } from '../channels/merchant.js';
import type { Gateways } from '../channels/port.js';
import { connectTemporal, type TemporalConfig, type TemporalConnection } from '../temporal/connection.js';
import { createBulkWorkflows } from '../bulk/client.js';
import { createOrderWorkflows } from '../orders/client.js';
import { createEventWorkflows } from '../shop-events/client.js';
import type { BulkWorkflows, EventWorkflows, OrderWorkflows, RefundWorkflows } from '../temporal/port.js';
import { createRefundWorkflows } from '../refunds/client.js';

export type ServicesConfig = {
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

/** What ingress and worker have in common: Postgres, Temporal, the gateways, and the workflows over them. */
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

/** Opens nothing yet: a process starts, and says it is not ready, while Postgres or Temporal is down. */
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
