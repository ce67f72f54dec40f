import { readdir, readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canariesIn, textOf } from '../support/canaries.js';
import { liveADay, openid, scrape, startShop, valueOf, type CanaryDay } from '../support/canary-day.js';
import { until } from '../support/caller.js';
import { startTestStack, type TestStack } from '../support/dev-stack.js';

let stack: TestStack;
let sql: postgres.Sql;
let shop: Server;
let day: CanaryDay;

describe('what a stack tells of itself', () => {
  beforeAll(async () => {
    shop = await startShop();
    stack = await startTestStack({
      environment: { PAYSAGA_LOG_LEVEL: 'trace' },
      webhookUrl: `http://127.0.0.1:${(shop.address() as AddressInfo).port}/paysaga`,
    });
    sql = postgres(stack.dev.databaseUrl, { max: 1, onnotice: () => undefined });
    day = await liveADay(stack, sql);
  });
  afterAll(async () => {
    await sql.end({ timeout: 1 });
    await stack.stop();
    shop.close();
    shop.closeAllConnections();
  });

  test('the canaries were there to be told', async () => {
    expect(day.canaries.size).toBeGreaterThan(25);
    const [row] = await sql<{ openids: number; notifies: number; tries: number }[]>`
      select (select count(*)::int from attempts where openid = ${openid}) as openids,
             (select count(*)::int from notify_inbox) as notifies,
             (select count(*)::int from deliveries where status = 500) as tries`;
    expect(row?.openids).toBe(1);
    expect(row?.notifies).toBeGreaterThan(0);
    expect(row?.tries).toBeGreaterThan(0);
    expect(day.errorAnswers.length).toBeGreaterThan(8);
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
    for (const orderNo of day.orderNos) expect(ingress).toContain(orderNo);
    expect(logs.map(({ name, text }) => ({ name, found: canariesIn(text, day.canaries) }))).toEqual(
      logs.map(({ name }) => ({ name, found: [] })),
    );
  });

  test('no error answer repeats what was sent, or says a secret', () => {
    expect(day.errorAnswers.flatMap((answer) => canariesIn(answer, day.canaries))).toEqual([]);
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
          carried.push({ workflowId, found: canariesIn(text, day.canaries) });
        }
        // Visibility lags.
        return { seen, met: day.orderNos.every((orderNo) => seen.includes(`/${orderNo}\n`)) };
      });
      expect(carried.length).toBeGreaterThan(day.orderNos.length);
      expect(carried.filter(({ found }) => found.length > 0)).toEqual([]);
    } finally {
      await connection.close();
    }
  });

  test('metrics name no order, no payer and no secret', async () => {
    const text = `${await scrape(stack.dev.apiUrl)}\n${await scrape(stack.workerUrl)}`;
    expect(canariesIn(text, day.canaries)).toEqual([]);
    for (const orderNo of day.orderNos) expect(text).not.toContain(orderNo);
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
    });
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
    const url = `${stack.dev.apiUrl}/v1/orders/${day.orderNos[0] ?? ''}/stream`;
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
    });
    expect(text).not.toMatch(/^paysaga_orders_stuck\{/m);
    expect(text).toMatch(/^paysaga_http_requests_total\{/m);
  });
});

async function openStreams(wanted: number): Promise<{ seen: number; met: boolean }> {
  const seen = valueOf(await scrape(stack.dev.apiUrl), 'paysaga_streams_open');
  return { seen, met: seen === wanted };
}
