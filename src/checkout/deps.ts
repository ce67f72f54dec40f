import type { Logger } from 'pino';
import type { Db } from '../db/connection.js';
import type { Mchid } from '../base/ids.js';
import type { Gateways } from '../channels/port.js';
import type { OrderChanges } from '../http/kit/route.js';
import type { OrderWorkflows } from '../orders/client.js';
import type { CheckoutKey } from './link.js';

export type CheckoutDeps = {
  readonly db: Db;
  readonly orders: Pick<OrderWorkflows, 'openAttempt' | 'sync'>;
  readonly gateways: Pick<Gateways, 'for'>;
  readonly changes: Pick<OrderChanges, 'subscribe'>;
  readonly checkoutKey: CheckoutKey;
  readonly publicUrl: () => string;
  readonly now: () => Date;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** Ends the streams. */
  readonly stopping?: AbortSignal;
  /** Default 15,000. */
  readonly streamHeartbeatMs?: number;
  /** What the payer knows the shop as; without it the page names nobody. */
  readonly merchantName?: (mchid: Mchid) => string | undefined;
};
