import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Connection } from '../db/connection.js';
import type { Mchid } from '../base/ids.js';
import type { Policy } from '../domain/policy.js';
import type { Product } from '../domain/product.js';
import type { Gateways } from '../channels/port.js';
import type { BulkWorkflows, EventWorkflows, OrderWorkflows, RefundWorkflows } from '../temporal/port.js';
import type { Rate } from '../base/rate.js';
import type { NotifyCounters } from './notify/counters.js';
import type { OrderChanges } from './order-changes.js';

/** What the ingress knows of a merchant; its keys stay with the gateways. */
export type MerchantFacts = {
  readonly mchid: Mchid;
  /** The first is the default. */
  readonly appids: { readonly [P in Product]?: readonly string[] | undefined };
  readonly policy: Policy;
  /** Null: its shop has no endpoint and is told nothing. */
  readonly webhook?: object | null;
};

/** Dependencies by name; true = reachable. */
export type Readiness = Readonly<Record<string, boolean>>;

export type TemporalUi = { readonly url: string; readonly namespace: string };

export type IngressDeps = {
  readonly connection: Connection;
  readonly orders: OrderWorkflows;
  readonly refunds: RefundWorkflows;
  readonly events: EventWorkflows;
  readonly bulks: BulkWorkflows;
  readonly gateways: Gateways;
  readonly merchants: { of(mchid: Mchid): MerchantFacts | undefined };
  /** Where payers and WeChat Pay reach this ingress, without a slash at the end. */
  readonly publicUrl: () => string;
  readonly checkoutKey: KeyObject | Buffer;
  readonly changes: OrderChanges;
  readonly log: Logger;
  readonly now: () => Date;
  /** Where operators find the Temporal UI, without a slash at the end, and the namespace their links open there. */
  readonly temporalUi?: TemporalUi;
  /** Operators come by a listener of their own, without TLS: their cookies are not for https alone. */
  readonly operatorsOverHttp?: boolean;
  /** What `/readyz` asks beside the database. */
  readonly ready: () => Promise<Readiness>;
  /** Aborts when the process is asked to stop: `/readyz` says no, everything else goes on. */
  readonly draining?: AbortSignal;
  /** Aborts when no more connections are taken: streams end. */
  readonly stopping?: AbortSignal;
  /** Per API key; default 200 requests a second, 400 at once. */
  readonly rateLimit?: Rate;
  readonly notifyCounters?: NotifyCounters;
  /** What `/metrics` shows is added to; default an empty one. */
  readonly registry?: Registry;
  /** Default 15,000. */
  readonly streamHeartbeatMs?: number;
  /** WeChat Pay waits 5 s for a notify's answer; default 4,000. */
  readonly notifyDeadlineMs?: number;
};

/** What the operators' actions of `src/temporal/operator` need. */
export const operatorDeps = ({ connection, orders, refunds, now }: IngressDeps) => ({
  db: connection.db,
  orders,
  refunds,
  now,
});
