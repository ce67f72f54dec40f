import Table from 'cli-table3';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { formatYuan } from '../../base/money.js';
import { plainText } from '../../base/text.js';
import { duration, SECOND, zonedTime } from '../../base/time.js';
import type { CliEnvironment, Output } from './command.js';

type Columns<Row> = Readonly<Record<string, (row: Row) => string | null>>;

/** As wide as its content, or as the terminal: then what is longest takes several lines. Without colours. */
export function writeTable<Row>(out: Output, rows: readonly Row[], columns: Columns<Row>): void {
  const head = Object.keys(columns);
  const cells = rows.map((row) => Object.values(columns).map((cell) => plain(cell(row) ?? '')));
  const widths = head.map((name, n) =>
    cells.reduce((widest, row) => Math.max(widest, stringWidth(row[n] ?? '')), stringWidth(name)),
  );
  const narrowed = fitted(widths, out.columns ?? Infinity);
  // By columns of the terminal; the table's own way counts characters, and cuts off what is left of them.
  const wrapped = (row: readonly string[]) => row.map((cell, n) => within(cell, narrowed[n] ?? 0));
  const table = new Table({ head: wrapped(head), style: { head: [], border: [], compact: true } });
  for (const row of cells) table.push(wrapped(row));
  out.write(`${table.toString()}\n`);
}

const within = (cell: string, width: number): string =>
  stringWidth(cell) <= width ? cell : wrapAnsi(cell, width, { hard: true });

/** A blank on either side of a cell. */
const PADDING = 2;
/** A column that others are narrowed for: what is left of it can still be read. */
const NARROWEST = 8;

/** The widest columns are narrowed until all of them, with their borders, take so many columns of the terminal. */
function fitted(widths: readonly number[], available: number): readonly number[] {
  const narrowed = [...widths];
  const taken = () => narrowed.reduce((sum, width) => sum + width + PADDING + 1, 1);
  for (let widest = Math.max(...narrowed); taken() > available && widest > NARROWEST; widest = Math.max(...narrowed))
    narrowed[narrowed.indexOf(widest)] = widest - 1;
  return narrowed;
}

export function writeFacts(
  env: CliEnvironment,
  title: string,
  facts: readonly (readonly [string, string | null])[],
): void {
  const known = facts.filter((fact): fact is readonly [string, string] => fact[1] !== null && fact[1] !== '');
  const width = Math.max(...known.map(([name]) => stringWidth(name)));
  env.stdout.write(`${strong(env, plain(title))}\n`);
  for (const [name, value] of known) {
    env.stdout.write(`  ${name}${' '.repeat(width - stringWidth(name))}  ${plain(value)}\n`);
  }
}

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

/** `2026-03-01 18:05:09+08`: of Beijing, as cards, pages and the days of bills are. */
export const time = (at: string | null): string => (at === null ? '' : zonedTime(new Date(at)));

/** How long ago, in its two largest units: `3h12m`. The future is `0s`. */
export function age(at: string, now: Date): string {
  const seconds = Math.floor((now.getTime() - Date.parse(at)) / SECOND);
  return duration(seconds * SECOND, 'short');
}

export const plain = plainText;
