import { expect, test } from 'vitest';
import { CLASSES, CLASS_RULES, DISCREPANCY_CLASSES, REPAIRS } from '../../../src/reconciliation/rules/classes.js';

test('the classes are a closed list', () => {
  expect(CLASSES).toEqual([
    'matched',
    'expected',
    'paid_not_here',
    'foreign',
    'amount',
    'identity',
    'refund_not_here',
    'refund_amount',
    'refund_status',
    'missing_at_wechat',
    'refund_missing_at_wechat',
    'reversed',
    'duplicate_line',
    'fee',
    'fund_missing',
    'fund_amount',
    'fund_foreign',
    'balance_chain',
  ]);
});

test('all but what agrees and what is awaited can be a discrepancy', () => {
  expect(CLASSES.filter((name) => !DISCREPANCY_CLASSES.some((it) => it === name))).toEqual(['matched', 'expected']);
});

test.each(CLASSES)('%s has its words in both languages, and a repair', (name) => {
  const { words, repair } = CLASS_RULES[name];
  expect(words[0]).toMatch(/\p{Script=Han}/u);
  expect(words[1]).not.toMatch(/\p{Script=Han}/u);
  expect(REPAIRS).toContain(repair);
});
