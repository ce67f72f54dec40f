import Table from 'cli-table3';

export type Row = {
  readonly orderNo: string;
  readonly title: string;
  readonly expected: string;
  readonly state: string;
  readonly seconds: number;
};

export type LiveTable = {
  /** Shows the rows as they are now. */
  show(rows: readonly Row[]): void;
  /** The last state, for good. */
  finish(rows: readonly Row[]): void;
};

/** On a terminal the table is drawn over itself; elsewhere each change is a line, and the table comes once, at the end. */
export function createLiveTable(output: NodeJS.WriteStream): LiveTable {
  let drawnLines = 0;
  const seen = new Map<string, string>();
  const draw = (rows: readonly Row[]): void => {
    if (drawnLines > 0) output.write(`\x1b[${drawnLines}A\x1b[0J`);
    const text = `${render(rows)}\n`;
    drawnLines = text.split('\n').length - 1;
    output.write(text);
  };
  return {
    show(rows) {
      if (output.isTTY) draw(rows);
      else
        for (const row of rows.filter(({ orderNo, state }) => seen.get(orderNo) !== state)) {
          seen.set(row.orderNo, row.state);
          output.write(`${row.orderNo}: ${row.state}\n`);
        }
    },
    finish: draw,
  };
}

function render(rows: readonly Row[]): string {
  const table = new Table({ head: ['order', 'scenario', 'state', 'expected', 's'], style: { head: [], border: [] } });
  for (const { orderNo, title, state, expected, seconds } of rows) {
    table.push([orderNo, title, `${state === expected ? '✓ ' : ''}${state}`, expected, seconds.toFixed(0)]);
  }
  return table.toString();
}
