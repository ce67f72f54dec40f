import { parseYuan, yuan } from './money.js';

/** A bill before it is written. Its lines are made anew each time they are read. */
export interface Bill {
  columns: readonly string[];
  lines: readonly Line[];
  totals: readonly Total[];
}

export interface Line {
  outTradeNo: string;
  cells(): Cells;
}

/** By the names of their columns. */
export type Cells = Readonly<Record<string, string>>;

/** How a fault changes the lines of a bill. */
export interface LineFault {
  kind: 'missingLine' | 'extraLine' | 'alteredLine';
  /** Which line: of this trade, or of the whole bill, the `line`th. */
  outTradeNo?: string | undefined;
  line?: number | undefined;
  cells?: Cells | undefined;
  /** Whether the summary adds up the lines of the file or those of the books. */
  summary: 'lines' | 'books';
}

/** The file: UTF-8 with a byte order mark and CRLF, a backtick before every value. In pieces of about 64 KB. */
export function* chunksOf(bill: Bill, fault?: LineFault): Generator<Buffer> {
  let rows: string[] = [];
  let length = 0;
  for (const row of rowsOf(bill, fault)) {
    rows.push(row, '\r\n');
    length += row.length;
    if (length < 32_768) continue;
    yield Buffer.from(rows.join(''));
    rows = [];
    length = 0;
  }
  yield Buffer.from(rows.join(''));
}

function* rowsOf({ columns, lines, totals }: Bill, fault?: LineFault): Generator<string> {
  const sums = totals.map(() => 0n);
  const add = (cells: Cells) => totals.forEach((total, index) => (sums[index] = (sums[index] ?? 0n) + total.of(cells)));
  const struck = fault && indexOfLine(lines, fault);
  yield `\uFEFF${columns.join(',')}`;
  for (const [index, line] of lines.entries()) {
    const own = line.cells();
    const written = fault && index === struck ? bent(own, fault) : [own];
    for (const cells of written) yield values(columns.map((column) => cells[column] ?? ''));
    for (const cells of fault?.summary === 'books' ? [own] : written) add(cells);
  }
  yield totals.map(({ name }) => name).join(',');
  yield values(totals.map((total, index) => total.print(sums[index] ?? 0n)));
}

const values = (cells: readonly string[]): string => cells.map((cell) => `\`${cell}`).join(',');

function bent(own: Cells, { kind, cells }: LineFault): Cells[] {
  switch (kind) {
    case 'missingLine':
      return [];
    case 'extraLine':
      return [own, { ...own, ...cells }];
    case 'alteredLine':
      return [{ ...own, ...cells }];
    default:
      return kind satisfies never;
  }
}

/** The `line`th of this trade, or of all; -1 when there is none. */
export function indexOfLine(
  lines: readonly Line[],
  { outTradeNo, line = 1 }: Pick<LineFault, 'outTradeNo' | 'line'>,
): number {
  let left = line;
  return lines.findIndex((candidate) => {
    if (outTradeNo === undefined || candidate.outTradeNo === outTradeNo) left -= 1;
    return left === 0;
  });
}

/** A column of the summary. */
export interface Total {
  name: string;
  of(cells: Cells): bigint;
  print(sum: bigint): string;
}

export const count = (name: string, counts: (cells: Cells) => boolean = () => true): Total => ({
  name,
  of: (cells) => (counts(cells) ? 1n : 0n),
  print: String,
});

export const sumOf = (
  name: string,
  column: string,
  decimals: 2 | 5 = 2,
  counts: (cells: Cells) => boolean = () => true,
): Total => ({
  name,
  of: (cells) => (counts(cells) ? parseYuan(cells[column] ?? '') : 0n),
  print: (sum) => yuan(sum, decimals),
});

/** A comma would end the value and a newline the row. */
export const escaped = (text: string): string =>
  text.replaceAll(',', '\\ ').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
