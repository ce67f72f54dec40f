import type { Row } from './rows.js';
import { BillUnreadable } from './unreadable.js';

/** The line above values: where each column stands. */
export type Header = {
  readonly lineNo: number;
  readonly columns: readonly Column[];
  has(name: string): boolean;
  /** Throws {@link BillUnreadable}, as a file without this column. */
  column(name: string): number;
};

type Column = { readonly name: string; readonly index: number };

/** Throws {@link BillUnreadable} where two columns have one name. */
export function readHeader({ lineNo, values }: Row): Header {
  const columns = columnNames(values).map((name, index) => ({ name, index }));
  const places = new Map(columns.map(({ name, index }) => [name, index]));
  if (places.size < columns.length) throw new BillUnreadable('duplicate_column', lineNo);
  return {
    lineNo,
    columns,
    has: (name) => places.has(name),
    column: (name) => {
      const index = places.get(name);
      if (index === undefined) throw new BillUnreadable('missing_column', lineNo, name);
      return index;
    },
  };
}

/** In Chinese and in ASCII parentheses a column is the same. */
export const columnNames = (values: readonly string[]): readonly string[] =>
  values.map((name) => name.trim().replaceAll('（', '(').replaceAll('）', ')'));

const BACKTICK = 0x60;

/** What a value says: each is printed behind a backtick, so that a spreadsheet takes no number for a quantity. */
export function valueAt({ values }: Row, index: number): string {
  const value = values[index] ?? '';
  return value.charCodeAt(0) === BACKTICK ? value.slice(1) : value;
}

export const startsWithBacktick = ({ values }: Row): boolean => values[0]?.charCodeAt(0) === BACKTICK;
