import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { authenticated } from '../../../src/channels/bill-file/authentic.js';
import { readFundBill } from '../../../src/channels/bill-file/fund-bill.js';
import { readTradeBill } from '../../../src/channels/bill-file/trade-bill.js';
import type { BillRequest, Gateway } from '../../../src/channels/port.js';
import { differencesOf } from '../../../src/reconciliation/rules/bill-sums.js';
import { beijingDate, daysAfter, startOf, type BillDate } from '../../../src/reconciliation/rules/day.js';
import { HOUR } from '../../../src/base/time.js';
import { collected } from '../support/bills.js';
import { sandboxUnderTest, type SandboxUnderTest } from '../support/sandbox.js';
import { attempt, fen, outRefundNo, outTradeNo, refundOf } from '../support/values.js';

const durable = { patience: 'durable' } as const;
const DESCRIPTION = 'Pu-erh, "one" cake\nof `tea`';

let sandbox: SandboxUnderTest;
let gateway: Gateway;
/** A day with three payments and a refund. */
let date: BillDate;
beforeAll(async () => {
  sandbox = await sandboxUnderTest();
  const merchant = sandbox.merchant('publicKey');
  const credentials = { ...merchant.credentials, limits: { bill: 1_000, billFile: 1_000 } };
  gateway = sandbox.gatewayWith({ ...merchant, credentials });
  await sandbox.control('PUT', '/settings', { refundDelayMs: 0 });
  date = await tomorrowNoon();
  for (const name of ['A-10001', 'A-10002', 'A-10003']) {
    const changes = { outTradeNo: outTradeNo(name), appid: sandbox.credentials.appid, description: DESCRIPTION };
    await gateway.prepay({ product: 'native', body: gateway.prepayBody(attempt(changes)) }, durable);
    await sandbox.control('POST', '/pay', { outTradeNo: name, ...(name === 'A-10002' ? { couponFen: 100 } : {}) });
  }
  await gateway.refund(refundOf({ outTradeNo: outTradeNo('A-10002'), outRefundNo: outRefundNo('R-10002') }), durable);
  await sandbox.control('POST', '/clock', { advanceSeconds: 2 * 86_400 });
});
afterEach(() => sandbox.control('DELETE', '/faults'));
afterAll(() => sandbox.close());

/** No midnight comes before the day is over. */
async function tomorrowNoon(): Promise<BillDate> {
  const { now } = (await sandbox.control('GET', '/clock')) as { now: string };
  const tomorrow = daysAfter(beijingDate(new Date(now)), 1);
  const noonMs = startOf(tomorrow).getTime() + 12 * HOUR;
  await sandbox.control('POST', '/clock', { advanceSeconds: Math.ceil((noonMs - Date.parse(now)) / 1_000) });
  return tomorrow;
}

const fault = (on: 'bill' | 'billFile', kind: string, more: object = {}) =>
  sandbox.control('POST', '/faults', [{ on, kind, ...more }]);

async function applied(kind: BillRequest['kind'], isZipped: boolean) {
  const answer = await gateway.applyForBill({ kind, date, isZipped }, durable);
  if (answer.kind !== 'ready') throw new Error(answer.kind);
  return answer;
}

async function file(kind: BillRequest['kind'], isZipped: boolean) {
  const { url, sha1 } = await applied(kind, isZipped);
  const answer = await gateway.downloadBill({ url, isZipped }, durable);
  if (answer.kind !== 'bytes') throw new Error(answer.kind);
  return authenticated(answer.bytes, sha1);
}

async function tradeBill(isZipped: boolean) {
  const { bytes, isAuthentic } = await file('trade', isZipped);
  const items = await collected(readTradeBill(bytes));
  const end = items.pop();
  if (end === undefined || !('summary' in end)) throw new Error('no end');
  return { lines: items, differences: differencesOf(end.summary, end.sums), isAuthentic: await isAuthentic() };
}

