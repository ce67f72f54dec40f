import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeEach, expect, test } from 'vitest';
import { createOrderActivities } from '../../activities/orders.js';
import { recordPrepayOpened } from '../../src/orders/store/prepay.js';
import { loadOrder } from '../../src/orders/store/order.js';
import { codeLifeMs } from '../../src/orders/rules/product.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { fileDatabase } from '../db/database.js';
import { mchid } from '../channels/support/values.js';
import { CREATED_AT, outTradeNo } from '../db/fixtures.js';
import { fakeGateway } from '../http/support/fake-gateway.js';

const database = fileDatabase();
const LIFE_MS = codeLifeMs('native');

let now = CREATED_AT;
let prepays = 0;
beforeEach(() => {
  now = CREATED_AT;
  prepays = 0;
});

const codesOf = (n: number) => ({ codeUrl: `weixin://wxpay/bizpayurl?pr=${String(n)}`, prepayId: null, h5Url: null });

/** WeChat Pay hands out another code at every re-entry of a number. */
const gateway = {
  ...fakeGateway(mchid('1900000001')),
  prepayBody: () => '{}',
  prepay: () => Promise.resolve({ kind: 'opened', codes: codesOf((prepays += 1)) } as const),
};

function prepay(order: OrderRecord, codeExpiresAtMs: number | null) {
  const { mchid, orderNo } = order;
  const call = { mchid, orderNo, outTradeNo: outTradeNo(order), patience: 'brief', trouble: null } as const;
  const activities = createOrderActivities({ db: database.db, gateways: { for: () => gateway }, now: () => now });
  return new MockActivityEnvironment().run(() => activities.prepay({ ...call, codeExpiresAtMs }));
}

const codeOf = async (order: OrderRecord) => (await loadOrder(database.db, order))?.attempts[0]?.codeUrl;
const opened = (codeExpiresAtMs: number) => ({ kind: 'answer', answer: { kind: 'opened', codeExpiresAtMs } });

test('a code whose answer never reached the order is the one it gets: no other replaces it under the payer', async () => {
  const order = await database.place();
  await prepay(order, null);
  now = new Date(CREATED_AT.getTime() + 5_000);
  expect(await prepay(order, null)).toMatchObject(opened(CREATED_AT.getTime() + LIFE_MS));
  expect([prepays, await codeOf(order)]).toEqual([1, codesOf(1).codeUrl]);
});

test('a code that the order knows of, and one whose time is over, are replaced', async () => {
  const order = await database.place();
  await prepay(order, null);
  now = new Date(CREATED_AT.getTime() + 5_000);
  expect(await prepay(order, CREATED_AT.getTime() + LIFE_MS)).toMatchObject(opened(now.getTime() + LIFE_MS));
  expect(await codeOf(order)).toBe(codesOf(2).codeUrl);
  now = new Date(now.getTime() + LIFE_MS);
  await prepay(order, null);
  expect(await codeOf(order)).toBe(codesOf(3).codeUrl);
});

test('an answer that comes after that of a later prepay does not replace its code', async () => {
  const order = await database.place();
  now = new Date(CREATED_AT.getTime() + 5_000);
  await prepay(order, null);
  const late = { codes: codesOf(9), codeExpiresAt: new Date(CREATED_AT.getTime() + LIFE_MS), now };
  const ref = { mchid: order.mchid, orderNo: order.orderNo, outTradeNo: outTradeNo(order) };
  expect(await recordPrepayOpened(database.db, { ...ref, ...late })).toEqual({ applied: false });
  expect(await codeOf(order)).toBe(codesOf(1).codeUrl);
});
