import { expect, it } from 'vitest';
import { beijingTime, duration, relativeTime } from '../../src/base/time.js';

const NOW = new Date('2026-03-01T16:00:00Z');
const after = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);

it('time is told as Beijing reads it', () => {
  expect(beijingTime(NOW)).toBe('2026-03-02 00:00:00');
});

it.each([
  [0, '0 s'],
  [59, '59 s'],
  [60, '1 min'],
  [3_661, '1 h 1 min'],
  [3_605, '1 h'],
  [90_061, '1 d 1 h'],
])('%i seconds are %s', (seconds, text) => {
  expect(duration(seconds * 1_000, 'en')).toBe(text);
});

it('what was and what will be are told apart, in both languages', () => {
  expect(relativeTime(after(-300), NOW, 'en')).toBe('5 min ago');
  expect(relativeTime(after(300), NOW, 'en')).toBe('in 5 min');
  expect(relativeTime(after(-7_500), NOW, 'zh')).toBe('2 小时 5 分前');
  expect(relativeTime(after(86_400), NOW, 'zh')).toBe('1 天后');
  expect(relativeTime(NOW, NOW, 'en')).toBe('now');
});
