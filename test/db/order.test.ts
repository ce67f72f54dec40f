import { expect, test } from 'vitest';
import { loadAttemptParameters } from '../../src/orders/store/prepay.js';
import { insertOrder, loadOrder } from '../../src/orders/store/order.js';
import { fileDatabase } from './database.js';
import { CREATED_AT, MCHID, mchid, newOrder, orderNo, outTradeNo } from './fixtures.js';

const database = fileDatabase();

test('an inserted order is being created, expires when it was asked to, and has one attempt that was never sent', async () => {
  const order = newOrder({ product: 'jsapi', openid: 'oPayer', expiresInSeconds: 60 });

  const { inserted, record } = await insertOrder(database.db, order);

  expect(inserted).toBe(true);
  expect(record).toMatchObject({
    mchid: order.mchid,
    orderNo: order.orderNo,
    version: 1,
    state: 'creating',
    amountFen: 1_200,
    paidFen: 0,
    paidAttempt: null,
    metadata: { table: 7 },
    policy: order.policy,
    createdAt: CREATED_AT,
    expiresAt: new Date(CREATED_AT.getTime() + 60_000),
  });
  expect(record.attempts).toMatchObject([
    { outTradeNo: order.orderNo, number: 1, state: 'preparing', prepayStartedAt: null, codeGiven: false, paidFen: 0 },
  ]);
  expect(await loadOrder(database.db, order)).toEqual(record);
});

test('of a hundred equal orders at once one is inserted and all get the same record', async () => {
  const order = newOrder();

  const answers = await Promise.all(Array.from({ length: 100 }, () => insertOrder(database.db, order)));

  expect(answers.filter((answer) => answer.inserted)).toHaveLength(1);
  const record = await loadOrder(database.db, order);
  for (const answer of answers) expect(answer.record).toEqual(record);
});

test('an order number that is taken gives the order that has it, unchanged, whatever else was asked for', async () => {
  const first = await insertOrder(database.db, newOrder());
  const { mchid, orderNo } = first.record;

  const again = await insertOrder(
    database.db,
    newOrder({ mchid, orderNo, bodyHash: 'another', description: 'a house', product: 'app' }),
  );

  expect(again).toEqual({ inserted: false, record: first.record });
  expect(await loadOrder(database.db, { mchid, orderNo })).toEqual(first.record);
});

test('two merchants may use the same order number', async () => {
  const order = newOrder();
  const other = { ...order, mchid: mchid('1900000002') };

  expect((await insertOrder(database.db, order)).inserted).toBe(true);
  expect((await insertOrder(database.db, other)).inserted).toBe(true);
});

test('an order that nobody placed is not there', async () => {
  expect(await loadOrder(database.db, { mchid: MCHID, orderNo: orderNo('nobody-asked') })).toBeUndefined();
});

test('the parameters of an attempt name the payer and the deadline', async () => {
  const order = newOrder({
    product: 'h5',
    openid: 'oPayer',
    clientIp: '203.0.113.9',
    h5Type: 'iOS',
    attach: 'shelf 3',
  });
  const { record } = await insertOrder(database.db, order);

  const parameters = await loadAttemptParameters(database.db, { mchid: MCHID, outTradeNo: outTradeNo(order) });

  expect(parameters).toEqual({
    outTradeNo: order.orderNo,
    product: 'h5',
    appid: order.appid,
    amountFen: 1_200,
    description: 'two cups of tea',
    attach: 'shelf 3',
    openid: 'oPayer',
    clientIp: '203.0.113.9',
    h5Type: 'iOS',
    expiresAt: record.expiresAt,
    prepayBody: null,
    codeKeptUntil: null,
    till: null,
    sale: null,
    sceneInfo: null,
    identity: null,
  });
});

test('the parameters of an attempt that was never reserved are not there', async () => {
  const order = newOrder();
  await insertOrder(database.db, order);

  expect(await loadAttemptParameters(database.db, { mchid: MCHID, outTradeNo: outTradeNo(order, 2) })).toBeUndefined();
});
