import { mkdtemp, rm } from 'node:fs/promises';
import { randomBytes, randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import pino from 'pino';
import { inject } from 'vitest';
import { newApiKey } from '../../src/cli/keys.js';
import { insertApiKey } from '../../src/access/store/api-key.js';
import type { ApprovalPolicy } from '../../src/approvals/rules/approval.js';
import type { Db } from '../../src/db/connection.js';
import {
  orderWorkflowId,
  parseMchid,
  parseOrderNo,
  parseOutRefundNo,
  refundWorkflowId,
  type Mchid,
  type OrderNo,
} from '../../src/base/ids.js';
import type { Result } from '../../src/base/result.js';
import { createShopWebhooks } from '../../src/webhooks/webhooks.js';
import { openServices, type Services } from '../../src/entries/services.js';
import { writeSandboxMerchants } from '../../src/entries/sandbox-merchants.js';
import { startWorkers, type Workers } from '../../src/entries/workers.js';
import { createGateways } from '../../src/channels/gateways.js';
import { createMerchants } from '../../src/channels/merchant.js';
import type { Outward } from '../../src/channels/outward/outward.js';
import { openOrderChanges } from '../../src/orders/api/order-changes.js';
import { served } from '../../src/entries/served.js';
import { startIngress } from '../../src/http/start.js';
import { loadMerchants } from '../../src/entries/merchants.js';
import { FIRST_MCHID } from '../../src/sandbox/identity/merchants.js';
import type { Sandbox } from '../../src/sandbox/start.js';
import { temporalAnswers } from '../../src/temporal/connection.js';
import { taskQueues } from '../../workflows/saga/messages.js';
import { chargeOverV2 } from './code-scan.js';
import type { OrderAnswer, RefundAnswer } from './order-answer.js';
import { sandboxControl, type SandboxControl } from './sandbox-control.js';
import { startTestSandbox } from './sandbox.js';
import type { ShopEndpoint } from './shop-endpoint.js';
import { testDatabase } from './services.js';
import { until } from './until.js';
import { startedFor } from './started-for.js';

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});

export type ApiAnswer = { readonly status: number; readonly body: OrderAnswer };

/** A merchant, seen from its shop and from WeChat Pay. */
export type Shop = { readonly mchid: Mchid; readonly apiKey: string; readonly gateway: SandboxControl };

export type SagaOptions = {
  readonly workers?: boolean;
  /** Merchants of the sandbox; default 1. */
  readonly merchants?: number;
  /** Of the further ones; default one of the sandbox's making. */
  readonly appids?: readonly string[];
  /** Of the further ones; default v3. */
  readonly protocol?: 'v2';
  /** Over which API the merchants of v3 charge codes; default v3. */
  readonly codeScan?: 'v2';
  /** Of all merchants; default none. */
  readonly approval?: ApprovalPolicy;
  /** Default: the run's own server. */
  readonly temporal?: { readonly address: string; readonly namespace: string };
  /** Where the shops listen; default nowhere. */
  readonly endpoint?: ShopEndpoint;
  /** Changes the merchants file before it is read. */
  readonly changeMerchants?: (file: string) => Promise<void>;
  /** The way to WeChat Pay; default straight out. */
  readonly outward?: Outward;
  /** The way to Postgres; default straight there. */
  readonly database?: (url: string) => Promise<string>;
  /** What activities take for the time; default the real one. */
  readonly activityNow?: () => Date;
};

/** What a shop and its operators ask of the API. */
export type Asking = {
  call(method: string, path: string, body?: unknown, key?: string): Promise<ApiAnswer>;
  createOrder(fields?: Record<string, unknown>, shop?: Shop): Promise<ApiAnswer & { readonly orderNo: OrderNo }>;
};

