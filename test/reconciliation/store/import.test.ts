import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fileDatabase } from '../../db/database.js';
import { MCHID } from '../../db/fixtures.js';
import { limitSessions } from '../../../src/db/migrate.js';
import type { TradeLine } from '../../../src/reconciliation/rules/bill-line.js';
import { daysAfter, type BillDate } from '../../../src/reconciliation/rules/day.js';
import { loadBills, recordDistrust } from '../../../src/reconciliation/store/bill.js';
import { openDay } from '../../../src/reconciliation/store/day.js';
import { importBill, type BillEnd, type BillToImport } from '../../../src/reconciliation/store/import.js';
import { listLines } from '../../../src/reconciliation/store/lines.js';
import { connect } from '../../../src/db/connection.js';
import { D, fundFile, fundsOf, itemsOf, lineOf, NOW, payment, refund, refundLine, tradeFile } from '../books.js';

const database = fileDatabase();
let next = D;

/** A day that no other test has, opened. */
async function freshDay(): Promise<BillDate> {
  next = daysAfter(next, 1);
  await openDay(database.db, { mchid: MCHID, date: next, askedBy: null, now: NOW });
  return next;
}

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

const bill = (date: BillDate, items: AsyncIterable<TradeLine | BillEnd>, change: Partial<BillToImport> = {}) => ({
  ...{
    mchid: MCHID,
    date,
    kind: 'trade' as const,
    sha1: sha1(date),
    items,
    isAuthentic: () => Promise.resolve(true),
    now: NOW,
  },
  ...change,
});

const stored = async (date: BillDate): Promise<number[]> =>
  (await database.connection.sql`select line_no from bill_lines where date = ${date} order by line_no`).map((row) =>
    Number(row['line_no']),
  );

const countOf = async (date: BillDate): Promise<number> => (await stored(date)).length;

const manyLines = (count: number): TradeLine[] => Array.from({ length: count }, () => lineOf(payment()));

class Killed extends Error {}

/** As a worker that dies when it is asked for more. */
async function* killedAfter<Item>(items: readonly Item[], count: number): AsyncGenerator<Item> {
  yield* itemsOf(items.slice(0, count));
  throw new Killed('killed');
}

test('a bill is stored line by line, and neither the payer nor what was sold with it', async () => {
  const date = await freshDay();
  const back = refund(payment());
  const hard = lineOf(payment({ outTradeNo: 'a\\b\tc\nd\re\\N' }), { rest: { 商品名称: 'tea', 用户标识: 'o-payer' } });

  expect(await importBill(database.db, bill(date, itemsOf(tradeFile([hard, refundLine(back)]))))).toBe('imported');
  const rows = await database.connection.sql`select * from bill_lines where date = ${date} order by line_no`;
  expect(rows).toMatchObject([
    { line_no: 2, type: 'payment', out_trade_no: 'a\\b\tc\nd\re\\N', amount_fen: '1000', rate_ppm: 6_000 },
    { line_no: 3, type: 'refund', number: back.refundId, amount_fen: '300', settled_fen: '300' },
  ]);
  expect(JSON.stringify(rows)).not.toMatch(/tea|o-payer/);
});

test('a fund-flow bill of the same day is another bill', async () => {
  const date = await freshDay();
  const paid = payment();
  await importBill(database.db, bill(date, itemsOf(tradeFile([lineOf(paid)]))));
  const funds = { ...bill(date, itemsOf([])), kind: 'fundflow' as const, items: itemsOf(fundFile(fundsOf(paid))) };

  expect(await importBill(database.db, funds)).toBe('imported');
  expect(await loadBills(database.db, { mchid: MCHID, from: date, to: date })).toMatchObject([
    { kind: 'trade', state: 'imported', lines: 1 },
    { kind: 'fundflow', state: 'imported', lines: 2 },
  ]);
});

