import { parse } from 'csv-parse/sync';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { CSV_BOM } from '../../../src/base/csv.js';
import { recordNoBill } from '../../../src/reconciliation/store/bill.js';
import { MCHID, OTHER_MCHID, useTestApp } from '../../http/support/test-app.js';
import { signedIn, type Operator } from '../../ops/support/operator.js';
import { booked, day, fundsOf, lineOf, NOW, on, payment, reconcile } from '../books.js';
import { BALANCED, databaseOf, DIFFERS, FAILED, HOSTILE, seedDays } from './seed.js';

const test = useTestApp();
const ROOT = '/ops/reconciliation';
const dayPath = (date: string, mchid: string = MCHID) => `${ROOT}/days/${mchid}/${date}`;

let operator: Operator;
beforeAll(async () => {
  test.reset();
  await seedDays(test);
});
beforeEach(async () => {
  test.clock.now = NOW;
  operator = await signedIn(test, (await test.operatorKey()).key);
});

/** Its rows by column, as a spreadsheet reads them. */
async function rowsOf(path: string): Promise<Record<string, string>[]> {
  const answer = await operator.get(path);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
  const text = Buffer.from(await answer.arrayBuffer()).toString();
  expect(text.startsWith(CSV_BOM)).toBe(true);
  return parse(text, { bom: true, columns: true });
}

it('a trade bill is a file of its lines: each once, in their order, with what they were found to be', async () => {
  const rows = await rowsOf(`${dayPath(DIFFERS)}/bills/trade.csv`);
  expect(rows.map((row) => Number(row['lineNo']))).toEqual(Array.from({ length: 67 }, (_, n) => n + 2));
  expect(rows[0]).toMatchObject({
    ...{ beijingTime: '2026-05-28 10:00:00', type: 'payment', amountYuan: '10.00', settledYuan: '10.00' },
    ...{ feeYuan: '0.06000', class: 'matched', isDiscrepancy: 'false' },
  });
  const amounts = rows.filter((row) => row['type'] === 'payment').map((row) => Number(row['amountYuan']) * 100);
  expect(Math.round(amounts.reduce((sum, fen) => sum + fen, 0))).toBe(61_770 + 4_000 + 5);
  expect(rows.filter((row) => row['class'] !== 'matched').map((row) => row['class'])).toEqual(
    ['paid_not_here', 'amount', 'foreign', 'identity', 'fee', 'refund_not_here'], // prettier-ignore
  );
});

it('a fund-flow bill is one as well', async () => {
  const rows = await rowsOf(`${dayPath(DIFFERS)}/bills/fundflow.csv`);
  expect(rows.length).toBe(121);
  expect(rows[0]).toMatchObject({ direction: 'in', type: '交易', amountYuan: '10.00', balanceYuan: '10010.00' });
});

it('numbers stay as they are, and nothing is computed', async () => {
  const [row] = await rowsOf(`${dayPath(DIFFERS)}/lines.csv?class=foreign`);
  expect(row).toMatchObject({ outTradeNo: HOSTILE, transactionId: "'4200000000000000000000000099", billYuan: '10.00' });
  const date = day('2026-04-20');
  const evil = ['=HYPERLINK("http://x")', '+1', '-1', '@x', '1e5', '007'];
  const trade = evil.map((outTradeNo) => lineOf(payment({ at: on(date), outTradeNo })));
  await reconcile(databaseOf(test), date, { trade });
  for (const path of [`${dayPath(date)}/bills/trade.csv`, `${ROOT}/discrepancies.csv?from=${date}&to=${date}`]) {
    const numbers = (await rowsOf(path)).map((it) => it['outTradeNo'] ?? '');
    expect(numbers.toSorted()).toEqual(evil.map((it) => `'${it}`).toSorted());
  }
});

it('discrepancies are those that the list shows, all pages of them', async () => {
  const date = day('2026-04-21');
  const lines = Array.from({ length: 60 }, () => lineOf(payment({ at: on(date) })));
  await reconcile(databaseOf(test), date, {
    trade: [...lines, lineOf(await booked(databaseOf(test), { at: on(date) }), { feeMillifen: 9_000_000 })],
  });
  const count = async (query: string) =>
    (await rowsOf(`${ROOT}/discrepancies.csv?from=${date}&to=${date}${query}`)).length;
  expect([await count(''), await count('&class=fee'), await count('&status=accepted')]).toEqual([61, 1, 0]);
  expect((await operator.get(`${ROOT}/discrepancies.csv?class=x`)).status).toBe(400);
  const [row] = await rowsOf(`${ROOT}/discrepancies.csv?from=${date}&to=${date}&class=fee`);
  expect(row).toMatchObject({ mchid: MCHID, date, class: 'fee', status: 'open', billYuan: '10.00', ownYuan: '10.00' });
});

it('there is no file of a bill that was not imported, of no bill, or of another merchant', async () => {
  await recordNoBill(test.connection.db, { mchid: MCHID, date: BALANCED, kind: 'fundflow' }, NOW);
  const status = async (path: string) => (await operator.get(path)).status;
  expect(await status(`${dayPath(FAILED)}/bills/trade.csv`)).toBe(404);
  expect(await status(`${dayPath(BALANCED)}/bills/fundflow.csv`)).toBe(404);
  expect(await status(`${dayPath(BALANCED)}/bills/other.csv`)).toBe(404);
  expect(await status(`${dayPath('2026-05-30')}/bills/trade.csv`)).toBe(404);
  for (const path of ['bills/trade.csv', 'lines.csv?class=foreign'])
    expect(await status(`${dayPath(BALANCED, OTHER_MCHID)}/${path}`)).toBe(403);
  expect(await status(`${ROOT}/discrepancies.csv?mchid=${OTHER_MCHID}`)).toBe(403);
});

it('a file breaks off where another import takes the place of its bill, rather than end early', async () => {
  const date = day('2026-04-22');
  // Three pages: the second is read while the first is sent, the third not before somebody asks for more.
  const first = Array.from({ length: 4_001 }, () => lineOf(payment({ at: on(date) })));
  const funds = fundsOf(payment({ at: on(date) }));
  await reconcile(databaseOf(test), date, { trade: first, funds });
  const answer = await operator.get(`${dayPath(date)}/bills/trade.csv`);
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = answer.body?.getReader();
  const begun = await reader?.read();
  expect(begun?.value?.byteLength).toBeGreaterThan(1_000);
  await reconcile(databaseOf(test), date, { trade: first.slice(0, 3) });
  const rest = async () => {
    for (let read = await reader?.read(); read?.done === false; read = await reader?.read());
  };
  await expect(rest()).rejects.toThrow('broke off');
});
