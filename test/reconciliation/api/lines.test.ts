import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startIngress } from '../../../src/http/start.js';
import { served } from '../../../src/entries/served.js';
import { daysAfter } from '../../../src/reconciliation/rules/day.js';
import type { LineAnswer } from '../../../src/reconciliation/rules/view.js';
import { openDay } from '../../../src/reconciliation/store/day.js';
import { json, MCHID, OTHER_MCHID, problemCode, useTestApp } from '../../http/support/test-app.js';
import {
  booked,
  bookRefund,
  D,
  lineOf,
  on,
  payment,
  reconcile,
  refund,
  refundLine,
  type Payment,
  type Refund,
} from '../books.js';

const test = useTestApp();
const books = () => ({ connection: test.connection, db: test.connection.db });
const get = (query = '', date: string = D, headers: Record<string, string> = {}, key = test.merchantKey) =>
  test.send('GET', `/v1/reconciliations/${date}/lines${query}`, { key, headers });
const CSV = { accept: 'text/csv' };
/** Ends every line of a file. */
const LINE_FEED = 0x0a;

type Page = { items: LineAnswer[]; nextCursor: string | null };
const read = async (query: string): Promise<Page> => json<Page>(await get(query));

let agreeing: Payment[] = [];
let wrong: Payment;
let unknown: Payment;
let late: Payment;
let back: Refund;
beforeAll(async () => {
  test.reset();
  agreeing = [];
  for (let n = 0; n < 5; n += 1) agreeing.push(await booked(books()));
  wrong = await booked(books(), { fen: 2_500, appid: 'wx0000000000000009' });
  late = await booked(books(), { at: on(D, 1_439) });
  unknown = payment({ outTradeNo: '=cmd|1', transactionId: '4200000000000000000000000001' });
  back = await bookRefund(books(), refund(wrong));
  const trade = [
    ...agreeing.map((it) => lineOf(it)),
    lineOf(wrong, { totalFen: 2_400, appid: 'wx0000000000000008' }),
    refundLine(back),
    lineOf(unknown),
  ];
  await reconcile(books(), D, { trade });
});
beforeEach(() => {
  test.clock.now = new Date('2026-03-12T04:00:00Z');
});

describe('the lines of a day', () => {
  it('are listed by class, with what each side says', async () => {
    const line = { subject: 'payment', at: on(D).toISOString(), refundNo: null, refundId: null };
    const { outTradeNo, transactionId } = wrong;
    expect(await read('?class=amount')).toEqual({
      items: [
        {
          ...{
            ...line,
            class: 'amount',
            isDiscrepancy: true,
            lineNo: 7,
            orderNo: outTradeNo,
            outTradeNo,
            transactionId,
          },
          ...{ billFen: 2_400, ownFen: 2_500 },
        },
      ],
      nextCursor: null,
    });
    expect((await read('?class=foreign')).items).toMatchObject([{ orderNo: null, billFen: 1_000, ownFen: null }]);
    expect((await read('?class=expected')).items).toMatchObject([
      { outTradeNo: late.outTradeNo, lineNo: null, billFen: null, ownFen: 1_000 },
    ]);
    expect((await read('?class=fee')).items).toEqual([]);
  });

  it.each([1, 2, 3, 200])('are there once each, by pages of %i, in one class or in all', async (limit) => {
    for (const query of ['?class=matched', '?']) {
      const all: LineAnswer[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: Page = await read(`${query}&limit=${limit}${cursor && `&cursor=${cursor}`}`);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        all.push(...page.items);
        cursor = page.nextCursor;
      }
      const found = all.map((it) => `${it.class} ${it.lineNo}`);
      const matched = [2, 3, 4, 5, 6, 8].map((lineNo) => `matched ${lineNo}`);
      const others = ['expected null', 'foreign 9', 'amount 7', 'identity 7'];
      expect(found).toEqual(query === '?' ? [...matched, ...others] : matched);
    }
  });

  it('are those of the merchant alone', async () => {
    const { key } = await test.newKey('merchant', [OTHER_MCHID]);
    const answer = await get('', D, {}, key);
    expect([answer.status, await problemCode(answer)]).toEqual([404, 'reconciliation_not_found']);
  });

  it('are none while the bill is awaited', async () => {
    const date = daysAfter(D, -20);
    await openDay(test.connection.db, { mchid: MCHID, date, askedBy: null, now: test.clock.now });
    expect(await json(await get('', date))).toEqual({ items: [], nextCursor: null });
  });

  it('are refused for a cursor of another list, and for what is no class, limit or day', async () => {
    const { nextCursor } = await read('?class=matched&limit=1');
    expect(nextCursor).not.toBeNull();
    for (const [query, date, headers] of [
      [`?class=amount&cursor=${nextCursor ?? ''}`, D, {}],
      ['?cursor=bGluZXMgMg', D, {}],
      ['?cursor=x', D, CSV],
      ['?class=none', D, {}],
      ['?limit=201', D, {}],
      ['?status=open', D, {}],
      ['', '2026-02-30', {}],
    ] as const) {
      const answer = await get(query, date, { ...headers });
      expect([query, answer.status, await problemCode(answer)]).toEqual([query, 400, 'invalid_request']);
    }
  });
});

