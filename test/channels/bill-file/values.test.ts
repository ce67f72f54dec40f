import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBeijingTime, parseDecimal, unescaped } from '../../../src/channels/bill-file/values.js';
import { beijingTime } from '../../../src/base/time.js';
import { runs } from '../../support/property-runs.js';

test.each<[text: string, scale: number, value: number]>([
  ['12.05', 2, 1_205],
  ['45.0', 0, 45],
  ['0.0', 2, 0],
  ['0', 5, 0],
  ['-0.00', 2, 0],
  ['0.1', 2, 10],
  ['0.14000', 2, 14],
  ['-0.02000', 5, -2_000],
  ['1.15', 2, 115],
  ['90071992547409.91', 2, Number.MAX_SAFE_INTEGER],
  ['1.0E7', 2, 1_000_000_000],
  ['-1.234567891E7', 2, -1_234_567_891],
  ['1.2345E1', 3, 12_345],
])('%s of %i places is %i', (text, scale, value) => {
  expect(parseDecimal(text, scale)).toBe(value);
});

test.each([
  ...['', '-', '.', '.5', '5.', '-.5', '1.2.3', '--1', '+1', ' 1', '1 ', '1,000.00', '１', '0x10', 'NaN', 'Infinity'],
  ...['0.001', '1.001', '90071992547409.92', '9'.repeat(400), '1E7', '1.0E99', '1.0E-7', '1.0e7', '1.234E0'],
])('%j is no amount', (text) => {
  expect(parseDecimal(text, 2)).toBeUndefined();
});

test('every amount that can be printed is read exactly', () => {
  const amount = fc.bigInt({ min: -BigInt(Number.MAX_SAFE_INTEGER), max: BigInt(Number.MAX_SAFE_INTEGER) });
  fc.assert(
    fc.property(amount, fc.integer({ min: 1, max: 8 }), (units, scale) => {
      const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
      const text = `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
      expect(parseDecimal(text, scale)).toBe(Number(units));
    }),
    runs(500),
  );
});

test('every second is read as the one that was printed', () => {
  const second = fc.integer({ min: Date.UTC(2000, 0, 2) / 1_000, max: Date.UTC(2099, 11, 30) / 1_000 });
  fc.assert(
    fc.property(second, (seconds) => {
      const at = new Date(seconds * 1_000);
      expect(parseBeijingTime(beijingTime(at))).toEqual(at);
    }),
    runs(500),
  );
});

test.each(['2026-02-29 00:00:00', '2026-04-31 00:00:00', '2026-13-01 00:00:00', '2026-01-00 00:00:00'])(
  '%s is no day',
  (text) => {
    expect(parseBeijingTime(text)).toBeUndefined();
  },
);

test('the 29th of February of a leap year is a day', () => {
  expect(parseBeijingTime('2028-02-29 00:00:00')).toEqual(new Date('2028-02-28T16:00:00Z'));
});

test('what WeChat Pay escaped is as the merchant wrote it; any other backslash is a backslash', () => {
  expect(unescaped('茶\\ 一饼\\r\\n\\t\\')).toBe('茶,一饼\r\n\\t\\');
});