test.each([0, 1, 4_999, 5_000, 5_001, 11_999, 12_000])(
  'killed after %i of 12,000 lines it goes on, and no line is there twice',
  async (count) => {
    const date = await freshDay();
    const file = tradeFile(manyLines(12_000));
    const progress: number[] = [];
    const onProgress = (lastLine: number) => void progress.push(lastLine);

    await expect(importBill(database.db, bill(date, killedAfter(file, count)))).rejects.toThrow(Killed);
    expect(await countOf(date)).toBe(Math.floor(count / 5_000) * 5_000);
    expect(await listLines(database.db, { mchid: MCHID, date }, { class: 'matched', limit: 5 })).toMatchObject({
      lines: [],
    });

    expect(await importBill(database.db, bill(date, itemsOf(file), { onProgress }))).toBe('imported');
    expect(await stored(date)).toEqual(file.slice(0, -1).map((_line, index) => index + 2));
    expect(progress[0]).toBeGreaterThan(Math.floor(count / 5_000) * 5_000);
  },
);

test('a file whose first download broke off was had when it was had as a whole', async () => {
  const date = await freshDay();
  const lines = manyLines(6_000);
  const now = new Date(NOW.getTime() + 3_600_000);
  await expect(importBill(database.db, bill(date, killedAfter(tradeFile(lines), 5_500)))).rejects.toThrow(Killed);
  await importBill(database.db, bill(date, itemsOf(tradeFile(lines)), { now }));
  const rows = await loadBills(database.db, { mchid: MCHID, from: date, to: date });
  expect(rows).toMatchObject([{ state: 'imported', lines: 6_000, fetchedAt: now }]);
});

test('what was stored of another file is not gone on with, whatever hash was announced', async () => {
  const date = await freshDay();
  const [wrong, right] = [manyLines(6_000), manyLines(6_000)];
  await expect(importBill(database.db, bill(date, killedAfter(tradeFile(wrong), 5_500)))).rejects.toThrow(Killed);

  const again = () => importBill(database.db, bill(date, itemsOf(tradeFile(right))));
  await expect(again()).rejects.toMatchObject({ code: 'import_overtaken' });
  expect(await again()).toBe('imported');
  const rows = await database.connection.sql`select count(*)::int as count from bill_lines where date = ${date}
    and number in ${database.connection.sql(right.slice(0, 5_500).map((it) => it.transactionId))}`;
  expect(rows).toMatchObject([{ count: 5_500 }]);
});

test('a file that is given again was had when it was given last', async () => {
  const date = await freshDay();
  const file = tradeFile(manyLines(3));
  const later = new Date(NOW.getTime() + 3_600_000);
  await importBill(database.db, bill(date, itemsOf(file)));
  await importBill(database.db, bill(date, itemsOf(file), { now: later }));
  const rows = await loadBills(database.db, { mchid: MCHID, from: date, to: date });
  expect(rows).toMatchObject([{ state: 'imported', lines: 3, fetchedAt: later }]);
});

test('why a file was not trusted is kept with that it was not, and is gone with it', async () => {
  const date = await freshDay();
  const isSo = async () =>
    database.connection.sql`select state, distrust, distrust_why from bills where mchid = ${MCHID} and date = ${date}`;
  const wrong = bill(date, itemsOf(tradeFile(manyLines(3), { count: 2 })));
  const why = 'count: summary 2, lines 3';
  expect(await importBill(database.db, wrong)).toEqual({ distrust: 'summary', distrustWhy: why });
  expect(await isSo()).toEqual([{ state: 'untrusted', distrust: 'summary', distrust_why: why }]);
  await expect(importBill(database.db, bill(date, killedAfter(tradeFile(manyLines(3)), 2)))).rejects.toThrow(Killed);
  expect(await isSo()).toEqual([{ state: 'importing', distrust: null, distrust_why: null }]);
});

test('another file takes the place of the one before it', async () => {
  const date = await freshDay();
  await importBill(database.db, bill(date, itemsOf(tradeFile(manyLines(7)))));

  await importBill(database.db, bill(date, itemsOf(tradeFile(manyLines(3))), { sha1: sha1('other') }));
  expect(await countOf(date)).toBe(3);
  await importBill(
    database.db,
    bill(date, itemsOf(tradeFile(manyLines(9)).slice(0, 0)), { sha1: sha1('other').toUpperCase() }),
  );
  expect(await countOf(date)).toBe(3);
});

