import { expect, test } from 'vitest';
import { countGatewayCalls, lastGatewayCall, recordGatewayCall, type GatewayCall } from '../../src/db/gateway-call.js';
import type { OrderRecord } from '../../src/domain/order/record.js';
import { fileDatabase } from './database.js';
import { CREATED_AT, LATER, outTradeNo } from './fixtures.js';

const database = fileDatabase();

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
    quietUntil: LATER,
  });
  expect(await countGatewayCalls(database.db, order, 'query')).toBe(2);
  expect(await countGatewayCalls(database.db, order, 'prepay')).toBe(1);
});
