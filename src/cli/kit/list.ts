import type { Command } from 'commander';
import { z } from 'zod';
import { csvHead, csvLines, type CsvColumns } from '../../base/csv.js';
import { listed, moreOf, openApi, pagesOf, parsed } from './api.js';
import { CliFailure, EXIT, type CliEnvironment } from './command.js';
import { pageLimit, withPage, type ApiOptions, type PageOptions } from './options.js';
import { writeJson, writeTable } from './output.js';

export type FileOptions = ApiOptions & PageOptions & { readonly csv?: true };

export const withFile = (command: Command): Command =>
  withPage(command).option('--csv', 'all of them, for a spreadsheet');

export type List<Row> = {
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly row: z.ZodType<Row>;
  readonly columns: CsvColumns<Row>;
  readonly table: Readonly<Record<string, (row: Row, env: CliEnvironment) => string | null>>;
};

/** A page as a table or JSON, or all of it as a file, written as it comes. */
export async function writeList<Row>(env: CliEnvironment, options: FileOptions, list: List<Row>): Promise<void> {
  const { csv, json, limit } = options;
  if (csv === true && (json === true || limit !== undefined)) {
    throw new CliFailure(EXIT.usage, '--csv goes with neither --json nor --limit');
  }
  const most = pageLimit(options);
  const api = await openApi(env, options);
  const rows = z.array(list.row);
  if (csv === true) {
    let head = csvHead(list.columns);
    for await (const page of pagesOf(api, list.path, list.query)) {
      env.stdout.write(head + csvLines(parsed(rows, page), list.columns));
      head = '';
    }
    return;
  }
  const page = await listed(api, list.path, list.query, most);
  if (json === true) {
    writeJson(env, page);
    return;
  }
  const items = parsed(rows, page.items);
  const columns = Object.entries(list.table).map(([name, cell]) => [name, (row: Row) => cell(row, env)] as const);
  if (items.length > 0) writeTable(env.stdout, items, Object.fromEntries(columns));
  env.stdout.write(items.length === 0 ? 'There are none.\n' : `${items.length}${moreOf(page)}.\n`);
}
