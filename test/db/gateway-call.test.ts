import { expect, test } from 'vitest';
import { recordAttemptAnswer } from '../../src/orders/store/attempt.js';
import {
  countGatewayCalls,
  lastGatewayCall,
  recordGatewayCall,
  type GatewayCall,
} from '../../src/orders/store/gateway-call.js';
import { callsOfOrders, keptAnswersOfOrders } from '../../src/orders/store/heard.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { fileDatabase } from './database.js';
import { minutesLater } from './events.js';
import { CREATED_AT, LATER, outTradeNo } from './fixtures.js';

const database = fileDatabase();

/** Read with those of another order, as of a page of them. */
async function waitingCalls(order: OrderRecord, now: Date) {
  const { quiet, againAt } = (await callsOfOrders(database.db, [await database.place(), order], now))(order);
  return { quiet, againAt };
}

const keptAnswersAt = async (order: OrderRecord) =>
  (await keptAnswersOfOrders(database.db, [await database.place(), order]))(order);

const call = (order: OrderRecord, change: Partial<GatewayCall> = {}): GatewayCall => ({
  mchid: order.mchid,
  orderNo: order.orderNo,
  outTradeNo: outTradeNo(order),
  api: 'query',
  at: CREATED_AT,
  outcome: 'ok',
  durationMs: 12.5,
  nextAt: null,
  ...change,
});

test('an order that was never sent has no last call', async () => {
  const order = await database.place();

  expect(await lastGatewayCall(database.db, order)).toBeUndefined();
  expect(await countGatewayCalls(database.db, order, 'query')).toBe(0);
});

test('the call recorded last is the last one, and each api is counted by itself', async () => {
  const order = await database.place();
  const other = await database.place();
  await recordGatewayCall(database.db, call(order, { api: 'prepay' }));
  await recordGatewayCall(database.db, call(order));
  await recordGatewayCall(database.db, call(order, { outcome: 'SYSTEM_ERROR', nextAt: LATER, quietUntil: LATER }));
  await recordGatewayCall(database.db, call(other));

  expect(await lastGatewayCall(database.db, order)).toEqual({
    gateway: null,
    api: 'query',
    outTradeNo: order.orderNo,
    at: CREATED_AT,
    outcome: 'SYSTEM_ERROR',
    nextAt: LATER,
  });
  expect(await countGatewayCalls(database.db, order, 'query')).toBe(2);
  expect(await countGatewayCalls(database.db, order, 'prepay')).toBe(1);
});

test('what waits since WeChat Pay asked for quiet is told of each api by its last call, and for no longer', async () => {
  const order = await database.place();
  const limited = { outcome: 'FREQUENCY_LIMITED', quietUntil: LATER } as const;
  await recordGatewayCall(database.db, call(order, { api: 'prepay', ...limited }));
  await recordGatewayCall(database.db, call(order, { api: 'close', ...limited }));
  await recordGatewayCall(database.db, call(order, { api: 'query', ...limited }));
  await recordGatewayCall(database.db, call(order, { api: 'query' }));
  await recordGatewayCall(database.db, call(await database.place(), { api: 'refund', ...limited }));
  const quiet = (['close', 'prepay'] as const).map((api) => ({ api, until: LATER }));
  expect((await waitingCalls(order, CREATED_AT)).quiet.toSorted(byApi)).toEqual(quiet);
  await recordGatewayCall(database.db, call(order, { api: 'prepay' }));
  expect((await waitingCalls(order, CREATED_AT)).quiet).toEqual([quiet[0]]);
  expect((await waitingCalls(order, LATER)).quiet).toEqual([]);
});

test('when a call is made again is told by the last to its API, whatever was asked since, and not once that has passed', async () => {
  const order = await database.place();
  await recordGatewayCall(database.db, call(order, { api: 'close', nextAt: LATER }));
  await recordGatewayCall(database.db, call(order));
  expect(await waitingCalls(order, CREATED_AT)).toEqual({
    quiet: [],
    againAt: new Map([['close', LATER]]),
  });
  expect((await waitingCalls(order, LATER)).againAt).toEqual(new Map());
  await recordGatewayCall(database.db, call(order, { api: 'close' }));
  expect((await waitingCalls(order, CREATED_AT)).againAt).toEqual(new Map());
});

const byApi = (a: { readonly api: string }, b: { readonly api: string }): number => a.api.localeCompare(b.api);

test('what is kept with an attempt was answered when that call was made, not when another was', async () => {
  const order = await database.place();
  const other = await database.place();
  const gateway = { status: 400, code: 'INVALID_REQUEST', message: 'no', detail: null };
  const number = outTradeNo(order);
  expect(await keptAnswersAt(order)).toEqual(new Map());
  await recordAttemptAnswer(database.db, { ...order, outTradeNo: number }, gateway);
  expect(await keptAnswersAt(order)).toEqual(new Map());
  await recordGatewayCall(database.db, call(other, { api: 'close', at: minutesLater(9), gateway }));
  for (const [minute, change] of [
    [1, { api: 'close', gateway }],
    [2, { api: 'close', gateway }],
    [3, { api: 'close', gateway: { ...gateway, status: 503, code: null } }],
    [4, { api: 'query', gateway }],
    [5, { api: 'close' }],
  ] as const)
    await recordGatewayCall(database.db, call(order, { at: minutesLater(minute), ...change }));
  expect(await keptAnswersAt(order)).toEqual(new Map([[number, minutesLater(2)]]));
});
