import { expect, test } from 'vitest';
import { summaryOf } from '../../../src/entries/demo/run.js';

const fine = { orders: 18, unexpected: 0, differenceFen: 0, wrong: [] };

test('a demo in which all is as expected is one line, and exits with 0', () => {
  const lines = ['demo: 18 orders, 18 as expected, books differ by 0 fen'];
  expect(summaryOf(fine)).toEqual({ lines, exitCode: 0 });
});

test('orders that are not as expected are named before the last line, and it exits with 1', () => {
  const lines = ['not as expected: a, b', 'demo: 18 orders, 16 as expected, books differ by 0 fen'];
  expect(summaryOf({ ...fine, unexpected: 2, wrong: ['a', 'b'] })).toEqual({ lines, exitCode: 1 });
});

test('books that differ make it exit with 1, though each order ended as expected', () => {
  const lines = ['not as expected: a*2', 'demo: 18 orders, 18 as expected, books differ by 7 fen'];
  expect(summaryOf({ ...fine, differenceFen: 7, wrong: ['a*2'] })).toEqual({ lines, exitCode: 1 });
});

test('a difference without money makes it exit with 1', () => {
  expect(summaryOf({ ...fine, wrong: ['a'] }).exitCode).toBe(1);
});
