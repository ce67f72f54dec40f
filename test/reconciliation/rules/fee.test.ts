import { expect, test } from 'vitest';
import { ratePpm } from '../../../src/reconciliation/rules/fee.js';
import { likeOf } from '../../../src/reconciliation/rules/foreign.js';

test.each([
  ['0.60%', 6_000],
  ['0.6%', 6_000],
  ['0.38%', 3_800],
  ['0.0001%', 1],
  ['1%', 10_000],
  ['0.00%', 0],
  ['0.600000%', 6_000],
  ['100%', 1_000_000],
])('a rate of %s is %i millionths', (rate, ppm) => expect(ratePpm(rate)).toBe(ppm));

test.each([null, '', '%', '0.6', '0,6%', '-0.6%', '0.00001%', '0.6 %', '1e1%', '6000%'])('%j is no rate', (rate) =>
  expect(ratePpm(rate)).toBeNull(),
);

test('a pattern says only * for any characters', () => {
  expect(likeOf('POS-*')).toBe('POS-%');
  expect(likeOf('*a_b%c\\d')).toBe('%a\\_b\\%c\\\\d');
});
