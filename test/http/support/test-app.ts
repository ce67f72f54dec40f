import { createSecretKey } from 'node:crypto';
import { Writable } from 'node:stream';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { newApiKey } from '../../../src/cli/keys.js';
import { insertApiKey, type ApiKeyRecord } from '../../../src/access/store/api-key.js';
import { connect, type Connection } from '../../../src/db/connection.js';
import { loadOrder } from '../../../src/orders/store/order.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import type { Mchid } from '../../../src/base/ids.js';
import type { OrderRecord } from '../../../src/orders/rules/record.js';
import { DEFAULT_POLICY } from '../../../src/orders/rules/policy.js';
import type { Gateway, NotifyReader } from '../../../src/channels/port.js';
import { served } from '../../../src/entries/served.js';
import { createApp } from '../../../src/http/app.js';
import type { TestTold } from '../../../src/shop-events/rules/event.js';
import type { RefundWorkflows } from '../../../src/refunds/client.js';
import type { EventWorkflows } from '../../../src/shop-events/client.js';
import type { BulkWorkflows } from '../../../src/bulk/client.js';
import type { ReconciliationWorkflows } from '../../../src/reconciliation/client.js';
import { openOrderChanges } from '../../../src/orders/api/order-changes.js';
import type { IngressDeps, MerchantFacts, OrderChanges } from '../../../src/http/kit/route.js';
import { createNotifyCounters, type NotifyCounters } from '../../../src/http/metrics.js';
import { mchid, orderNo, paid } from '../../db/fixtures.js';
import { testDatabase, type TestDatabase } from '../../support/services.js';
import { fakeGateway } from './fake-gateway.js';
import { fakeOrders, type FakeOrders } from './fake-orders.js';
import { fakePort, type FakePort } from './fake-port.js';

export const MCHID = mchid('1900000001');
export const OTHER_MCHID = mchid('1900000002');
export const SANDBOX_URL = 'http://127.0.0.1:8090';
export const NOW = new Date('2026-03-01T10:00:00.000Z');

const APPIDS = {
  native: ['wxnative', 'wxsecond'],
  jsapi: ['wxjsapi'],
  miniProgram: ['wxmini'],
  app: ['wxapp'],
  h5: ['wxh5'],
};

/** The ingress over a real database of its own; workflows and gateway are fakes at our own ports. */
export class TestApp {
  readonly clock = { now: NOW };
  readonly logLines: string[] = [];
  readonly merchants = new Map<Mchid, MerchantFacts>();
  readonly gateways = new Map<string, Gateway & NotifyReader>();
  /** What comes of test events; nothing for shops without an endpoint. */
  readonly testTold = new Map<Mchid, TestTold>();
  counters: NotifyCounters = createNotifyCounters();
  ready: IngressDeps['ready'] = () => Promise.resolve({ temporal: true });
  #database: TestDatabase | undefined;
  #connection: Connection | undefined;
  #changes: OrderChanges | undefined;
  #orders: FakeOrders | undefined;
  #refunds: FakePort<RefundWorkflows> | undefined;
  #events: FakePort<EventWorkflows> | undefined;
  #bulks: FakePort<BulkWorkflows> | undefined;
  #reconciliations: FakePort<ReconciliationWorkflows> | undefined;
  #merchantKey = '';
  #sequence = 0;

  /** As a merchants file without `webhook` makes it. */
  withoutEndpoint(mchid: Mchid): void {
    this.merchants.set(mchid, { ...required(this.merchants.get(mchid)), webhook: null });
  }

