import Table from 'cli-table3';
import { formatYuan } from '../../base/money.js';
import { plainText } from '../../base/text.js';
import { beijingTime, duration, SECOND } from '../../base/time.js';
import type { CliEnvironment, Output } from './command.js';

type Columns<Row> = Readonly<Record<string, (row: Row) => string | null>>;

/** As wide as its content, without colours: a pipe gets what a terminal shows. */
export function writeTable<Row>(out: Output, rows: readonly Row[], columns: Columns<Row>): void {
  const table = new Table({ head: Object.keys(columns), style: { head: [], border: [], compact: true } });
  table.push(...rows.map((row) => Object.values(columns).map((cell) => plain(cell(row) ?? ''))));
  out.write(`${table.toString()}\n`);
}

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

/** A Chinese character takes two columns of a terminal. */
const widthOf = (text: string): number => text.length + (text.match(/\p{Script=Han}/gu)?.length ?? 0);

export function writeSection<Row>(
  env: CliEnvironment,
  title: string,
  rows: readonly Row[],
  columns: Columns<Row>,
): void {
  if (rows.length === 0) return;
  env.stdout.write(`\n${strong(env, title)}\n`);
  writeTable(env.stdout, rows, columns);
}

export function writeJson(env: CliEnvironment, value: unknown): void {
  env.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export const strong = (env: CliEnvironment, text: string): string => painted(env, 'bold', text);

/** Select Graphic Rendition (ECMA-48): on, and off again. */
const STYLES = { bold: [1, 22], red: [31, 39], green: [32, 39] } as const;

/** Node's `styleText` would ask standard output, whatever this output is. */
export function painted(env: CliEnvironment, style: keyof typeof STYLES, text: string): string {
  const [on, off] = STYLES[style];
  return env.colour === true ? `\u001b[${on}m${text}\u001b[${off}m` : text;
}

export const yuan = formatYuan;

/** RFC 3339 to the second, in UTC: nobody decides by milliseconds. */
export const time = (at: string | null): string => (at === null ? '' : at.replace(/\.\d+Z$/, 'Z'));

/** `2026-03-01 18:05:09`, in Beijing, as days of bills are: whoever shows it says so. */
export const beijing = (at: string | null): string => (at === null ? '' : beijingTime(new Date(at)));

/** How long ago, in its two largest units: `3h12m`. The future is `0s`. */
export function age(at: string, now: Date): string {
  const seconds = Math.floor((now.getTime() - Date.parse(at)) / SECOND);
  return duration(seconds * SECOND, 'short');
}

export const plain = plainText;
