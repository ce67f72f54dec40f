import { expect, test } from 'vitest';
import { chooseLanguage } from '../../src/http/kit/choose-language.js';
import { formatAmount } from '../../src/base/money.js';
import { formatCountdown, formatTime } from '../../src/checkout/page-model.js';

test.each([
  ['en', 'zh-CN,zh;q=0.9', 'en'],
  ['zh', 'en-US', 'zh'],
  [undefined, 'en-US,en;q=0.9,zh;q=0.8', 'en'],
  [undefined, 'en;q=0.5, zh-TW;q=0.9', 'zh'],
  [undefined, 'fr-FR,zh;q=0.3', 'zh'],
  [undefined, 'fr-FR, de', 'en'],
  [undefined, 'zh;q=0, fr', 'en'],
  [undefined, '*', 'zh'],
  [undefined, undefined, 'zh'],
  ['de', undefined, 'zh'],
] as const)('chosen %s and Accept-Language %s read %s', (chosen, accepted, language) => {
  expect(chooseLanguage(chosen, accepted)).toBe(language);
});

test('amounts have two decimals and groups of three', () => {
  expect([1, 1200, 123_456, 1_000_000_000].map(formatAmount)).toEqual([
    '¥0.01',
    '¥12.00',
    '¥1,234.56',
    '¥10,000,000.00',
  ]);
});

test('times are said in Beijing time, by name', () => {
  const at = new Date('2026-03-01T16:05:00Z');
  expect(formatTime(at, 'zh')).toBe('北京时间 2026年3月2日 00:05');
  expect(formatTime(at, 'en')).toBe('2 Mar 2026, 00:05 (Beijing)');
});

test('a countdown never goes below zero and names days', () => {
  const texts = [-5_000, 0, 1, 59_000, 245_000, 3_845_000, 176_645_000].map((ms) => formatCountdown(ms, 'd'));
  expect(texts).toEqual(['0:00', '0:00', '0:01', '0:59', '4:05', '1:04:05', '2d 1:04:05']);
});
