import { expect, test } from 'vitest';
import { withTransaction } from '../../src/db/connection.js';
import { claimCharge, chargeBegun } from '../../src/orders/store/charge.js';
import { loadOrder } from '../../src/orders/store/order.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { fileDatabase } from './database.js';
import { LATER, outTradeNo, projectionOf, TILL } from './fixtures.js';

const database = fileDatabase();
const AUTH_CODE = '131234567890123456';

const scanned = () => database.place({ product: 'codeScan', authCode: AUTH_CODE, till: TILL });
const refOf = (order: OrderRecord) => ({ mchid: order.mchid, outTradeNo: outTradeNo(order) });
const claimed = (order: OrderRecord) => claimCharge(database.db, refOf(order), LATER);

/** The one attempt as the workflow says that it became. */
async function projected(order: OrderRecord, change: object): Promise<OrderRecord> {
  const now = (await loadOrder(database.db, order)) ?? order;
  const projection = projectionOf(now);
  const attempts = projection.attempts.map((attempt) => ({ ...attempt, ...change }));
  await projectOrder(database.db, { ...projection, attempts }, LATER);
  return (await loadOrder(database.db, order)) ?? order;
}

const rowsOf = async ({ orderNo }: OrderRecord): Promise<string> =>
  JSON.stringify(await database.connection.sql`select * from attempts where order_no = ${orderNo}`);

test('twenty workers that claim one charge at once get its code once', async () => {
  const order = await scanned();

  const codes = await Promise.all(Array.from({ length: 20 }, () => claimed(order)));

  expect(codes.filter((code) => code !== undefined)).toEqual([AUTH_CODE]);
});

test('a claim takes the code out of the row, and leaves that it was charged with an unknown outcome', async () => {
  const order = await scanned();
  expect(await rowsOf(order)).toContain(AUTH_CODE);
  expect(await chargeBegun(database.db, refOf(order))).toBeNull();

  await claimed(order);

  expect(await rowsOf(order)).not.toContain(AUTH_CODE);
  expect(await chargeBegun(database.db, refOf(order))).toEqual({ at: LATER, isUnknown: true, refusal: null });
});

test('a claim that is rolled back leaves the code to the next', async () => {
  const order = await scanned();
  const undone = withTransaction(database.db, async (tx) => {
    await claimCharge(tx, refOf(order), LATER);
    throw new Error('the worker died');
  });
  await expect(undone).rejects.toThrow('the worker died');

  expect(await claimed(order)).toBe(AUTH_CODE);
});

test('an attempt that ended before it was charged keeps no code, and is never charged', async () => {
  const order = await scanned();

  await projected(order, { state: 'failed' });

  expect(await rowsOf(order)).not.toContain(AUTH_CODE);
  expect(await claimed(order)).toBeUndefined();
});

test('the code is in nothing that is read of an order', async () => {
  const order = await scanned();

  const record = await loadOrder(database.db, order);

  expect(record?.attempts).toMatchObject([{ product: 'codeScan', state: 'preparing' }]);
  expect(JSON.stringify([order, record])).not.toContain(AUTH_CODE);
});

test('that a charge is being reversed is never taken back, whatever a run that does not know it writes', async () => {
  const order = await scanned();
  await claimed(order);
  expect((await projected(order, { reversing: true })).attempts).toMatchObject([{ reversing: true }]);

  await projected(order, { reversing: false, prepayUnknown: false });
  await database.connection.sql`update attempts set reversing = false where order_no = ${order.orderNo}`;

  expect((await loadOrder(database.db, order))?.attempts).toMatchObject([{ reversing: true }]);
});

test('nobody puts a code back into a row', async () => {
  const order = await scanned();
  await claimed(order);

  const put = database.connection.sql`update attempts set auth_code = ${AUTH_CODE} where order_no = ${order.orderNo}`;

  await expect(put).rejects.toMatchObject({ code: 'PS003' });
});
