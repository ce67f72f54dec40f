import Table from 'cli-table3';
import { formatYuan } from '../../base/money.js';
import { plainText } from '../../base/text.js';
import type { CliEnvironment, Output } from './command.js';

/** A table as wide as its content, without colours: what a pipe gets is what a terminal shows. */
export function writeTable(out: Output, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  table.push(...rows.map((row) => row.map(plain)));
  out.write(`${table.toString()}\n`);
}

/** One thing and what is known of it; what is not known is left out. */
export function writeFacts(
  env: CliEnvironment,
  title: string,
  facts: readonly (readonly [string, string | null])[],
): void {
  const known = facts.filter((fact): fact is readonly [string, string] => fact[1] !== null && fact[1] !== '');
  const width = Math.max(...known.map(([name]) => widthOf(name)));
  env.stdout.write(`${strong(env, plain(title))}\n`);
  for (const [name, value] of known) {
    env.stdout.write(`  ${name}${' '.repeat(width - widthOf(name))}  ${plain(value)}\n`);
  }
}

/** On a terminal, where a Chinese character takes two columns. */
const widthOf = (text: string): number => text.length + (text.match(/\p{Script=Han}/gu)?.length ?? 0);

/** A heading and a table under it; nothing where there are no rows. */
export function writeSection(
  env: CliEnvironment,
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  if (rows.length === 0) return;
  env.stdout.write(`\n${strong(env, title)}\n`);
  writeTable(env.stdout, head, rows);
}

export function writeJson(env: CliEnvironment, value: unknown): void {
  env.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export const strong = (env: CliEnvironment, text: string): string => painted(env, 'bold', text);

/** Select Graphic Rendition (ECMA-48): on, and off again. */
const STYLES = { bold: [1, 22], red: [31, 39], green: [32, 39] } as const;

/** `styleText` asks standard output itself, whatever this output is. */
export function painted(env: CliEnvironment, style: keyof typeof STYLES, text: string): string {
  const [on, off] = STYLES[style];
  return env.colour === true ? `\u001b[${on}m${text}\u001b[${off}m` : text;
}

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
