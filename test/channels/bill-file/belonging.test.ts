import { expect, test } from 'vitest';
import { belonging } from '../../../src/channels/bill-file/belonging.js';
import { readFundBill } from '../../../src/channels/bill-file/fund-bill.js';
import { readTradeBill } from '../../../src/channels/bill-file/trade-bill.js';
import { day } from '../../reconciliation/books.js';
import { chunked, collected, FLOW, fundBill, PAYMENT, tradeBill, written, type Printed } from '../support/bills.js';

const of = { mchid: '1900000001', date: day('2026-11-27') };

const tradeOf = (change: Printed) =>
  belonging(
    readTradeBill(
      chunked(written(tradeBill([PAYMENT, { ...PAYMENT, ...change }], '2.0,22.10,0.0,0.0,0.14000,24.10,0.0'))),
    ),
    of,
  );
const fundsAt = (记账时间: string) =>
  belonging(readFundBill(chunked(written(fundBill([{ ...FLOW, 记账时间 }], '1.0,1.0,11.05,0.0,0.0')))), of);

test.each(['2026-11-24 00:00:00', '2026-11-27 23:59:59', '2026-11-28 00:09:59'])(
  'a line of %s may be in a bill of the day',
  async (at) => {
    expect(await collected(tradeOf({ 交易时间: at }))).toHaveLength(3);
    expect(await collected(fundsAt(at))).toHaveLength(2);
  },
);

test.each(['2020-01-01 10:00:00', '2026-11-23 23:59:59', '2026-11-28 00:10:00', '2027-01-01 00:00:00'])(
  'a line of %s is in no bill of the day: the file cannot be read',
  async (at) => {
    await expect(collected(tradeOf({ 交易时间: at }))).rejects.toMatchObject({
      ...{ name: 'BillUnreadable', reason: 'bad_value', lineNo: 3, column: '交易时间' },
    });
    await expect(collected(fundsAt(at))).rejects.toMatchObject({ reason: 'bad_value', lineNo: 2, column: '记账时间' });
  },
);

test('a line of another merchant is in no bill of this one', async () => {
  await expect(collected(tradeOf({ 商户号: '1900000002' }))).rejects.toMatchObject({
    ...{ reason: 'bad_value', lineNo: 3, column: '商户号' },
  });
});
