import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowsOf } from '../../../src/channels/bill-file/rows.js';
import { readTradeBill } from '../../../src/channels/bill-file/trade-bill.js';
import { runs } from '../../support/property-runs.js';
import {
  ALL_COLUMNS,
  chunked,
  collected,
  lineOf,
  PAYMENT,
  summaryLine,
  TRADE_SUMMARY_COLUMNS,
} from '../support/bills.js';

const rows = async (bytes: Uint8Array, size?: number) => (await collected(rowsOf(chunked(bytes, size)))).flat();

const MAX_LINE_BYTES = 64 * 1024;

test('every text that no comma and no line end cuts comes back, with the number of its line', async () => {
  const value = fc.string({ unit: 'binary' }).map((text) =>
    Buffer.from(text)
      .toString()
      .replaceAll(/[\0\r\n,]/g, '"'),
  );
  const line = fc.array(value, { minLength: 2, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 20 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      async (lines, lineEnd, isEnded, size) => {
        const text = lines.map((values) => values.join(',')).join(lineEnd) + (isEnded ? lineEnd : '');
        const bytes = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]);
        expect(await rows(bytes, size)).toEqual(lines.map((values, index) => ({ lineNo: index + 1, values })));
      },
    ),
    runs(200),
  );
});

test('lines are the same wherever the chunks end, and however large they are', async () => {
  const lines = Array.from({ length: 2_000 }, (_, index) => `\`${index},\`普洱茶${'一饼'.repeat(index % 40)}`);
  const bytes = Buffer.from(lines.join('\r\n'));
  const expected = lines.map((line, index) => ({ lineNo: index + 1, values: line.split(',') }));
  for (const size of [1, 4_096, 65_536, bytes.length]) expect(await rows(bytes, size)).toEqual(expected);
});

test.each([
  ['Latin-1', Buffer.from('caf\u00e9', 'latin1')],
  ['half a character', Buffer.from('茶').subarray(0, 2)],
  ['GBK', Buffer.from([0xc6, 0xd5, 0xb6, 0xfd])],
  ['UTF-16', Buffer.from('\ufeff交易', 'utf16le')],
  ['a NUL', Buffer.from('a\0b')],
])('%s is not text, and the line is named', async (_, bad) => {
  const good = Buffer.from('交易时间,a\n'.repeat(9_000));
  for (const size of [5, 1_000_000]) {
    const bytes = Buffer.concat([good, Buffer.from('x,'), bad, Buffer.from(',y\n'), good]);
    await expect(rows(bytes, size)).rejects.toMatchObject({ reason: 'not_text', lineNo: 9_001 });
  }
});

test('a line of 64 KB is a line, a longer one is refused before it is read whole', async () => {
  const before = 'a,b\n';
  const longest = `${'x'.repeat(MAX_LINE_BYTES - 1)}\n`;
  expect((await rows(Buffer.from(before + longest), 1_000)).at(-1)).toMatchObject({ lineNo: 2 });
  await expect(rows(Buffer.from(`${before}x${longest}`), 1_000)).rejects.toMatchObject({
    reason: 'line_too_long',
    lineNo: 2,
  });
  let asked = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      asked += 1;
      await Promise.resolve();
      yield Buffer.alloc(10_000, asked === 1 ? '\n' : ',');
    }
  }
  await expect(collected(rowsOf(endless()))).rejects.toMatchObject({ reason: 'line_too_long', lineNo: 10_001 });
  expect(asked).toBeLessThan(20);
});

const LINES = 300_000;
const LINE = Buffer.from(`${lineOf(ALL_COLUMNS, PAYMENT)}\r\n`);
const LINES_A_CHUNK = 60;

test('of a large file no more is held than what is read just now', async () => {
  let given = 0;
  async function* bill(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(`${ALL_COLUMNS}\r\n`);
    const chunk = Buffer.concat(Array.from({ length: LINES_A_CHUNK }, () => LINE));
    for (; given < LINES; given += LINES_A_CHUNK) {
      await Promise.resolve();
      yield chunk;
    }
    const sums = `${LINES},${(LINES * 11.05).toFixed(2)},0,0,${(LINES * 0.07).toFixed(2)},${(LINES * 12.05).toFixed(2)},0`;
    yield Buffer.from(`${TRADE_SUMMARY_COLUMNS}\r\n${summaryLine(sums)}`);
  }
  let taken = 0;
  let furthest = 0;
  for await (const item of readTradeBill(bill())) {
    if ('summary' in item) expect(item.sums).toEqual(item.summary);
    else taken += 1;
    furthest = Math.max(furthest, given + LINES_A_CHUNK - taken);
  }
  expect(taken).toBe(LINES);
  // A block of 64 KB, and the chunk that completed it.
  expect(furthest * LINE.length).toBeLessThan(2 * 64 * 1024 + 2 * LINES_A_CHUNK * LINE.length);
});

test('a reader that is left stops the source', async () => {
  let isClosed = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        await Promise.resolve();
        yield Buffer.from('a,b\n'.repeat(1_000));
      }
    } finally {
      isClosed = true;
    }
  }
  for await (const some of rowsOf(source())) {
    expect(some.length).toBeGreaterThan(0);
    break;
  }
  expect(isClosed).toBe(true);
});
