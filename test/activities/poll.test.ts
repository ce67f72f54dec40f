import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { createOrderActivities } from '../../activities/orders.js';
import { GatewayError, type CallOptions, type Gateway } from '../../src/channels/port.js';
import { lastGatewayCall } from '../../src/orders/store/gateway-call.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { paceOf, pollDelayMs } from '../../src/orders/rules/schedules.js';
import { fileDatabase } from '../db/database.js';
import { mchid } from '../channels/support/values.js';
import { CREATED_AT, outTradeNo } from '../db/fixtures.js';
import { fakeGateway } from '../http/support/fake-gateway.js';

const database = fileDatabase();

const MINUTE = 60_000;
const FULL = new GatewayError('gate_shut', { retryAfterMs: 1_000 });
const openedAtMs = CREATED_AT.getTime();

type Try = { readonly atMs: number; readonly lateMs?: number; readonly memory?: unknown; readonly everyMs?: number };

/** One try of the poll of an order that was opened at `CREATED_AT`. */
async function poll(order: OrderRecord, query: Gateway['query'], { atMs, lateMs = 0, memory, everyMs }: Try) {
  const gateway = { ...fakeGateway(mchid('1900000001')), query };
  const now = () => new Date(openedAtMs + atMs);
  const activities = createOrderActivities({ db: database.db, gateways: { for: () => gateway }, now });
  const currentAttemptScheduledTimestampMs = now().getTime() - lateMs;
  const environment = new MockActivityEnvironment({ currentAttemptScheduledTimestampMs, heartbeatDetails: memory });
  let remembered: unknown = memory;
  environment.on('heartbeat', (details: unknown) => (remembered = details));
  const { mchid: of, orderNo } = order;
  const call = { mchid: of, orderNo, outTradeNo: outTradeNo(order), patience: 'durable', trouble: null } as const;
  const every = everyMs === undefined ? {} : { everyMs };
  const outcome: unknown = await environment
    .run(() => activities.pollTrade({ ...call, openedAtMs, ...every }))
    .catch((error: unknown) => error);
  const delay = outcome instanceof ApplicationFailure ? Number(outcome.nextRetryDelay) : null;
  return { outcome, delay, memory: remembered, lastCall: await lastGatewayCall(database.db, order) };
}

const notPaid: Gateway['query'] = () => Promise.resolve({ kind: 'notPaid' });
const full: Gateway['query'] = () => Promise.reject(FULL);

test('a poll that finds no room comes half as often each time, and is no trouble however long it lasts', async () => {
  const order = await database.place();
  const pace = paceOf(outTradeNo(order));
  let memory: unknown;
  for (const [timesPutOff, atMs] of [70_000, 3 * MINUTE, 9 * MINUTE, 30 * MINUTE].entries()) {
    const tried = await poll(order, full, { atMs, memory });
    const delay = Math.min(pollDelayMs(atMs, pace) * 2 ** (timesPutOff + 1), 60 * MINUTE);
    expect(tried).toMatchObject({ outcome: { type: 'put_off' }, delay });
    const at = new Date(openedAtMs + atMs);
    expect(tried.lastCall).toMatchObject({ outcome: 'gate_shut', at, nextAt: new Date(at.getTime() + delay) });
    memory = tried.memory;
  }
  const made = await poll(order, notPaid, { atMs: 80 * MINUTE, memory });
  expect(made.delay).toBe(pollDelayMs(80 * MINUTE, pace));
  const again = await poll(order, full, { atMs: 90 * MINUTE, memory: made.memory });
  expect(again.delay).toBe(2 * pollDelayMs(90 * MINUTE, pace));
});

test('a poll that comes late makes the next one so rare that it is late by a tenth of it', async () => {
  const order = await database.place();
  expect((await poll(order, notPaid, { atMs: 100_000, lateMs: 40_000 })).delay).toBe(400_000);
  expect((await poll(order, notPaid, { atMs: 100_000, lateMs: 1_000 })).delay).toBeLessThan(80_000);
});

test('a poll says that it is one; the query of a charge, whose payer stands at the till, does not', async () => {
  const order = await database.place();
  const asked: CallOptions[] = [];
  const listening: Gateway['query'] = (_request, options) => {
    asked.push(options);
    return Promise.resolve({ kind: 'notPaid' });
  };
  await poll(order, listening, { atMs: 70_000 });
  const charge = await poll(order, listening, { atMs: 70_000, lateMs: 40_000, everyMs: 5_000 });
  expect(asked.map(({ isPoll }) => isPoll)).toEqual([true, false]);
  expect(charge.delay).toBe(5_000);
});
