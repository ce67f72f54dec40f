import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newApiKey } from '../../src/cli/new-api-key.js';
import { canariesIn, keyLines, textOf } from '../support/canaries.js';
import { until } from '../support/caller.js';
import { newOrderNo, startTestStack, type TestStack } from '../support/dev-stack.js';

/** A word nobody else writes. */
const canary = (name: string): string => `canary-${name}-${randomBytes(8).toString('hex')}`;

const openid = `oCanary${randomBytes(10).toString('hex')}`.slice(0, 28);
const attach = canary('attach');
const description = canary('description');
const metadata = canary('metadata');
const reason = canary('reason');
const clientIp = '198.51.100.217';
const badBody = canary('bad-body');
const forgedBody = canary('forged-body');
const forgedSignature = canary('forged-signature');
const shopAnswer = canary('shop-answer');
const wrongToken = canary('token');
const wrongKey = newApiKey('operator').key;

let stack: TestStack;
let sql: postgres.Sql;
let shop: Server;
let shopStatus = 204;
const canaries = new Map<string, string>();
const errorAnswers: string[] = [];
const orderNos: string[] = [];

describe('what a stack tells of itself', { timeout: 600_000 }, () => {
  beforeAll(async () => {
    shop = await startShop();
    stack = await startTestStack({
      environment: { PAYSAGA_LOG_LEVEL: 'trace' },
      webhookUrl: `http://127.0.0.1:${(shop.address() as AddressInfo).port}/paysaga`,
    });
    sql = postgres(stack.dev.databaseUrl, { max: 1, onnotice: () => undefined });
    await drive();
    await collectSecrets();
  });
  afterAll(async () => {
    await sql.end({ timeout: 1 });
    await stack.stop();
    shop.close();
    shop.closeAllConnections();
  });

  test('the canaries were there to be told', async () => {
    expect(canaries.size).toBeGreaterThan(25);
    const [row] = await sql<{ openids: number; notifies: number; tries: number }[]>`
      select (select count(*)::int from attempts where openid = ${openid}) as openids,
             (select count(*)::int from notify_inbox) as notifies,
             (select count(*)::int from deliveries where status = 500) as tries`;
    expect(row?.openids).toBe(1);
    expect(row?.notifies).toBeGreaterThan(0);
    expect(row?.tries).toBeGreaterThan(0);
    expect(errorAnswers.length).toBeGreaterThan(8);
  });

  test('no log holds a secret, a payer, or what was sent', async () => {
    const folder = join(stack.home, 'logs');
    const logs = await Promise.all(
      (await readdir(folder)).map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })),
    );
    // They are the logs of what happened here.
    const ingress = logs.find(({ name }) => name === 'serve.log')?.text ?? '';
    expect(ingress).toContain('notify rejected');
    expect(ingress).toContain('"route":"/ops/login"');
    expect(ingress).toContain('"inboxId"');
    for (const orderNo of orderNos) expect(ingress).toContain(orderNo);
    expect(logs.map(({ name, text }) => ({ name, found: canariesIn(text, canaries) }))).toEqual(
      logs.map(({ name }) => ({ name, found: [] })),
    );
  });

  test('no error answer repeats what was sent, or says a secret', () => {
    expect(errorAnswers.flatMap((answer) => canariesIn(answer, canaries))).toEqual([]);
  });

  test('no workflow carries them', async () => {
    const connection = await Connection.connect({ address: stack.dev.temporalAddress });
    try {
      const client = new Client({ connection, namespace: stack.temporal.now.namespace });
      const carried: { workflowId: string; found: string[] }[] = [];
      let seen = '';
      await until(async () => {
        carried.length = 0;
        seen = '';
        for await (const { workflowId, runId, memo } of client.workflow.list()) {
          const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
          const text = `${textOf(history)}\n${textOf(memo)}`;
          seen += `${workflowId}\n`;
          carried.push({ workflowId, found: canariesIn(text, canaries) });
        }
        // Visibility lags.
        return { seen, met: orderNos.every((orderNo) => seen.includes(`/${orderNo}\n`)) };
      });
      expect(carried.length).toBeGreaterThan(orderNos.length);
      expect(carried.filter(({ found }) => found.length > 0)).toEqual([]);
    } finally {
      await connection.close();
    }
  });

  test('metrics name no order, no payer and no secret', async () => {
    const text = `${await scrape(stack.dev.apiUrl)}\n${await scrape(stack.workerUrl)}`;
    expect(canariesIn(text, canaries)).toEqual([]);
    for (const orderNo of orderNos) expect(text).not.toContain(orderNo);
  });

  const mchid = () => `mchid="${stack.dev.mchid}"`;

  test.each<[string, () => readonly string[]]>([
    [
      'orders',
      () => [
        `paysaga_orders_paid_total{${mchid()},found_by="notify"}`,
        `paysaga_orders_paid_total{${mchid()},found_by="sync"}`,
        `paysaga_orders_paid_fen_total{${mchid()},found_by="notify"}`,
        `paysaga_orders_closed_total{${mchid()},reason="cancelled"}`,
        `paysaga_orders_reviewed_total{${mchid()},reason="amount_mismatch"}`,
        `paysaga_order_time_to_pay_seconds_count{${mchid()}}`,
        `paysaga_notify_to_paid_seconds_count{${mchid()}}`,
        `paysaga_queries_per_paid_order_count{${mchid()},found_by="notify"}`,
      ],
    ],
    [
      'refunds',
      () => [
        `paysaga_refunds_requested_total{${mchid()},cause="shop"}`,
        `paysaga_refunds_requested_fen_total{${mchid()},cause="shop"}`,
        `paysaga_refunds_moved_total{${mchid()},state="succeeded"}`,
        `paysaga_refunds_moved_fen_total{${mchid()},state="succeeded"}`,
      ],
    ],
    [
      'the gateway and the shop',
      () => [
        `paysaga_gateway_calls_total{${mchid()},api="prepay",outcome="ok"}`,
        `paysaga_gateway_calls_total{${mchid()},api="prepay",outcome="refused"}`,
        `paysaga_gateway_calls_total{${mchid()},api="query",outcome="unknown"}`,
        `paysaga_gateway_call_seconds_count{api="prepay",outcome="ok"}`,
        `paysaga_event_deliveries_total{${mchid()},outcome="delivered"}`,
        `paysaga_event_deliveries_total{${mchid()},outcome="refused"}`,
        `paysaga_event_delivery_seconds_count{outcome="delivered"}`,
      ],
    ],
    [
      'the ingress',
      () => [
        'paysaga_http_requests_total{method="POST",route="/v1/orders",status="201"}',
        'paysaga_http_request_seconds_count{method="POST",route="/v1/orders"}',
        'paysaga_http_errors_total{code="invalid_request"}',
        'paysaga_notifies_total{outcome="accepted"}',
        'paysaga_notify_signalled_seconds_count{kind="payment"}',
        'paysaga_dependency_up{dependency="database"}',
        'paysaga_dependency_up{dependency="temporal"}',
      ],
    ],
    [
      'what waits',
      () => [
        'paysaga_figures_up',
        `paysaga_orders_waiting{${mchid()},state="review"}`,
        `paysaga_orders_stuck{${mchid()},reason="review"}`,
        `paysaga_orders_stuck_fen{${mchid()},reason="review"}`,
        `paysaga_events_undelivered{${mchid()}}`,
      ],
    ],
    ['the worker and Temporal', () => ['paysaga_sweeper_passes_total', 'paysaga_temporal_metrics_up']],
  ])('%s: counted', async (_what, names) => {
    // The sweeper comes once a minute.
    await until(async () => {
      const text = `${await scrape(stack.dev.apiUrl)}\n${await scrape(stack.workerUrl)}`;
      const missing = names().filter((name) => !(valueOf(text, name) > 0));
      return { seen: missing, met: missing.length === 0 };
    }, 180_000);
  });

  test('the counts of Temporal’s core are with the worker’s', async () => {
    const text = await scrape(stack.workerUrl);
    expect(text).toMatch(/^temporal_num_pollers\{.*task_queue="paysaga".*\} [1-9]/m);
    expect(text).toMatch(/^temporal_workflow_task_schedule_to_start_latency_seconds_bucket\{/m);
    expect(text).toMatch(/^temporal_request_total\{/m);
  });

  test('a stream is counted for as long as it is open', async () => {
    const leave = new AbortController();
    const authorization = `Bearer ${stack.dev.apiKey}`;
    const url = `${stack.dev.apiUrl}/v1/orders/${orderNos[0] ?? ''}/stream`;
    const open = () => until(async () => openStreams(1));
    await fetch(url, { headers: { authorization }, signal: leave.signal });
    await open();
    leave.abort();
    await until(async () => openStreams(0));
  });

  test('without Postgres metrics are answered all the same, and say so', async () => {
    await stack.postgres.kill('SIGKILL');
    // What was read last serves for a while.
    const text = await until(async () => {
      const seen = await scrape(stack.dev.apiUrl);
      return { seen, met: valueOf(seen, 'paysaga_figures_up') === 0 };
    }, 120_000);
    expect(text).not.toMatch(/^paysaga_orders_stuck\{/m);
    expect(text).toMatch(/^paysaga_http_requests_total\{/m);
  });
});

async function openStreams(wanted: number): Promise<{ seen: number; met: boolean }> {
  const seen = valueOf(await scrape(stack.dev.apiUrl), 'paysaga_streams_open');
  return { seen, met: seen === wanted };
}

async function scrape(url: string): Promise<string> {
  const answer = await fetch(`${url}/metrics`);
  if (answer.status !== 200) throw new Error(`/metrics: ${answer.status}`);
  return answer.text();
}

/** NaN where there is no such series. */
function valueOf(text: string, series: string): number {
  const line = text.split('\n').find((it) => it.startsWith(`${series} `));
  return line === undefined ? NaN : Number(line.slice(series.length + 1));
}

/** The shop answers with text of its own, and not always well. */
async function startShop(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(shopStatus);
    response.end(shopStatus === 204 ? undefined : shopAnswer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Keeps what was answered with an error. */
async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(`${stack.dev.apiUrl}${path}`, { redirect: 'manual', ...init });
  if (answer.status >= 400) errorAnswers.push(`${textOf([...answer.headers])}\n${await answer.clone().text()}`);
  return answer;
}

function post(path: string, body: unknown, key = stack.dev.apiKey): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return ask(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

async function place(fields: object = {}): Promise<string> {
  const orderNo = newOrderNo();
  orderNos.push(orderNo);
  const terms = { orderNo, amountFen: 1_200, description, attach, metadata: { note: metadata }, clientIp };
  await post('/v1/orders', { product: 'native', ...terms, ...fields });
  return orderNo;
}

const fault = (faults: object) => stack.control('POST', '/faults', [faults]);

async function drive(): Promise<void> {
  await payAndRefund();
  await notifiesThatAreNotBelieved();
  await otherEnds();
  await badRequests();
  await atTheDoor();
}

async function payAndRefund(): Promise<void> {
  const orderNo = await place({ product: 'jsapi', payer: { openid } });
  await stack.control('POST', '/pay', { outTradeNo: orderNo, openid });
  await stack.orderWhen(orderNo, ({ state }) => state === 'paid');
  const refundNo = `R-${orderNo}`;
  await post(`/v1/orders/${orderNo}/refunds`, { refundNo, amountFen: 100, reason });
  await stack.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 100);
  shopStatus = 500;
  await post(`/v1/orders/${orderNo}/refunds`, { refundNo, amountFen: 200, reason });
}

async function notifiesThatAreNotBelieved(): Promise<void> {
  const bad = await place();
  await fault({ on: 'notify', kind: 'badSignature', outTradeNo: bad });
  await stack.control('POST', '/pay', { outTradeNo: bad });
  await until(async () => {
    const seen = await scrape(stack.dev.apiUrl);
    return { seen: 'bad_signature', met: valueOf(seen, 'paysaga_notifies_total{outcome="bad_signature"}') > 0 };
  });
  const unreadable = await place();
  await fault({ on: 'notify', kind: 'wrongKey', outTradeNo: unreadable });
  await stack.control('POST', '/pay', { outTradeNo: unreadable });
  await until(async () => {
    const seen = await scrape(stack.dev.apiUrl);
    return { seen: 'undecryptable', met: valueOf(seen, 'paysaga_notifies_total{outcome="undecryptable"}') > 0 };
  });
  const headers = {
    'wechatpay-signature': forgedSignature,
    'wechatpay-serial': forgedSignature,
    'wechatpay-timestamp': String(Math.floor(Date.now() / 1_000)),
    'wechatpay-nonce': forgedSignature,
  };
  await ask(`/notify/wechatpay/v3/${stack.dev.mchid}`, { method: 'POST', headers, body: forgedBody });
}

async function otherEnds(): Promise<void> {
  const lost = await place();
  await fault({ on: 'notify', kind: 'drop', outTradeNo: lost, times: 0 });
  await fault({ on: 'query', kind: 'http500', outTradeNo: lost });
  await stack.control('POST', '/pay', { outTradeNo: lost });
  await until(async () => {
    await post(`/v1/orders/${lost}/sync`, undefined);
    const { body } = await stack.api('GET', `/v1/orders/${lost}`);
    return { seen: body, met: body.state === 'paid' };
  });
  const cancelled = await place();
  await post(`/v1/orders/${cancelled}/close`, undefined);
  await stack.orderWhen(cancelled, ({ state }) => state === 'closed');
  const wrong = await place();
  await fault({ on: 'pay', kind: 'wrongAmount', totalFen: 900, outTradeNo: wrong });
  await stack.control('POST', '/pay', { outTradeNo: wrong });
  await stack.orderWhen(wrong, ({ state }) => state === 'review');
  const refused = newOrderNo();
  await fault({ on: 'prepay', kind: 'error', status: 400, code: 'PARAM_ERROR', effect: false, outTradeNo: refused });
  await post('/v1/orders', { orderNo: refused, amountFen: 1, description, product: 'native' });
  await stack.orderWhen(refused, ({ state }) => state === 'closed');
}

async function badRequests(): Promise<void> {
  const order = { orderNo: newOrderNo(), amountFen: 1, description, product: 'native' };
  await post('/v1/orders', `{"orderNo": "${badBody}", `);
  await post('/v1/orders', { ...order, anotherField: badBody });
  await post('/v1/orders', { ...order, payer: { openid: `${openid}${badBody}`.repeat(9) } });
  await post('/v1/orders', { ...order, product: badBody });
  await post('/v1/orders', order, wrongKey);
  await post('/v1/orders', order, stack.dev.apiKey.slice(0, -1));
  await ask(`/v1/orders?cursor=${badBody}`, { headers: { authorization: `Bearer ${stack.dev.apiKey}` } });
  await ask(`/pay/${orderNos[0] ?? ''}?t=${wrongToken}`);
  await post(`/v1/orders/${orderNos[0] ?? ''}/resolve`, { action: 'accept', reason: badBody });
}

async function atTheDoor(): Promise<void> {
  const enter = (key: string) => ask('/ops/login', { method: 'POST', body: new URLSearchParams({ key }) });
  expect((await enter(wrongKey)).status).toBe(401);
  expect((await enter(stack.dev.apiKey)).status).toBe(403);
  const answer = await enter(stack.dev.operatorKey);
  expect(answer.status).toBe(303);
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  canaries.set('session', cookie.slice(cookie.indexOf('=') + 1));
  await ask('/ops', { headers: { cookie } });
}

/** What was sent above, what the stack was given to keep, and what it made and must not tell. */
async function collectSecrets(): Promise<void> {
  const sent = { openid, attach, description, metadata, reason, clientIp, badBody, forgedBody, forgedSignature };
  for (const [name, value] of Object.entries({ ...sent, shopAnswer, wrongToken, wrongKey })) canaries.set(name, value);
  const { apiKey, operatorKey, merchants } = stack.dev;
  canaries.set('apiKey', apiKey).set('operatorKey', operatorKey);
  canaries.set('webhookSecret', (merchants[0]?.webhookSecret ?? '').replace('whsec_', ''));
  const merchant = await stack.control<{ privateKeyPem: string; apiV3Key: string }>('GET', '/merchant');
  canaries.set('apiV3Key', merchant.apiV3Key);
  for (const [index, line] of keyLines(merchant.privateKeyPem).entries()) canaries.set(`privateKey ${index}`, line);
  const notifies = await sql<{ body: Uint8Array; signature: string | null }[]>`
    select raw_body as body, headers ->> 'wechatpay-signature' as signature from notify_inbox`;
  for (const [index, { body, signature }] of notifies.entries()) {
    const { resource } = JSON.parse(Buffer.from(body).toString()) as { resource: { ciphertext: string } };
    canaries.set(`notify ${index}`, resource.ciphertext.slice(0, 60));
    if (signature !== null) canaries.set(`notify signature ${index}`, signature.slice(0, 60));
  }
  const codes = await sql<{ code: string }[]>`
    select code_url as code from attempts where code_url is not null
    union all select prepay_id from attempts where prepay_id is not null`;
  for (const [index, { code }] of codes.entries()) canaries.set(`code ${index}`, code);
  for (const orderNo of orderNos) {
    const { body } = await stack.api('GET', `/v1/orders/${orderNo}`);
    const token = new URL(body.checkoutUrl).searchParams.get('t');
    if (token !== null) canaries.set(`checkout ${orderNo}`, token);
  }
}
