import { formatYuan } from './money.js';

/** Text from anybody; a number; or text of our own making, a date or an amount, that a spreadsheet shall read as what it is. */
export type CsvCell = string | number | null | { readonly plain: string };

export type CsvColumns<Row> = Readonly<Record<string, (row: Row) => CsvCell>>;

/** Without it Excel reads UTF-8 as the code page of its machine. */
export const CSV_BOM = '\ufeff';

/**
 * A file that spreadsheets open right: UTF-8 with a byte order mark, RFC 4180 with a line for the names. Text that a spreadsheet
 * would compute, or read as a number or date and so change, has a `'` before it.
 */
export const csvOf = <Row>(rows: readonly Row[], columns: CsvColumns<Row>): string =>
  csvHead(columns) + csvLines(rows, columns);

/** What a file begins with that is written piece by piece. */
export const csvHead = (columns: CsvColumns<never>): string => CSV_BOM + csvLine(Object.keys(columns));

export function csvLines<Row>(rows: readonly Row[], columns: CsvColumns<Row>): string {
  const cells = Object.values(columns);
  return rows.map((row) => csvLine(cells.map((cell) => cell(row)))).join('');
}

/** An amount of fen in yuan, without its sign of currency. */
export const csvYuan = (amountFen: number | null): CsvCell =>
  amountFen === null ? null : { plain: formatYuan(amountFen).replace('¥', '') };

/** With its end. */
export const csvLine = (cells: readonly CsvCell[]): string => `${cells.map(written).join(',')}\r\n`;

function written(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  return quoted(typeof cell === 'string' ? asText(cell) : cell.plain);
}

/** Whatever a spreadsheet of some country splits at is quoted. */
const quoted = (text: string): string => (/[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const asText = (text: string): string => (isFormula(text) || isChanged(text) ? `'${text}` : text);

/** What a cell may not begin with (OWASP, CSV injection), full-width forms and white space before it included. */
const isFormula = (text: string): boolean => /^[\t\r\n]|^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text);

/** Digits a spreadsheet would cut (it keeps 15, and no zero before them), round, or take for a date or a time. */
const isChanged = (text: string): boolean =>
  /^\s*[0-9][0-9.,:/\s-]*(e[0-9]+)?\s*$/i.test(text) && !/^(0|[1-9][0-9]{0,14})$/.test(text);
