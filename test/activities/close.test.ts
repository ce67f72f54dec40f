import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { createOrderActivities } from '../../activities/orders.js';
import { GatewayError } from '../../src/channels/port.js';
import { lastGatewayCall } from '../../src/orders/store/gateway-call.js';
import { callsOfOrders } from '../../src/orders/store/heard.js';
import { fileDatabase } from '../db/database.js';
import { mchid } from '../channels/support/values.js';
import { CREATED_AT, outTradeNo } from '../db/fixtures.js';
import { fakeGateway } from '../http/support/fake-gateway.js';

const database = fileDatabase();

const LIMIT = new GatewayError('rate_limited', {
  gatewayCode: 'FREQUENCY_LIMITED',
  retryAfterMs: 3_000,
  quietMs: 3_000,
});
const later = (ms: number) => new Date(CREATED_AT.getTime() + ms);

test.each([
  { name: 'by its schedule, after the limit', againInMs: 300_000, untilMs: 300_000 },
  { name: 'when the limit ends, after its schedule', againInMs: 1_000, untilMs: 3_000 },
])('a close that a limit turned away is recorded with when it is made again: $name', async ({ againInMs, untilMs }) => {
  const order = await database.place();
  const gateway = { ...fakeGateway(mchid('1900000001')), close: () => Promise.reject(LIMIT) };
  const activities = createOrderActivities({
    db: database.db,
    gateways: { for: () => gateway },
    now: () => CREATED_AT,
  });
  const call = {
    mchid: order.mchid,
    orderNo: order.orderNo,
    outTradeNo: outTradeNo(order),
    patience: 'durable',
  } as const;
  const close = () => activities.closeTrade({ ...call, trouble: null, againInMs });
  expect(await new MockActivityEnvironment().run(close)).toEqual({ outcome: 'unanswered', limitedForMs: 3_000 });
  expect((await callsOfOrders(database.db, [order], later(untilMs - 1)))(order)).toMatchObject({
    quiet: [{ api: 'close', until: later(untilMs) }],
    againAt: new Map([['close', later(untilMs)]]),
  });
});

test('a close that was taken is made again only if a query says so: no time is recorded', async () => {
  const order = await database.place();
  const gateway = { ...fakeGateway(mchid('1900000001')), close: () => Promise.resolve({ kind: 'accepted' } as const) };
  const activities = createOrderActivities({
    db: database.db,
    gateways: { for: () => gateway },
    now: () => CREATED_AT,
  });
  const call = {
    mchid: order.mchid,
    orderNo: order.orderNo,
    outTradeNo: outTradeNo(order),
    patience: 'durable',
  } as const;
  await new MockActivityEnvironment().run(() => activities.closeTrade({ ...call, trouble: null, againInMs: 5_000 }));
  expect(await lastGatewayCall(database.db, order)).toMatchObject({ api: 'close', nextAt: null });
});