  get connection(): Connection {
    return required(this.#connection);
  }
  get orders(): FakeOrders {
    return required(this.#orders);
  }
  get refunds(): FakePort<RefundWorkflows> {
    return required(this.#refunds);
  }
  get events(): FakePort<EventWorkflows> {
    return required(this.#events);
  }
  get bulks(): FakePort<BulkWorkflows> {
    return required(this.#bulks);
  }
  get reconciliations(): FakePort<ReconciliationWorkflows> {
    return required(this.#reconciliations);
  }
  get databaseUrl(): string {
    return required(this.#database).url;
  }
  /** A merchant key of {@link MCHID}. */
  get merchantKey(): string {
    return this.#merchantKey;
  }

  async open(): Promise<void> {
    this.#database = await testDatabase();
    this.#connection = connect(this.#database.url, { max: 4 });
    this.#changes = openOrderChanges(this.#connection.sql);
    this.#merchantKey = (await this.newKey('merchant', [MCHID])).key;
  }

  async close(): Promise<void> {
    await this.#changes?.close();
    await this.#connection?.close();
    await this.#database?.drop();
  }

  reset(): void {
    this.clock.now = NOW;
    this.logLines.length = 0;
    this.counters = createNotifyCounters();
    this.ready = () => Promise.resolve({ temporal: true });
    this.#orders = fakeOrders(this.connection.db, () => this.clock.now);
    this.#refunds = fakePort<RefundWorkflows>({
      start: () => Promise.resolve(),
      recheck: () => Promise.resolve(),
      deliverEvidence: () => Promise.resolve('signalled'),
      findExternal: () => Promise.resolve(),
      progress: () => Promise.resolve('running' as const),
      rescue: () => Promise.resolve('rescued' as const),
      resolve: () => Promise.resolve('resolved'),
    });
    this.#events = fakePort<EventWorkflows>({ start: () => Promise.resolve(), resend: () => Promise.resolve() });
    this.#bulks = fakePort<BulkWorkflows>({ start: () => Promise.resolve() });
    this.#reconciliations = fakePort<ReconciliationWorkflows>({
      start: () => Promise.resolve(),
      wake: () => Promise.resolve(),
      progress: () => Promise.resolve('running'),
      endStalled: () => Promise.resolve('not_stalled'),
    });
    for (const id of [MCHID, OTHER_MCHID]) {
      this.merchants.set(id, {
        mchid: id,
        appids: APPIDS,
        policy: DEFAULT_POLICY,
        credentials: { protocol: 'v3', gatewayUrls: [SANDBOX_URL] },
      });
      this.gateways.set(id, fakeGateway(id));
    }
  }

  deps(change: Partial<IngressDeps> = {}): IngressDeps {
    const lines = new Writable({
      write: (chunk: Buffer, _, done) => {
        this.logLines.push(chunk.toString());
        done();
      },
    });
    return {
      connection: this.connection,
      orders: this.orders,
      refunds: this.refunds,
      events: this.events,
      bulks: this.bulks,
      reconciliations: this.reconciliations,
      gateways: { for: (id) => this.gateways.get(id), notifiesTo: (id) => this.gateways.get(id) },
      merchants: { of: (id) => this.merchants.get(id) },
      publicUrl: () => 'https://pay.example.com',
      checkoutKey: createSecretKey(Buffer.alloc(32, 7)),
      changes: required(this.#changes),
      tellTest: (mchid) => Promise.resolve(this.testTold.get(mchid)),
      log: pino({ level: 'debug' }, lines),
      now: () => this.clock.now,
      ready: () => this.ready(),
      notifyCounters: this.counters,
      // What bounds the answer has a test of its own: no other shall meet it.
      notifyDeadlineMs: 120_000,
      ...change,
    };
  }

  async newKey(
    kind: 'merchant' | 'operator',
    mchids: readonly Mchid[],
    name: string | null = null,
    may: Partial<Pick<ApiKeyRecord, 'role' | 'refundLimitFen'>> = {},
  ): Promise<{ key: string; record: ApiKeyRecord }> {
    const { key, hash } = newApiKey(kind, 'live');
    const record = await insertApiKey(this.connection.db, { kind, name, mchids, ...may, hash, at: NOW });
    return { key, record };
  }

  operatorKey(): Promise<{ key: string; record: ApiKeyRecord }> {
    return this.newKey('operator', [MCHID], 'Li Lei');
  }

  /** A key of a person with this name. */
  async person(name: string, may: Partial<Pick<ApiKeyRecord, 'role' | 'refundLimitFen'>> = {}): Promise<string> {
    return (await this.newKey('operator', [MCHID], name, may)).key;
  }

  /** Of one order, more than this needs the approval of another person. */
  withApprovalAbove(refundAboveFen: number): void {
    this.merchants.set(MCHID, { ...required(this.merchants.get(MCHID)), approval: { refundAboveFen } });
  }

  newOrderNo(): string {
    this.#sequence += 1;
    return `A-${String(1000 + this.#sequence)}`;
  }

  /** A request with {@link merchantKey}, unless another or none is given. */
  send(method: string, path: string, options: SendOptions = {}): Promise<Response> {
    const { body, rawBody, key = this.#merchantKey, headers = {}, deps } = options;
    const init: RequestInit = {
      method,
      headers: {
        ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(rawBody === undefined ? {} : { body: rawBody }),
    };
    return Promise.resolve(createApp(this.deps(deps), served).request(path, init));
  }

  /** An order that awaits its payment; answers its number. */
  async placeOrder(change: Record<string, unknown> = {}): Promise<string> {
    const number = this.newOrderNo();
    const answer = await this.send('POST', '/v1/orders', { body: { ...orderBody(number), ...change } });
    if (answer.status !== 201) throw new Error(`order not placed: ${answer.status} ${await answer.text()}`);
    return number;
  }

  /** An order that is paid in full; answers its number. */
  async placePaidOrder(change: Record<string, unknown> = {}): Promise<string> {
    const number = await this.placeOrder(change);
    await projectOrder(this.connection.db, paid(await this.load(number)), this.clock.now);
    return number;
  }

  /** Who asked for what of an order, and what came of it, oldest first. */
  actionsOf(number: string): Promise<readonly Record<string, unknown>[]> {
    return this.connection.sql`
      select action, parameters, out_refund_no, event_id, reason, actor, outcome
      from operator_actions where order_no = ${number} order by requested_at, id`;
  }

  async load(number: string, id: Mchid = MCHID): Promise<OrderRecord> {
    return required(await loadOrder(this.connection.db, { mchid: id, orderNo: orderNo(number) }));
  }
}

type SendOptions = {
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly rawBody?: Buffer<ArrayBuffer>;
  readonly key?: string | null;
  readonly headers?: Record<string, string>;
  readonly deps?: Partial<IngressDeps>;
};

export const orderBody = (number: string) => ({
  orderNo: number,
  amountFen: 1200,
  description: 'two cups of tea',
  product: 'native',
});

/** The test app of one file, fresh for each test but for its database. */
export function useTestApp(): TestApp {
  const app = new TestApp();
  beforeAll(() => app.open());
  beforeEach(() => app.reset());
  afterAll(() => app.close());
  return app;
}

/** An answer's JSON, read as whatever the test expects. */
export async function json<T = Record<string, unknown>>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

export async function problemCode(response: Response): Promise<string> {
  return (await json<{ code: string }>(response)).code;
}

/** Any text that matches, within an expectation. */
export const textWith = (pattern: RegExp): unknown => expect.stringMatching(pattern);

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test app is not open');
  return value;
}