export type Saga = Shop &
  Asking & {
    /**
     * Asks an API that waits for workflows as long as in production: where one is stopped or held up, and no answer comes. The other
     * waits so long that no answer depends on the machine.
     */
    readonly briefly: Asking;
    readonly sandbox: Sandbox;
    readonly services: Services;
    /** All merchants; the first is what the rest of this speaks of unless told otherwise. */
    readonly shops: readonly Shop[];
    readonly databaseUrl: string;
    readonly apiUrl: string;
    readonly operatorKey: string;
    /** A number no other test uses. */
    newOrderNo(): OrderNo;
    control(method: string, path: string, body?: unknown): Promise<unknown>;
    order(orderNo: OrderNo, shop?: Shop): Promise<OrderAnswer>;
    /** Polls the order until it is as wished; fails with what it was last. */
    orderWhen(orderNo: OrderNo, wished: (order: OrderAnswer) => boolean, timeoutMs?: number): Promise<OrderAnswer>;
    workflow(orderNo: OrderNo, shop?: Shop): WorkflowHandle;
    refundWorkflow(outRefundNo: string, shop?: Shop): WorkflowHandle;
    refund(refundNo: string, shop?: Shop): Promise<RefundAnswer>;
    startWorkers(deployment?: { readonly name: string; readonly buildId: string }): Promise<Workers>;
    stopWorkers(): Promise<void>;
    stop(): Promise<void>;
  };

const PATIENT_MS = 120_000;
const AS_IN_PRODUCTION_MS = 8_000;

/** A {@link startSaga} of a file's or a block's own. Options that other hooks make are asked for when these run. */
export const useSaga = (options: SagaOptions | (() => SagaOptions) = {}): Saga =>
  startedFor(
    () => startSaga(typeof options === 'function' ? options() : options),
    (saga) => saga.stop(),
  );

