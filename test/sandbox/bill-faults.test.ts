import { gunzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { control, tryControl, verified, type Json } from './support/client.js';
import {
  applyFor,
  daysAgo,
  download,
  fetchBill,
  moveTo,
  paid,
  readFrom,
  type Applied,
  type ReadBill,
} from './support/bill.js';
import { applyRefund, newRefundNo, refundBody } from './support/refund.js';
import { newNumber } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();
const [first, second] = [newNumber(), newNumber()];
let date = '';
let own: ReadBill;

/** Two payments and a refund of the second. */
beforeAll(async () => {
  date = await moveTo(sandbox, 1);
  await paid(sandbox, merchant, first, 1000);
  await paid(sandbox, merchant, second, 1200);
  await applyRefund(sandbox, merchant, refundBody(second, newRefundNo(), 1200));
  await moveTo(sandbox, 1);
  own = await fetchBill(sandbox, merchant, 'tradebill', date);
});
afterEach(() => control(sandbox, 'DELETE', '/faults'));

const faults = (...list: Json[]) => control<Json[]>(sandbox, 'PUT', '/faults', list);
const left = async () => (await control<Json[]>(sandbox, 'GET', '/faults')).map((fault) => fault['left']);
const apply = (more = '') => applyFor(sandbox, merchant, 'tradebill', date, more);
const applied = async (more = '') => (await apply(more)).json as unknown as Applied;
const fetched = () => fetchBill(sandbox, merchant, 'tradebill', date);
const lines = (bill: ReadBill) => bill.rows.map((row) => [row['商户订单号'], row['交易状态'], row['订单金额']]);
const ownLines = [
  [first, 'SUCCESS', '10.00'],
  [second, 'SUCCESS', '12.00'],
  [second, 'REFUND', '0.00'],
];

describe('a fault on an application', () => {
  it('creating answers as before 10:00', async () => {
    await faults({ on: 'bill', kind: 'creating', times: 2 });
    for (const time of [1, 2]) expect([time, (await apply()).json['code']]).toEqual([time, 'STATEMENT_CREATING']);
    expect((await apply()).status).toBe(200);
  });

  it('wrongHash promises a hash that the file does not have', async () => {
    await faults({ on: 'bill', kind: 'wrongHash' });
    const bill = await fetched();
    expect([bill.hashFits, bill.bytes.equals(own.bytes)]).toEqual([false, true]);
    expect((await fetched()).hashFits).toBe(true);
  });

  it('error, http500, timeoutBefore, slow and badSignature strike as on any call', async () => {
    await faults(
      { on: 'bill', kind: 'error', status: 400, code: 'NO_STATEMENT_EXIST', effect: false },
      { on: 'bill', kind: 'http500' },
      { on: 'bill', kind: 'badSignature' },
      { on: 'bill', kind: 'slow', ms: 30 },
      { on: 'bill', kind: 'timeoutBefore' },
    );
    expect((await apply()).json['code']).toBe('NO_STATEMENT_EXIST');
    expect((await apply()).status).toBe(500);
    const forged = await apply();
    expect(forged.status).toBe(200);
    expect(verified(forged.headers, forged.text, merchant.platformCertificatePem)).toBe(false);
    expect((await apply()).status).toBe(200);
    const held = applyFor(sandbox, merchant, 'tradebill', date, '', { signal: AbortSignal.timeout(100) });
    await expect(held).rejects.toThrow();
  });

  it('strikes the bill that it names only', async () => {
    await faults({ on: 'bill', bill: 'fundflow', kind: 'creating' });
    expect((await apply()).status).toBe(200);
    const fund = await applyFor(sandbox, merchant, 'fundflowbill', date);
    expect(fund.json['code']).toBe('STATEMENT_CREATING');
  });

  it('waits for a bill that has the line it is about', async () => {
    await faults({ on: 'bill', kind: 'missingLine', outTradeNo: 'ELSEWHERE' }, { on: 'bill', kind: 'truncated' });
    await paid(sandbox, merchant, newNumber(), 100);
    for (const days of [0, 1000]) {
      const refused = await applyFor(sandbox, merchant, 'tradebill', await daysAgo(sandbox, days));
      expect(refused.status).toBe(400);
    }
    expect(await left()).toEqual([1, 1]);
    await apply();
    expect(await left()).toEqual([1, 0]);
  });
});

describe('a fault that changes a line', () => {
  it('missingLine leaves one out, and the file agrees with itself and its hash', async () => {
    await faults({ on: 'bill', kind: 'missingLine', outTradeNo: second });
    const bill = await fetched();
    expect(lines(bill)).toEqual([ownLines[0], ownLines[2]]);
    expect(bill.summary).toMatchObject({ 总交易单数: '2', 订单总金额: '10.00', 手续费总金额: '-0.01000' });
    expect(bill.hashFits).toBe(true);
  });

  it('strikes the line of the trade, or of the file, that it names', async () => {
    await faults({ on: 'bill', kind: 'missingLine', outTradeNo: second, line: 2 }, { on: 'bill', kind: 'missingLine' });
    expect(lines(await fetched())).toEqual([ownLines[0], ownLines[1]]);
    expect(lines(await fetched())).toEqual([ownLines[1], ownLines[2]]);
  });

  it('extraLine repeats one, with other cells where it says so', async () => {
    const cells = { 商户订单号: 'ELSEWHERE', 订单金额: '7.00' };
    await faults(
      { on: 'bill', kind: 'extraLine', outTradeNo: first },
      { on: 'bill', kind: 'extraLine', outTradeNo: first, cells },
    );
    const repeated = await fetched();
    expect(lines(repeated)).toEqual([ownLines[0], ...ownLines]);
    expect(repeated.summary).toMatchObject({ 总交易单数: '4', 订单总金额: '32.00' });
    const foreign = await fetched();
    expect(lines(foreign)).toEqual([ownLines[0], ['ELSEWHERE', 'SUCCESS', '7.00'], ownLines[1], ownLines[2]]);
    expect(foreign.summary).toMatchObject({ 总交易单数: '4', 订单总金额: '29.00' });
    expect([repeated.hashFits, foreign.hashFits]).toEqual([true, true]);
  });

  it('alteredLine writes another value, and the summary follows', async () => {
    await faults({ on: 'bill', kind: 'alteredLine', outTradeNo: first, column: '订单金额', value: '10.01' });
    const bill = await fetched();
    expect(bill.rows[0]?.['订单金额']).toBe('10.01');
    expect(bill.summary['订单总金额']).toBe('22.01');
    expect(bill.hashFits).toBe(true);
  });

  it.each<[string, Json]>([
    ['missingLine', {}],
    ['extraLine', {}],
    ['alteredLine', { column: '订单金额', value: '10.01' }],
  ])('%s leaves the summary of the books when told to: the file contradicts itself', async (kind, more) => {
    await faults({ on: 'bill', kind, summary: 'books', ...more });
    const bill = await fetched();
    expect(bill.summary).toEqual(own.summary);
    expect(lines(bill)).not.toEqual(ownLines);
    expect(bill.hashFits).toBe(true);
  });

  it('strikes the fund-flow bill too, whose balances stay those of the books', async () => {
    const whole = await fetchBill(sandbox, merchant, 'fundflowbill', date);
    await faults({ on: 'bill', bill: 'fundflow', kind: 'missingLine', outTradeNo: second, line: 2 });
    const bill = await fetchBill(sandbox, merchant, 'fundflowbill', date);
    expect(bill.rows).toEqual(whole.rows.filter((_, index) => index !== 3));
    expect(bill.summary).toMatchObject({ 资金流水总笔数: '5', 支出笔数: '2', 支出金额: '12.06' });
  });

  it('strikes every download by that URL, and no other URL', async () => {
    await faults({ on: 'bill', kind: 'missingLine' });
    const [struck, whole] = [await applied(), await applied()];
    for (const time of [1, 2]) expect([time, (await readFrom(struck, merchant)).rows.length]).toEqual([time, 2]);
    expect((await readFrom(whole, merchant)).bytes).toEqual(own.bytes);
  });
});

describe('a fault on a download', () => {
  it('truncated ends the file early, as if it were whole', async () => {
    await faults({ on: 'billFile', kind: 'truncated', times: 2 });
    const { download_url } = await applied();
    const cut = await download(download_url, merchant);
    expect(cut.status).toBe(200);
    expect(cut.bytes).toEqual(own.bytes.subarray(0, own.bytes.length - 64));
    const zipped = await download((await applied('&tar_type=GZIP')).download_url, merchant);
    expect(() => gunzipSync(zipped.bytes)).toThrow(/unexpected end/);
    expect((await download(download_url, merchant)).bytes).toEqual(own.bytes);
  });

  it('that changes a line does so behind the hash', async () => {
    await faults({ on: 'billFile', kind: 'missingLine', outTradeNo: first });
    const bill = await fetched();
    expect([bill.hashFits, lines(bill).length]).toEqual([false, 2]);
    expect((await fetched()).bytes).toEqual(own.bytes);
  });

  it('error, http500, slow and timeoutBefore strike as on any call, unsigned', async () => {
    await faults(
      { on: 'billFile', kind: 'error', status: 403, code: 'NO_AUTH', effect: false },
      { on: 'billFile', kind: 'http500' },
      { on: 'billFile', kind: 'slow', ms: 30 },
      { on: 'billFile', kind: 'timeoutBefore' },
    );
    const { download_url } = await applied();
    const refused = await download(download_url, merchant);
    expect([refused.status, refused.headers['wechatpay-signature']]).toEqual([403, undefined]);
    expect((await download(download_url, merchant)).status).toBe(500);
    expect((await download(download_url, merchant)).bytes).toEqual(own.bytes);
    const held = download(download_url, merchant, { signal: AbortSignal.timeout(100) });
    await expect(held).rejects.toThrow();
  });
});

describe('what a fault of a bill may say', () => {
  it.each<Json>([
    { on: 'billFile', kind: 'creating' },
    { on: 'billFile', kind: 'wrongHash' },
    { on: 'billFile', kind: 'badSignature' },
    { on: 'billFile', kind: 'signTest' },
    { on: 'query', kind: 'creating' },
    { on: 'query', kind: 'missingLine' },
    { on: 'notify', kind: 'truncated' },
    { on: 'bill', kind: 'stale' },
    { on: 'bill', kind: 'payBefore' },
    { on: 'query', kind: 'http500', bill: 'trade' },
    { on: 'bill', kind: 'http500', bill: 'fees' },
    { on: 'bill', kind: 'missingLine', line: 0 },
    { on: 'bill', kind: 'missingLine', summary: 'none' },
    { on: 'bill', kind: 'alteredLine', value: '1' },
    { on: 'bill', kind: 'alteredLine', column: 'fee', value: '1' },
    { on: 'bill', kind: 'extraLine', cells: { fee: '1' } },
    { on: 'bill', kind: 'truncated', line: 1 },
  ])('is not %o', async (fault) => {
    expect(await tryControl(sandbox, 'PUT', '/faults', [fault])).toMatchObject({
      status: 400,
      json: { code: 'invalid_request' },
    });
  });
});