describe('a file that is to take the place of an imported one', () => {
  const other = { sha1: sha1('other') };
  const notAuthentic = { ...other, isAuthentic: () => Promise.resolve(false) };
  const rowOf = async (date: BillDate) => (await loadBills(database.db, { mchid: MCHID, from: date, to: date }))[0];
  const begun = async () => {
    const date = await freshDay();
    const good = tradeFile(manyLines(7));
    await importBill(database.db, bill(date, itemsOf(good)));
    return { date, good, row: await rowOf(date), lines: await stored(date) };
  };

  test.each([
    ['is not the file that was announced', notAuthentic, {}, 'hash', null],
    ['contradicts its summary', other, { count: 5 }, 'summary', 'count: summary 5, lines 6000'],
  ] as const)(
    'and %s takes nothing of it, and leaves nothing but why',
    async (_what, change, summary, distrust, why) => {
      const { date, good, row, lines } = await begun();
      const bad = bill(date, itemsOf(tradeFile(manyLines(6_000), summary)), change);

      const said = { distrust, distrustWhy: why };
      expect(await importBill(database.db, bad)).toEqual(said);
      expect([await rowOf(date), await stored(date)]).toEqual([{ ...row, ...said }, lines]);
      const now = new Date(NOW.getTime() + 60_000);
      expect(await importBill(database.db, bill(date, itemsOf(good), { now }))).toBe('imported');
      expect([await rowOf(date), await stored(date)]).toEqual([{ ...row, fetchedAt: now }, lines]);
    },
  );

  test('and cannot be read, also after some lines of it, is noted, and nothing of it stays', async () => {
    const { date, row, lines } = await begun();
    await expect(
      importBill(database.db, bill(date, killedAfter(tradeFile(manyLines(6_000)), 5_500), other)),
    ).rejects.toThrow(Killed);
    expect([await rowOf(date), (await stored(date)).length]).toEqual([row, 5_007]);

    const said = { distrust: 'unreadable', distrustWhy: 'line 5: bad_value' } as const;
    await recordDistrust(database.db, { mchid: MCHID, date, kind: 'trade' }, said, NOW);
    expect([await rowOf(date), await stored(date)]).toEqual([{ ...row, ...said }, lines]);
  });

  test('and is killed goes on, counts as a whole, and no line is there twice', async () => {
    const { date, row } = await begun();
    const file = tradeFile(manyLines(12_000));
    await expect(importBill(database.db, bill(date, killedAfter(file, 7_000), other))).rejects.toThrow(Killed);
    expect(await rowOf(date)).toEqual(row);
    const progress: number[] = [];
    const onProgress = (lastLine: number) => void progress.push(lastLine);

    expect(await importBill(database.db, bill(date, itemsOf(file), { ...other, onProgress }))).toBe('imported');
    expect(progress[0]).toBeGreaterThan(5_001);
    expect(await stored(date)).toEqual(file.slice(0, -1).map((_line, index) => index + 2));
    expect(await rowOf(date)).toMatchObject({ state: 'imported', distrust: null, lines: 12_000, sha1: other.sha1 });
    const kinds = await database.connection.sql`select distinct kind from bill_lines where date = ${date}`;
    expect(kinds).toEqual([{ kind: 'trade' }]);
  });

  test('and turns out to be another than was stored of it begins anew', async () => {
    const { date, row } = await begun();
    const killed = killedAfter(tradeFile(manyLines(6_000)), 5_500);
    await expect(importBill(database.db, bill(date, killed, other))).rejects.toThrow(Killed);
    const again = () => importBill(database.db, bill(date, itemsOf(tradeFile(manyLines(6_000))), other));

    await expect(again()).rejects.toMatchObject({ code: 'import_overtaken' });
    expect(await rowOf(date)).toEqual(row);
    expect(await again()).toBe('imported');
    expect(await countOf(date)).toBe(6_000);
  });
});

test('two imports at once: one of them stores it, and no line is there twice', async () => {
  const date = await freshDay();
  const file = tradeFile(manyLines(20_000));
  const both = await Promise.allSettled([1, 2].map(() => importBill(database.db, bill(date, itemsOf(file)))));

  const won = both.filter((it) => it.status === 'fulfilled');
  const lost = both.filter((it) => it.status === 'rejected').map((it): unknown => it.reason);
  expect(won.length).toBeGreaterThan(0);
  expect(lost.every((it) => it instanceof Error && it.name === 'ImportOvertaken')).toBe(true);
  expect(await countOf(date)).toBe(20_000);
});

