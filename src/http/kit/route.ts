import type { OpenAPIHono } from '@hono/zod-openapi';
import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Mchid } from '../../base/ids.js';
import type { Actor } from './actor.js';
import type { StreamSeats } from './event-stream.js';
import type { Language } from '../../base/language.js';
import type { ErrorCode } from './api-error.js';
import type { Connection } from '../../db/connection.js';
import type { ApprovalPolicy } from '../../approvals/rules/approval.js';
import type { Policy } from '../../orders/rules/policy.js';
import type { Product } from '../../orders/rules/product.js';
import type { Gateways } from '../../channels/port.js';
import type { RefundWorkflows } from '../../refunds/client.js';
import type { TestTold } from '../../shop-events/rules/event.js';
import type { EventWorkflows } from '../../shop-events/client.js';
import type { BulkWorkflows } from '../../bulk/client.js';
import type { OrderWorkflows } from '../../orders/client.js';
import type { ReconciliationWorkflows } from '../../reconciliation/client.js';
import type { OrderRef } from '../../orders/store/order.js';
import type { Rate } from '../../base/rate.js';
import type { IngressMetrics } from '../../metrics/ingress.js';
import type { NotifyCounters } from '../metrics.js';

export type IngressEnv = {
  Variables: {
    requestId: string;
    /** Set on `/v1` only. */
    actor: Actor;
    /** Of the call; the actor may act for it. Set on `/v1` only, but for its search. */
    mchid: Mchid;
    /** Who is signed in. Set below `/ops` only, as are the next three. */
    operator: Actor;
    csrfToken: string;
    language: Language;
    sections: readonly Section[];
    errorCode?: ErrorCode;
    /** For the log line: names that the path does not hold. */
    about?: Readonly<Record<string, string>>;
  };
};

/** An entry of the operators' navigation. */
export type Section = { readonly path: string; readonly title: Readonly<Record<Language, string>> };

export type MerchantFacts = {
  readonly mchid: Mchid;
  /** The first is the default. */
  readonly appids: { readonly [P in Product]?: readonly string[] | undefined };
  readonly policy: Policy;
  /** Absent: nobody has to approve a refund. */
  readonly approval?: ApprovalPolicy | undefined;
  readonly codeScan?: 'v2' | 'v3' | undefined;
  readonly credentials: { readonly protocol: 'v3' | 'v2'; readonly gatewayUrls: readonly string[] };
  /** Null where the shop has no endpoint. */
  readonly webhook?: { readonly secrets?: readonly string[] } | null;
  /** Null where payers are told no name. */
  readonly display?: Display | null;
  /** Where payers may be led back to. */
  readonly returnOrigins?: readonly string[];
};

/** How a merchant shows itself to payers. */
export type Display = { readonly name: Readonly<Record<Language, string>>; readonly logo: Logo | null };

export type Logo = {
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp';
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the bytes. */
  readonly hash: string;
};

/** Tells *that* an order changed or a shop has something new to be told, not how or what: listeners reread the rows. */
export type OrderChanges = {
  subscribe(ref: OrderRef, listener: () => void): () => void;
  subscribeEvents(mchid: Mchid, listener: () => void): () => void;
  close(): Promise<void>;
};

/** Dependencies by name; true = reachable. */
export type Readiness = Readonly<Record<string, boolean>>;

type TemporalUi = { readonly url: string; readonly namespace: string };

export type IngressDeps = {
  readonly connection: Connection;
  readonly orders: OrderWorkflows;
  readonly refunds: RefundWorkflows;
  readonly events: EventWorkflows;
  readonly bulks: BulkWorkflows;
  readonly reconciliations: ReconciliationWorkflows;
  readonly gateways: Gateways;
  readonly merchants: { of(mchid: Mchid): MerchantFacts | undefined };
  /** Where payers and WeChat Pay reach this ingress, without a slash at the end. */
  readonly publicUrl: () => string;
  readonly checkoutKey: KeyObject | Buffer;
  readonly changes: OrderChanges;
  /** Sends a signed test event to the merchant's endpoint; nothing where it has none. */
  readonly tellTest: (mchid: Mchid) => Promise<TestTold | undefined>;
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
  /** Open at once, per API key; default 1,024. */
  readonly streamsPerKey?: number;
  /** Default 15,000. */
  readonly streamHeartbeatMs?: number;
  /** WeChat Pay waits 5 s for a notify's answer; default 4,000. */
  readonly notifyDeadlineMs?: number;
};

export type RouteDeps = IngressDeps & {
  readonly metrics: Pick<IngressMetrics, 'notifySignalled'>;
  readonly notifyCounters: NotifyCounters;
  readonly takeStreamSeat: StreamSeats;
};

export type Route = (app: OpenAPIHono<IngressEnv>, deps: RouteDeps) => void;

export const isNotifyPath = (path: string): boolean => /^\/notify(\/|$)/.test(path);

export const useCaseDeps = ({ connection: { db }, ...deps }: IngressDeps) => ({ db, ...deps });
