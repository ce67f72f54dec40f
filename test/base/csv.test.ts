import { describe, expect, it, test } from 'vitest';
import { csvLine, csvOf } from '../../src/base/csv.js';

test('a file has a byte order mark, a line of names, and ends each line as RFC 4180 says', () => {
  type Row = { readonly name: string; readonly fen: number };
  const rows: Row[] = [{ name: '茶', fen: 12 }];
  const columns = { name: (row: Row) => row.name, fen: (row: Row) => row.fen };
  expect(csvOf(rows, columns)).toBe('\ufeffname,fen\r\n茶,12\r\n');
  expect(csvOf([], columns)).toBe('\ufeffname,fen\r\n');
});

describe('a cell', () => {
  it.each<[string, string]>([
    ['tea', 'tea'],
    ['', ''],
    ['two, cups', '"two, cups"'],
    ['two;cups', '"two;cups"'],
    ['the "best"', '"the ""best"""'],
    ['two\nlines', '"two\nlines"'],
    [' edge ', '" edge "'],
    ["it's", "it's"],
    ['A-1001', 'A-1001'],
    ['wx0000000000000001', 'wx0000000000000001'],
  ])('of text keeps it: %j', (text, written) => {
    expect(csvLine([text])).toBe(`${written}\r\n`);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '＝1+1', '＋1', '－1', '＠x', ' =1+1', '\u00a0@x'])(
    'of text that a spreadsheet would compute is text: %j',
    (text) => {
      expect(csvLine([text]).replaceAll('"', '')).toBe(`'${text}\r\n`);
    },
  );

  it.each(['\t=1', '\r=1', '\n=1', '\tx', '\rx', '\nx'])('never begins with %j', (text) => {
    expect(csvLine([text])).toBe(`"'${text}"\r\n`);
  });

  it('that is quoted is guarded within its quotes', () => {
    expect(csvLine(['=HYPERLINK("http://x","y")'])).toBe(`"'=HYPERLINK(""http://x"",""y"")"\r\n`);
  });

  it.each([
    '4200001234567890123456789012',
    '1234567890123456',
    '007',
    '1-2',
    '2026-03-01',
    '12:30',
    '1e5',
    '1.50',
    '1/2',
  ])('of digits that a spreadsheet would change is text: %s', (text) => {
    expect(csvLine([text])).toBe(`'${text}\r\n`);
  });

  it.each(['0', '7', '1900000001', '123456789012345'])('of digits that a spreadsheet keeps stays: %s', (text) => {
    expect(csvLine([text])).toBe(`${text}\r\n`);
  });

  it('of ours is a number, a date or an amount to a spreadsheet; nothing is an empty one', () => {
    expect(csvLine([-5, 0, { plain: '2026-03-01' }, { plain: '-12.05' }, null])).toBe('-5,0,2026-03-01,-12.05,\r\n');
  });
});
