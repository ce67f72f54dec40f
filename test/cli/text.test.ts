import { expect, it, test } from 'vitest';
import { fenOfYuan, instantOf, limitedText, orderNos } from '../../src/cli/kit/options.js';
import { age, plain, time, writeTable } from '../../src/cli/kit/output.js';

const NOW = new Date('2026-03-01T10:00:00Z');

it.each([
  ['2026-03-01T10:00:00Z', '0s'],
  ['2026-03-01T10:00:05Z', '0s'],
  ['2026-03-01T09:59:18.400Z', '41s'],
  ['2026-03-01T09:48:00Z', '12m'],
  ['2026-03-01T09:47:30Z', '12m30s'],
  ['2026-03-01T06:48:00Z', '3h12m'],
  ['2026-02-27T07:00:00Z', '2d3h'],
  ['2026-02-27T10:00:00Z', '2d'],
])('what was at %s is %s old', (at, expected) => {
  expect(age(at, NOW)).toBe(expected);
});

test('times are of Beijing, to the second, and nothing where there is none', () => {
  expect(time('2026-03-01T10:00:00.123Z')).toBe('2026-03-01 18:00:00+08');
  expect(time(null)).toBe('');
});

test("others' text cannot move the cursor or paint", () => {
  expect(plain('a\u001b[31mred\r\nb')).toBe('a [31mred  b');
});

it.each([
  ['12.34', 1234],
  ['12.3', 1230],
  ['12', 1200],
  ['0.01', 1],
  ['10000000', 1_000_000_000],
  ['9999999.99', 999_999_999],
])('%s yuan are %d fen', (text, fen) => {
  expect(fenOfYuan(text)).toBe(fen);
});

it.each(['0', '0.00', '-1', '1.234', '1e3', '1,5', '¥1', '', '.5', '10000000.01', '99999999999', '0x10'])(
  'refuses "%s" as an amount',
  (text) => {
    expect(() => fenOfYuan(text)).toThrow('12.34');
  },
);

it.each(['', '  ', 'line\nbreak', 'x'.repeat(501)])('refuses a reason the API would refuse', (text) => {
  expect(() => limitedText(text, 500)).toThrow();
});

test('a reason is counted in bytes of UTF-8', () => {
  expect(limitedText('退'.repeat(26), 80)).toHaveLength(26);
  expect(() => limitedText('退'.repeat(27), 80)).toThrow('80 bytes');
});

test('times have a zone, and numbers their form', () => {
  expect(instantOf('2026-03-01T18:00:00+08:00')).toBe('2026-03-01T18:00:00+08:00');
  expect(instantOf('2026-03-01')).toBe('2026-03-01T00:00:00+08:00');
  expect(() => instantOf('2026-03-01T18:00:00')).toThrow('2026');
  expect(() => instantOf('2026-02-30')).toThrow('2026');
  expect(orderNos('A-1001, A-1002')).toEqual(['A-1001', 'A-1002']);
  expect(() => orderNos('A-1001,,A-1002')).toThrow('orderNo');
});

test.each([200, 60, 20])('a table fits a terminal of %d columns, and loses nothing', (columns) => {
  const long = 'the payer has to confirm it on the phone';
  const said: string[] = [];
  const rows = [{ name: 'A-1001', words: long, 汉字: '等待付款人在手机上确认支付' }];
  writeTable({ write: (text) => said.push(text), columns }, rows, {
    name: (it) => it.name,
    words: (it) => it.words,
    汉字: (it) => it.汉字,
  });
  const lines = said.join('').trimEnd().split('\n');
  const widths = lines.map((line) => line.length + (line.match(/\p{Script=Han}/gu)?.length ?? 0));
  expect(new Set(widths).size).toBe(1);
  // Three columns, however narrow, take this.
  expect(widths[0]).toBeLessThanOrEqual(Math.max(columns, 3 * 11 + 1));
  const cells = lines.slice(3, -1).map((line) => line.split('│').map((cell) => cell.trim()));
  expect(
    cells
      .map((cell) => cell[2])
      .join('')
      .replaceAll(' ', ''),
  ).toBe(long.replaceAll(' ', ''));
  expect(cells.map((cell) => cell[3]).join('')).toBe('等待付款人在手机上确认支付');
});

test('a table that is no terminal has a line a row, whatever its cells hold', () => {
  const said: string[] = [];
  const rows = Array.from({ length: 1_000 }, (_, n) => ({
    words: n === 7 ? ' 等待付款人（可能需要密码），🙂' : 'x',
  }));
  writeTable({ write: (text) => said.push(text) }, rows, { words: (it) => it.words });
  const lines = said.join('').trimEnd().split('\n');
  expect(lines).toHaveLength(rows.length + 4);
  expect(lines[3 + 7]).toBe('│  等待付款人（可能需要密码），🙂 │');
});