test('while Postgres stores a batch the next one is read, and no more', async () => {
  const date = await freshDay();
  const file = tradeFile(manyLines(12_000));
  const [holder, importer] = [connect(database.url, { max: 1 }), connect(database.url, { max: 1 })];
  // However long a loaded machine takes to look.
  for (const { sql } of [holder, importer]) await sql`set statement_timeout = 0`;
  await holder.sql`set idle_in_transaction_session_timeout = 0`;
  let read = 0;
  const counted = async function* () {
    await holder.sql.unsafe('begin; select from bills for update');
    for (const item of file) {
      read += 1;
      yield item;
    }
  };
  try {
    const importing = importBill(importer.db, bill(date, counted()));
    await expect.poll(() => read).toBe(10_000);
    expect(await countOf(date)).toBe(0);
    await holder.sql`commit`;
    expect(await importing).toBe('imported');
  } finally {
    await holder.close();
    await importer.close();
  }
  expect(await countOf(date)).toBe(12_000);
});

test.each([
  [
    'Postgres refuses a line',
    { totalFen: -1 },
    { code: 'database_refused', constraint: 'bill_lines_amount_fen_range' },
  ],
  ['a line does not fit', { tradeType: 'a\0b' }, { code: 'database_refused' }],
])('%s: it is thrown, and nothing of the batch is there', async (_what, change, error) => {
  const date = await freshDay();
  const lines = [...manyLines(5_999), lineOf(payment(), change)];

  await expect(importBill(database.db, bill(date, itemsOf(tradeFile(lines))))).rejects.toMatchObject(error);
  expect(await countOf(date)).toBe(5_000);
});

test('a lost connection is thrown, the process lives, and the next import goes on', async () => {
  const date = await freshDay();
  const file = tradeFile(manyLines(12_000));
  const cut = async () => {
    await database.connection.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name = 'importer'`;
  };
  const importer = connect(database.url, { max: 1, applicationName: 'importer' });
  try {
    const during = importBill(importer.db, bill(date, cuttingAt(file, 7_000, cut)));
    await expect(during).rejects.toMatchObject({ code: 'database_unavailable' });
  } finally {
    await importer.close();
  }
  expect(await importBill(database.db, bill(date, itemsOf(file)))).toBe('imported');
  expect(await countOf(date)).toBe(12_000);
});

/** Cuts without waiting, so that a COPY is under way. */
async function* cuttingAt<Item>(items: readonly Item[], count: number, cut: () => Promise<void>): AsyncGenerator<Item> {
  yield* itemsOf(items.slice(0, count));
  void cut();
  yield* itemsOf(items.slice(count));
  await cut();
}

test('a role that may only add, change and read imports a bill of a new day', async () => {
  const date = await freshDay();
  const { sql } = database.connection;
  const role = `importer_${process.pid}`;
  await sql.unsafe(`create role ${role} login password 'secret'`);
  const url = new URL(database.url);
  try {
    await sql.unsafe(`grant select, insert, update on all tables in schema public to ${role}`);
    await limitSessions(database.db, url.pathname.slice(1));
    [url.username, url.password] = [role, 'secret'];
    const app = connect(url.href, { max: 1 });
    try {
      expect(await importBill(app.db, bill(date, itemsOf(tradeFile(manyLines(3)))))).toBe('imported');
      const other = bill(date, itemsOf(tradeFile(manyLines(2))), { sha1: sha1('other') });
      expect(await importBill(app.db, other)).toBe('imported');
    } finally {
      await app.close();
    }
    expect(await countOf(date)).toBe(2);
  } finally {
    await sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  }
});

test('a role that may not add lines cannot remove any', async () => {
  const date = await freshDay();
  await importBill(database.db, bill(date, itemsOf(tradeFile(manyLines(3)))));
  const { sql } = database.connection;
  const role = `reader_${process.pid}`;
  await sql.unsafe(`create role ${role} login password 'secret'`);
  const url = new URL(database.url);
  [url.username, url.password] = [role, 'secret'];
  const app = connect(url.href, { max: 1 });
  try {
    await expect(app.sql`select empty_bill(${MCHID}, ${date}, 'trade')`).rejects.toThrow('may not import bills');
  } finally {
    await app.close();
    await sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  }
  expect(await countOf(date)).toBe(3);
});
