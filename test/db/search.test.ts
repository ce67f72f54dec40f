import { beforeAll, expect, test } from 'vitest';
import { projectOrder } from '../../src/orders/store/projection.js';
import { reserveReturn } from '../../src/refunds/store/reserve.js';
import { searchOrders, type FoundNumber } from '../../src/search/store/search.js';
import { nthOutTradeNo } from '../../src/orders/store/attempt.js';
import { fileDatabase } from './database.js';
import { LATER, mchid, MCHID, orderNo, paid } from './fixtures.js';
import { moved, refundNo, reserved, succeeded } from './refunds.js';

const database = fileDatabase();
const OTHER = mchid('1900000032');
const FOREIGN = mchid('1900000033');
const order = orderNo('A-100001');

beforeAll(async () => {
  for (const merchant of [MCHID, OTHER, FOREIGN]) await placeOne(merchant);
  await database.place({ mchid: OTHER, orderNo: orderNo('R-100001') });
});

/** The same numbers at each merchant. */
async function placeOne(merchant: typeof MCHID): Promise<void> {
  const placed = await database.place({ mchid: merchant, orderNo: order });
  await database.connection.sql`
    insert into attempts (mchid, order_no, out_trade_no, number, product, appid)
    values (${merchant}, ${order}, ${nthOutTradeNo(order, 2)}, 2, 'native', 'wx')`;
  await projectOrder(database.db, paid(placed, '4200001'), LATER);
  const refund = await reserved(database.db, placed, { outRefundNo: refundNo('R-100001') });
  await moved(database.db, refund, { ...succeeded(), refundId: '50300001' });
  await reserveReturn(database.db, {
    mchid: merchant,
    orderNo: order,
    outTradeNo: nthOutTradeNo(order, 1),
    cause: 'operator',
    now: LATER,
  });
}

const find = async (number: string, mchids: readonly (typeof MCHID)[] = [MCHID]) =>
  searchOrders(database.db, mchids, number);

test.each<[FoundNumber, string]>([
  ['order', 'A-100001'],
  ['attempt', 'A-100001*2'],
  ['transaction', '4200001'],
  ['refund', 'R-100001'],
  ['refund', 'A-100001@return'],
  ['wechatRefund', '50300001'],
])('an order is found by the number of its %s: %s', async (found, number) => {
  expect(await find(number)).toEqual([{ found, mchid: MCHID, orderNo: order, number }]);
});

test('a number is searched at every merchant that is asked for, and at no other', async () => {
  const hits = await find('R-100001', [MCHID, OTHER]);

  expect(hits).toEqual([
    { found: 'order', mchid: OTHER, orderNo: 'R-100001', number: 'R-100001' },
    { found: 'refund', mchid: MCHID, orderNo: order, number: 'R-100001' },
    { found: 'refund', mchid: OTHER, orderNo: order, number: 'R-100001' },
  ]);
  expect(await find('R-100001', [])).toEqual([]);
});

test.each([
  'A-10000',
  'a-100001',
  'A-100001*3',
  'A-10000_',
  'A-10000%',
  ' A-100001',
  '',
  'A\u0000',
  '\ud83c',
  '茶',
  'x'.repeat(65),
])('only the very number is found, and what no number can be finds nothing: %j', async (number) => {
  expect(await find(number)).toEqual([]);
});
