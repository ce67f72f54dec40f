import { expect, test } from 'vitest';
import { isSettled, listEvidence, recordEvidence } from '../../src/orders/store/evidence.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { fileDatabase } from './database.js';
import { LATER, MCHID, outTradeNo, paid } from './fixtures.js';

const database = fileDatabase();
const EVEN_LATER = new Date('2026-03-01T11:00:00.000Z');

const fact = (order: OrderRecord, transactionId = `4200-${order.orderNo}`) => ({
  source: 'notify' as const,
  mchid: order.mchid,
  orderNo: order.orderNo,
  outTradeNo: outTradeNo(order),
  transactionId,
  appid: 'wx0000000000000001',
  tradeType: 'NATIVE',
  totalFen: 1_200,
  currency: 'CNY',
});

test('evidence is kept with who said it and how much', async () => {
  const order = await database.place();

  const record = await recordEvidence(database.db, fact(order), LATER);

  expect(record).toMatchObject({ source: 'notify', outTradeNo: order.orderNo, amountFen: 1_200, at: LATER });
  expect(await listEvidence(database.db, order)).toEqual([record]);
});

test('a repeat answers the first row, whatever it says', async () => {
  const order = await database.place();
  const first = await recordEvidence(database.db, fact(order), LATER);

  const again = await recordEvidence(database.db, { ...fact(order), totalFen: 1 }, EVEN_LATER);

  expect(again).toEqual(first);
  expect(await listEvidence(database.db, order)).toEqual([first]);
});

test('repeats at once make one row', async () => {
  const order = await database.place();

  const answers = await Promise.all(Array.from({ length: 30 }, () => recordEvidence(database.db, fact(order), LATER)));

  expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
});

test('another source and another transaction are facts of their own, listed by time', async () => {
  const order = await database.place();
  const asked = await recordEvidence(database.db, { ...fact(order), source: 'query' }, EVEN_LATER);
  const told = await recordEvidence(database.db, fact(order), LATER);
  const other = await recordEvidence(database.db, fact(order, `4201-${order.orderNo}`), EVEN_LATER);

  const listed = await listEvidence(database.db, order);

  expect(listed[0]).toEqual(told);
  expect(
    listed
      .slice(1)
      .map((record) => record.id)
      .sort(),
  ).toEqual([asked.id, other.id].sort());
});

test('a transaction is settled once a query made its attempt succeed with it', async () => {
  const order = await database.place();
  const ref = { mchid: MCHID, outTradeNo: outTradeNo(order) };
  await recordEvidence(database.db, fact(order, '4200-settled'), LATER);
  expect(await isSettled(database.db, { ...ref, transactionId: '4200-settled' })).toBe(false);

  await projectOrder(database.db, paid(order, '4200-settled'), LATER);

  expect(await isSettled(database.db, { ...ref, transactionId: '4200-settled' })).toBe(true);
  expect(await isSettled(database.db, { ...ref, transactionId: '4200-other' })).toBe(false);
  expect(
    await isSettled(database.db, { mchid: MCHID, outTradeNo: outTradeNo(order, 2), transactionId: '4200-settled' }),
  ).toBe(false);
});

test('a transaction that an attempt only heard of is not settled', async () => {
  const order = await database.place();
  await database.connection.sql`update attempts set transaction_id = '4200-heard' where order_no = ${order.orderNo}`;

  const heard = { mchid: MCHID, outTradeNo: outTradeNo(order), transactionId: '4200-heard' };
  expect(await isSettled(database.db, heard)).toBe(false);
});
