import { expect, it } from 'vitest';
import { code128 } from '../../src/sandbox/phone/symbols.js';

/** The widths of bars and spaces between the quiet zones, by turns. */
function elementsOf({ path, width }: { path: string; width: number }): string {
  const bars = [...path.matchAll(/M(\d+) 0h(\d)v1h-\d/g)].map(([, x, bar]) => ({ x: Number(x), bar: Number(bar) }));
  expect([bars[0]?.x, width - 10]).toEqual([10, (bars.at(-1)?.x ?? 0) + (bars.at(-1)?.bar ?? 0)]);
  return bars
    .map(({ x, bar }, n) => `${bar}${(bars[n + 1]?.x ?? x + bar) - x - bar}`)
    .join('')
    .slice(0, -1);
}

const sumOf = (widths: number[]) => widths.reduce((sum, width) => sum + width, 0);

it('a bar code is that of an independent encoder', () => {
  // zxing-cpp 3.1.1, Code 128 of the same digits.
  expect(elementsOf(code128('130061098828009406'))).toBe(
    '2112321221322122222214112212134212113221122122221311411222132122222331112',
  );
});

it('every value of a bar code is eleven modules wide, and like no other', () => {
  const pairs = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));
  const elements = pairs.map((pair) => elementsOf(code128(pair)).slice(6, 12));
  expect(new Set(elements).size).toBe(100);
  for (const widths of elements) {
    const modules = Array.from(widths, Number);
    const bars = modules.filter((_, index) => index % 2 === 0);
    expect(sumOf(modules)).toBe(11);
    expect(sumOf(bars) % 2).toBe(0);
  }
});