describe('the file of a day', () => {
  it('has every line, numbers as text, and nothing that a spreadsheet computes', async () => {
    const answer = await get('?limit=1', D, CSV);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const name = `reconciliation-${MCHID}-${D}.csv`;
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const lines = bytes.subarray(3).toString().split('\r\n');
    expect(lines[0]).toBe(
      'class,subject,lineNo,beijingTime,orderNo,outTradeNo,transactionId,refundNo,refundId,billYuan,ownYuan,isDiscrepancy',
    );
    expect(lines).toHaveLength(1 + 10 + 1);
    expect(lines).toContain(`foreign,payment,9,${D} 10:00:00,,'=cmd|1,'4200000000000000000000000001,,,10.00,,true`);
    expect(lines).toContain(
      `expected,payment,,${D} 23:59:00,${late.outTradeNo},${late.outTradeNo},${late.transactionId},,,,10.00,false`,
    );
    const given = lines.find((it) => it.includes(back.refundId));
    expect(given?.split(',').slice(0, 2)).toEqual(['matched', 'refund']);
    expect(given?.split(',').slice(-3)).toEqual(['-3.00', '-3.00', 'false']);
  });

  it('may be of one class', async () => {
    const answer = await get('?class=missing_at_wechat', D, CSV);
    expect(answer.headers.get('content-disposition')).toContain(`-${D}-missing-at-wechat.csv"`);
    expect((await answer.text()).split('\r\n')).toHaveLength(2);
  });

  it('breaks off where Postgres does, and looks whole nowhere', async () => {
    const date = daysAfter(D, 30);
    await openDay(test.connection.db, { mchid: MCHID, date, askedBy: null, now: test.clock.now });
    await manyLines(date, 5_000);
    const { sql } = test.connection;
    const answer = await get('', date, CSV);
    await sql`alter table bill_lines rename to bill_lines_away`;
    try {
      await expect(answer.text()).rejects.toThrow('The file broke off');
    } finally {
      await sql`alter table bill_lines_away rename to bill_lines`;
    }
    expect(test.logLines.join('')).toContain('a file broke off');
    expect((await (await get('', date, CSV)).text()).split('\r\n')).toHaveLength(5_002);
  });

  it('of 100,000 lines is read as it is taken, over a real connection', async () => {
    const date = daysAfter(D, 40);
    await openDay(test.connection.db, { mchid: MCHID, date, askedBy: null, now: test.clock.now });
    await manyLines(date, 100_000);
    const ingress = await startIngress(test.deps(), served, { port: 0, host: '127.0.0.1' });
    try {
      const headers = { authorization: `Bearer ${test.merchantKey}`, ...CSV };
      const answer = await fetch(`${ingress.url}/v1/reconciliations/${date}/lines?class=matched`, { headers });
      let lines = 0;
      // By the last byte of a line: a chunk may end between the two.
      for await (const chunk of answer.body ?? [])
        lines += Buffer.from(chunk).filter((byte) => byte === LINE_FEED).length;
      expect(lines).toBe(100_001);
    } finally {
      await ingress.close(0);
    }
  });
});

async function manyLines(date: string, count: number): Promise<void> {
  const { sql } = test.connection;
  await sql`select empty_bill(${MCHID}, ${date}::date, 'trade')`;
  await sql`
    insert into bills (mchid, date, kind, state, sha1, lines, last_line, summary, fetched_at)
    values (${MCHID}, ${date}, 'trade', 'imported', ${'0'.repeat(40)}, ${count}, ${count}, '{}', 'epoch')`;
  await sql`
    insert into bill_lines (mchid, date, kind, line_no, type, at, number, appid, out_trade_no, transaction_id, trade_type, amount_fen)
    select ${MCHID}, ${date}::date, 'trade', n, 'payment', 'epoch', 'tx-' || n, 'wx', 'order-' || n, 'tx-' || n, 'NATIVE', 100
    from generate_series(1, ${count}::int) n`;
}
