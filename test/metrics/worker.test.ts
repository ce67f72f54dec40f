import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { callOutcome } from '../../src/channels/call-outcome.js';
import { createWorkerMetrics } from '../../src/metrics/worker.js';
import { CREATED_AT, fen, LATER, newOrder, outTradeNo } from '../db/fixtures.js';
import { fileDatabase } from '../db/database.js';

const database = fileDatabase();
const second = (date: Date, seconds: number): Date => new Date(date.getTime() + seconds * 1_000);

async function paidOrder(change: Partial<OrderRecord> = {}): Promise<OrderRecord> {
  const order = await database.place(newOrder());
  const paid = { state: 'paid', foundBy: 'notify', paidFen: fen(1_200), paidAt: LATER } as const;
  return { ...order, ...paid, paidAttempt: outTradeNo(order), ...change };
}

function metricsOver() {
  const registry = new Registry();
  const observe = createWorkerMetrics(registry, { now: () => second(LATER, 9), outcomeLabel: callOutcome });
  return { observe, text: () => registry.metrics() };
}

const NOTIFIED = { notifiedAt: second(LATER, 5), queries: 3 };

test('a payment is counted with its money, what found it, and how long it took', async () => {
  const { observe, text } = metricsOver();
  observe.orderMoved(await paidOrder(), NOTIFIED);

  const mchid = 'mchid="1900000001"';
  await expect.poll(text).toContain(`paysaga_notify_to_paid_seconds_sum{${mchid}} 4\n`);
  expect(await text()).toContain(`paysaga_orders_paid_total{${mchid},found_by="notify"} 1\n`);
  expect(await text()).toContain(`paysaga_orders_paid_fen_total{${mchid},found_by="notify"} 1200\n`);
  const took = (LATER.getTime() - CREATED_AT.getTime()) / 1_000;
  expect(await text()).toContain(`paysaga_order_time_to_pay_seconds_sum{${mchid}} ${took}\n`);
  expect(await text()).toContain(`paysaga_queries_per_paid_order_sum{${mchid},found_by="notify"} 3\n`);
});

test('a payment that polling found says nothing about notifies', async () => {
  const { observe, text } = metricsOver();
  observe.orderMoved(await paidOrder({ foundBy: 'poll' }), NOTIFIED);

  await expect.poll(text).toContain('paysaga_queries_per_paid_order_sum{mchid="1900000001",found_by="poll"} 3\n');
  expect(await text()).not.toContain('paysaga_notify_to_paid_seconds_sum');
});

test('closed and reviewed orders are counted by their reasons', async () => {
  const { observe, text } = metricsOver();
  const order = await paidOrder();
  observe.orderMoved({ ...order, state: 'closed', closedReason: 'expired' }, null);
  observe.orderMoved({ ...order, state: 'review', reviewReason: 'amount_mismatch' }, null);
  observe.orderMoved({ ...order, state: 'awaitingPayment' }, null);

  expect(await text()).toContain('paysaga_orders_closed_total{mchid="1900000001",reason="expired"} 1\n');
  expect(await text()).toContain('paysaga_orders_reviewed_total{mchid="1900000001",reason="amount_mismatch"} 1\n');
  expect(await text()).not.toContain('paysaga_orders_paid_total{');
});

test('calls are counted in few words, whatever word came', async () => {
  const { observe, text } = metricsOver();
  const { mchid } = await paidOrder();
  for (const outcome of ['notPaid', 'paid', 'rate_limited', 'unreachable', 'unknown', 'whatever WeChat Pay says']) {
    observe.gatewayCall({ mchid, api: 'query', outcome, durationMs: 120 });
  }

  const counted = (await text()).split('\n').filter((line) => line.startsWith('paysaga_gateway_calls_total{'));
  expect(counted.map((line) => /outcome="(\w+)"/.exec(line)?.[1]).toSorted()).toEqual(
    ['limited', 'not_paid', 'ok', 'other', 'unknown', 'unreachable'].toSorted(),
  );
});

test('requests are counted by the domain of WeChat Pay, and what came of them', async () => {
  const { observe, text } = metricsOver();
  observe.domainCall({ host: 'api.mch.weixin.qq.com', outcome: 'unreachable' });
  observe.domainCall({ host: 'api2.mch.weixin.qq.com', outcome: 'answered' });
  const name = 'paysaga_gateway_domain_calls_total';
  expect(await text()).toContain(`${name}{domain="api.mch.weixin.qq.com",outcome="unreachable"} 1\n`);
  expect(await text()).toContain(`${name}{domain="api2.mch.weixin.qq.com",outcome="answered"} 1\n`);
});

test('nothing that goes wrong here reaches an activity', async () => {
  const { observe, text } = metricsOver();
  const order = await paidOrder({ paidFen: fen(0), paidAt: new Date(NaN) });

  observe.orderMoved(order, { notifiedAt: new Date(NaN), queries: NaN });
  observe.gatewayCall({ mchid: order.mchid, api: 'query', outcome: 'paid', durationMs: NaN });
  observe.delivery({ mchid: order.mchid, outcome: 'delivered', durationMs: NaN });
  observe.swept({ orders: -1 });

  expect(await text()).toContain('paysaga_sweeper_passes_total 1\n');
});
