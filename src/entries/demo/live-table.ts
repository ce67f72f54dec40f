import Table from 'cli-table3';

export type Row = {
  readonly orderNo: string;
  readonly title: string;
  readonly state: string;
  readonly lastEvent: string;
  readonly isAsExpected: boolean;
  readonly seconds: number;
};

/** On a terminal the table is drawn over itself; elsewhere each change is a line, and the table comes once, at the end. */
export function createLiveTable(output: NodeJS.WriteStream) {
  let drawnLines = 0;
  const seen = new Map<string, string>();
  const draw = (text: string): void => {
    if (drawnLines > 0) output.write(`\x1b[${drawnLines}A\x1b[0J`);
    drawnLines = text.split('\n').length;
    output.write(`${text}\n`);
  };
  return {
    /** `note` stands beneath the table. */
    show(rows: readonly Row[], note: string): void {
      if (output.isTTY) {
        draw(fitting(`${render(rows, '  ')}\n${note}`, output));
        return;
      }
      const news = [
        ...rows.map((row) => [row.orderNo, `${row.orderNo}: ${textOf(row)}`] as const),
        ['', note] as const,
      ];
      for (const [key, line] of news.filter(([key, line]) => seen.get(key) !== line)) {
        seen.set(key, line);
        output.write(`${line}\n`);
      }
    },
    finish: (rows: readonly Row[], note: string): void => draw(`${render(rows, '✗ ')}\n${note}`),
  };
}

const textOf = ({ state, lastEvent }: Row): string => (lastEvent === '' ? state : `${state}; told ${lastEvent}`);

function render(rows: readonly Row[], otherwise: string): string {
  const table = new Table({
    head: ['order', 'scenario', 'state', 'last event', 's'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const { orderNo, title, state, lastEvent, isAsExpected, seconds } of rows) {
    table.push([orderNo, title, `${isAsExpected ? '✓ ' : otherwise}${state}`, lastEvent, seconds.toFixed(0)]);
  }
  return table.toString();
}

/** Cuts the table to the screen: a line that wraps, or a table higher than the screen, cannot be drawn over. */
function fitting(text: string, { columns, rows }: NodeJS.WriteStream): string {
  const lines = text.split('\n').map((line) => line.slice(0, orAny(columns)));
  return lines.slice(1 - orAny(rows)).join('\n');
}

/** Some terminals do not know their size. */
const orAny = (size: number | undefined): number => (size !== undefined && size > 1 ? size : Infinity);
