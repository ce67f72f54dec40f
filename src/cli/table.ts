import Table from 'cli-table3';

/** A table as wide as its content, without colours: what a pipe gets is what a terminal shows. */
export function writeTable(
  out: { write(text: string): unknown },
  head: readonly string[],
  rows: readonly string[][],
): void {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  table.push(...rows);
  out.write(`${table.toString()}\n`);
}