test.each([false, true])('a day is read to the fen, and adds up (zipped: %s)', async (isZipped) => {
  const { lines, differences, isAuthentic } = await tradeBill(isZipped);
  const { mchid, appid } = sandbox.credentials;
  const payment = { kind: 'payment', mchid, appid, tradeType: 'NATIVE', totalFen: 1_205, refund: null, rate: '0.60%' };
  expect(lines).toMatchObject([
    { ...payment, outTradeNo: 'A-10001', feeMillifen: 7_000 },
    { ...payment, outTradeNo: 'A-10002', couponFen: 100 },
    { ...payment, outTradeNo: 'A-10003' },
    { kind: 'refund', outTradeNo: 'A-10002', totalFen: 0, refund: { outRefundNo: 'R-10002', askedFen: fen(405) } },
  ]);
  expect({ differences, isAuthentic }).toEqual({ differences: [], isAuthentic: true });
  expect(JSON.stringify(lines)).not.toMatch(/Pu-erh/);
});

test.each([false, true])('the movements of a day are read, and add up (zipped: %s)', async (isZipped) => {
  const { bytes, isAuthentic } = await file('fundflow', isZipped);
  const items = await collected(readFundBill(bytes));
  const end = items.pop();
  if (end === undefined || !('summary' in end)) throw new Error('no end');
  expect(end.sums.count).toBe(items.length);
  expect(end.sums).toMatchObject({ inCount: 4, outCount: 4 });
  expect(differencesOf(end.summary, end.sums)).toEqual([]);
  expect(await isAuthentic()).toBe(true);
});

test('a day on which nothing moved has no bill; one under way has none yet', async () => {
  const ofDay = (day: BillDate) => gateway.applyForBill({ kind: 'trade', date: day, isZipped: false }, durable);
  expect(await ofDay(daysAfter(date, -1))).toEqual({ kind: 'none' });
  await fault('bill', 'creating');
  expect(await ofDay(date)).toEqual({ kind: 'creating' });
  expect(await ofDay(daysAfter(date, 2))).toMatchObject({ kind: 'refused', refusal: { status: 400 } });
});

test('a file that is not the one that was announced is found out', async () => {
  await fault('bill', 'wrongHash');
  expect(await tradeBill(true)).toMatchObject({ isAuthentic: false, differences: [] });
  await fault('billFile', 'alteredLine', {
    outTradeNo: 'A-10001',
    column: '订单金额',
    value: '12.04',
    summary: 'books',
  });
  expect(await tradeBill(true)).toMatchObject({
    isAuthentic: false,
    differences: [{ figure: 'totalFen', summary: 3_615, lines: 3_614 }],
  });
});

test('a bill that contradicts itself is found out, though it is the one that was announced', async () => {
  await fault('bill', 'missingLine', { outTradeNo: 'A-10003', summary: 'books' });
  const { lines, differences, isAuthentic } = await tradeBill(false);
  expect(lines).toHaveLength(3);
  expect(isAuthentic).toBe(true);
  expect(differences).toMatchObject([{ figure: 'count', summary: 4, lines: 3 }, {}, {}, {}]);
});

test('a file that breaks off is no bill, plain or zipped', async () => {
  await fault('billFile', 'truncated');
  const { bytes, isAuthentic } = await file('trade', false);
  await expect(collected(readTradeBill(bytes))).rejects.toMatchObject({ name: 'BillUnreadable' });
  expect(await isAuthentic()).toBe(false);
  await fault('billFile', 'truncated');
  await expect(tradeBill(true)).rejects.toMatchObject({ name: 'GatewayError', gatewayCode: 'BILL_CUT_OFF' });
});

test('an address that is five minutes old is used up', async () => {
  const { url } = await applied('trade', false);
  await sandbox.control('POST', '/clock', { advanceSeconds: 301 });
  expect(await gateway.downloadBill({ url, isZipped: false }, durable)).toEqual({ kind: 'expired' });
});
