import { valueAt, type Header } from './header.js';
import type { Row } from './rows.js';
import { BillUnreadable } from './unreadable.js';
import { isToken, isWord, parseBeijingTime, parseDecimal, unescaped } from './values.js';

/** Reads one column of a row. Throws {@link BillUnreadable} for a value that does not fit. */
export type Field<T> = (row: Row) => T;

/** The columns of one header by name; a column that is not there is a {@link BillUnreadable}. */
export function fieldsOf(header: Header) {
  const field =
    <T>(parse: (value: string) => T | undefined) =>
    (name: string): Field<T> => {
      const index = header.column(name);
      return (row) => {
        const parsed = parse(valueAt(row, index));
        if (parsed === undefined) throw new BillUnreadable('bad_value', row.lineNo, name);
        return parsed;
      };
    };
  const fen = field((value) => notNegative(parseDecimal(value, FEN)));

  return {
    /** Of at least one character. */
    token: field((value) => (isToken(value) ? value : undefined)),
    /** Possibly empty. */
    word: field((value) => (isWord(value) ? value : undefined)),
    text: field(unescaped),
    time: field(parseBeijingTime),
    count: field((value) => notNegative(parseDecimal(value, 0))),
    fen,
    signedFen: field((value) => parseDecimal(value, FEN)),
    /** May be negative. */
    millifen: field((value) => parseDecimal(value, MILLIFEN)),
    fenIfThere: (name: string): Field<number | null> => (header.has(name) ? fen(name) : () => null),
    oneOf: <T>(words: ReadonlyMap<string, T>) => field((value) => words.get(value)),
    rest: (known: ReadonlySet<string>) => restOf(header, known),
  };
}

/** Places after the point of a yuan. */
const FEN = 2;
const MILLIFEN = 5;

const notNegative = (value: number | undefined): number | undefined =>
  value === undefined || value < 0 ? undefined : value;

const NOTHING: Readonly<Record<string, string>> = {};

/** What stands in the other columns, by their names. */
function restOf(header: Header, known: ReadonlySet<string>): Field<Readonly<Record<string, string>>> {
  const columns = header.columns.filter(({ name }) => !known.has(name));
  if (columns.length === 0) return () => NOTHING;
  return (row) =>
    Object.fromEntries(
      columns
        .map(({ name, index }) => [name, unescaped(valueAt(row, index))] as const)
        .filter(([, value]) => value !== ''),
    );
}
