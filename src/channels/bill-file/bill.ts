import { columnNames, readHeader, startsWithBacktick, type Header } from './header.js';
import { rowsOf, type Row } from './rows.js';
import { BillUnreadable } from './unreadable.js';

/** What stands below one kind of header. Throws {@link BillUnreadable}, as do its readers, for rows as wide as the header. */
export type Table<Line> = {
  /** Its columns, as far as this build knows them. */
  readonly names: ReadonlySet<string>;
  readonly reader: (header: Header) => (row: Row) => Line;
};

export type BillFormat<Line, Summary, Sums> = {
  readonly lines: Table<Line>;
  readonly summaries: Table<Summary>;
  readonly joined: (one: Summary, other: Summary) => Summary;
  readonly noLines: Sums;
  readonly add: (sums: Sums, line: Line) => Sums;
};

/** The last of a bill: its summary, and what its own lines add up to. */
export type BillEnd<Summary, Sums> = { readonly summary: Summary; readonly sums: Sums };

/**
 * The lines of a bill, then its end. A bill is one or several pages, each of a header, lines, the summary's header and a summary;
 * summaries are added up. Throws {@link BillUnreadable} at the first thing that does not fit: nothing counts before the end is there.
 */
export async function* readBill<Line, Summary, Sums>(
  bytes: AsyncIterable<Uint8Array>,
  format: BillFormat<Line, Summary, Sums>,
): AsyncGenerator<Line | BillEnd<Summary, Sums>> {
  let page: Page<Line, Summary> | undefined;
  let summary: Summary | undefined;
  let isSummedUp = false;
  let sums = format.noLines;
  let lineNo = 1;
  for await (const rows of rowsOf(bytes)) {
    for (const row of rows) {
      if (isEmpty(row)) continue;
      lineNo = row.lineNo;
      const opened = pageOf(format, row);
      if (opened !== undefined) {
        [page, isSummedUp] = [opened, false];
        continue;
      }
      if (page === undefined) throw new BillUnreadable('no_header', lineNo);
      if (row.values.length !== page.width) throw new BillUnreadable('value_count', lineNo);
      if (page.kind === 'lines') {
        const line = page.read(row);
        sums = format.add(sums, line);
        yield line;
      } else {
        const said = page.read(row);
        summary = summary === undefined ? said : format.joined(summary, said);
        isSummedUp = true;
      }
    }
  }
  if (page === undefined) throw new BillUnreadable('empty', 1);
  if (summary === undefined || !isSummedUp) throw new BillUnreadable('cut_off', lineNo);
  yield { summary, sums };
}

type Page<Line, Summary> =
  | { readonly kind: 'lines'; readonly width: number; readonly read: (row: Row) => Line }
  | { readonly kind: 'summaries'; readonly width: number; readonly read: (row: Row) => Summary };

const isEmpty = ({ values }: Row): boolean => values.length === 1 && values[0] === '';

/** A merchant's text may be the name of a column, and a file may have lost its backticks: a header has as many known names. */
const NAMES_OF_A_HEADER = 3;

/** `undefined`: no header, so a line of the page before it. */
function pageOf<Line, Summary>(
  { lines, summaries }: Pick<BillFormat<Line, Summary, unknown>, 'lines' | 'summaries'>,
  row: Row,
): Page<Line, Summary> | undefined {
  if (startsWithBacktick(row)) return undefined;
  const names = columnNames(row.values);
  const isHeaderOf = ({ names: known }: Table<unknown>): boolean =>
    names.filter((name) => known.has(name)).length >= NAMES_OF_A_HEADER;
  const width = names.length;
  if (isHeaderOf(lines)) return { kind: 'lines', width, read: lines.reader(readHeader(row)) };
  if (isHeaderOf(summaries)) return { kind: 'summaries', width, read: summaries.reader(readHeader(row)) };
  return undefined;
}