/** Everything a test of the saga needs, in this process, over real HTTP, Postgres and Temporal; nothing is shared with others. */
export async function startSaga(options: SagaOptions = {}): Promise<Saga> {
  const home = await mkdtemp(join(tmpdir(), 'paysaga-saga-'));
  const database = await testDatabase();
  const databaseUrl = (await options.database?.(database.url)) ?? database.url;
  // The Temporal server is everybody's, and names workflows by merchant.
  const sandbox = await startTestSandbox({ firstMchid: randomInt(FIRST_MCHID, 2 * FIRST_MCHID) });
  for (let more = 1; more < (options.merchants ?? 1); more += 1) {
    const { appids, protocol } = options;
    await requestJson(`${sandbox.url}/sandbox/merchants`, 'POST', { appids, protocol });
  }
  const file = await writeSandboxMerchants(home, sandbox.url, options.endpoint?.url);
  if (options.codeScan === 'v2') await chargeOverV2(file, sandbox.url);
  await options.changeMerchants?.(file);
  const loaded = await loadMerchants(file);
  const { approval } = options;
  const merchants = createMerchants(new Map([...loaded].map(([mchid, it]) => [mchid, { ...it, approval }])));
  options.endpoint?.expectSecret((mchid) => merchants.of(must(parseMchid(mchid)))?.webhook?.secrets[0] ?? '');
  const queues = taskQueues(`-${randomBytes(6).toString('hex')}`);
  const { address, namespace } = options.temporal ?? {
    address: inject('temporalAddress'),
    namespace: inject('temporalNamespace'),
  };
  const log = pino({ level: 'silent' });
  let publicUrl = '';
  const checkoutKey = randomBytes(32);
  const openApi = async ({ waitMs, ...limits }: { readonly waitMs: number; readonly handOverMs?: number }) => {
    const services = openServices({
      databaseUrl,
      temporal: { connection: { address }, namespace },
      merchants,
      publicUrl: () => publicUrl,
      language: 'en',
      workers: 1,
      applicationName: 'test',
      ...(options.outward === undefined ? {} : { outward: options.outward }),
      log,
      queues,
      waitMs,
      ...limits,
    });
    const changes = openOrderChanges(services.connection.sql);
    const tellTest = () => Promise.resolve(undefined);
    const ready = async () => ({ temporal: await temporalAnswers(services.temporal) });
    const ingress = await startIngress(
      { ...services, merchants, publicUrl: () => publicUrl, checkoutKey, changes, tellTest, log, ready },
      served,
      // A connection is not given up while its answer is still waited for.
      { port: 0, host: '127.0.0.1', stalledMs: waitMs + 30_000 },
    );
    return {
      services,
      url: ingress.url,
      async close() {
        await ingress.close(1_000);
        await changes.close();
        await services.close();
      },
    };
  };
  /** Workers whose time is another take WeChat Pay's payments for as late as that. */
  const gatewaysAt = (businessNow: () => Date) =>
    options.activityNow === undefined
      ? services.gateways
      : createGateways(merchants, { now: services.now, businessNow, publicUrl: () => publicUrl, workers: 1 });
  const api = await openApi({ waitMs: PATIENT_MS, handOverMs: PATIENT_MS });
  let briefApi: ReturnType<typeof openApi> | undefined;
  const { services } = api;
  const { db } = services.connection;
  publicUrl = api.url;
  const shops = await Promise.all(
    merchants.all().map(async ({ mchid }): Promise<Shop> => {
      const apiKey = await keepKey(db, 'merchant', [mchid]);
      return { mchid, apiKey, gateway: sandboxControl(sandbox.url, mchid) };
    }),
  );
  const [first] = shops;
  if (first === undefined) throw new Error('the sandbox has no merchant');
  let workers: Workers | undefined;

  const newOrderNo = () => must(parseOrderNo(`T-${Date.now().toString(36)}-${randomInt(1e9).toString(36)}`));
  const asking = (apiUrl: () => Promise<string>): Asking => {
    const call: Asking['call'] = async (method, path, body, key = first.apiKey) =>
      requestJson(`${await apiUrl()}${path}`, method, body, key);
    return {
      call,
      async createOrder(fields = {}, { apiKey } = first) {
        const orderNo = newOrderNo();
        const order = { orderNo, amountFen: 1200, description: 'A cup of tea', product: 'native', ...fields };
        return { ...(await call('POST', '/v1/orders', order, apiKey)), orderNo };
      },
    };
  };

  const saga: Saga = {
    ...first,
    ...asking(() => Promise.resolve(api.url)),
    briefly: asking(async () => (await (briefApi ??= openApi({ waitMs: AS_IN_PRODUCTION_MS }))).url),
    sandbox,
    services,
    shops,
    databaseUrl: database.url,
    apiUrl: api.url,
    operatorKey: await keepKey(
      db,
      'operator',
      shops.map(({ mchid }) => mchid),
    ),
    newOrderNo,
    async control(method, path, body) {
      const answer = await requestJson(`${sandbox.url}/sandbox${path}`, method, body);
      if (answer.status >= 300) throw new Error(`sandbox ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    order: async (orderNo, shop = first) =>
      (await saga.call('GET', `/v1/orders/${orderNo}`, undefined, shop.apiKey)).body,
    async orderWhen(orderNo, wished, timeoutMs) {
      let last: OrderAnswer | undefined;
      const look = async (): Promise<OrderAnswer | false> => {
        last = await saga.order(orderNo);
        return wished(last) && last;
      };
      return until('the order as wished', look, timeoutMs).catch((cause: unknown) => {
        throw new Error(`the order never became as wished: ${JSON.stringify(last)}`, { cause });
      });
    },
    workflow: (orderNo, { mchid } = first) =>
      services.temporal.client.workflow.getHandle(orderWorkflowId(mchid, orderNo)),
    refundWorkflow: (outRefundNo, { mchid } = first) =>
      services.temporal.client.workflow.getHandle(refundWorkflowId(mchid, must(parseOutRefundNo(outRefundNo)))),
    async refund(refundNo, shop = first) {
      const path = `/v1/refunds/${encodeURIComponent(refundNo)}`;
      const answer: unknown = (await saga.call('GET', path, undefined, shop.apiKey)).body;
      return answer as RefundAnswer;
    },
    async startWorkers(deployment) {
      const now = options.activityNow ?? services.now;
      const webhooks = createShopWebhooks((mchid) => merchants.of(mchid)?.webhook);
      workers = await startWorkers(
        { connection: { address }, namespace, queues, deployment },
        { ...services, gateways: gatewaysAt(now), db, now, webhooks, random: () => 0.5 },
      );
      return workers;
    },
    async stopWorkers() {
      await workers?.stop();
      workers = undefined;
    },
    async stop() {
      await saga.stopWorkers();
      await (await briefApi)?.close();
      await api.close();
      await sandbox.close();
      await database.drop();
      await rm(home, { recursive: true, force: true });
    },
  };
  if (options.workers !== false) await saga.startWorkers();
  return saga;
}

async function keepKey(db: Db, kind: 'merchant' | 'operator', mchids: Mchid[]): Promise<string> {
  const { key, hash } = newApiKey(kind, 'live');
  await insertApiKey(db, { kind, name: kind === 'operator' ? 'Op' : null, mchids, hash, at: new Date() });
  return key;
}

async function requestJson(url: string, method: string, body: unknown, key?: string): Promise<ApiAnswer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as OrderAnswer };
}

function must<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}
