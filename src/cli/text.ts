import { formatYuan } from '../base/money.js';
import { plainText } from '../base/text.js';

export const yuan = formatYuan;

/** RFC 3339 to the second, in UTC: nobody decides by milliseconds. */
export const time = (at: string | null): string => (at === null ? '' : at.replace(/\.\d+Z$/, 'Z'));

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** How long ago, in its two largest units: `3h12m`. What is still to come is `0s`. */
export function age(at: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(at)) / 1000));
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  if (first === -1) return '0s';
  let left = seconds;
  const parts = UNITS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return parts.join('');
}

export const plain = plainText;
