import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import type { Logger } from 'pino';
import { csvHead, csvLines, type CsvColumns } from '../../base/csv.js';
import { describeError } from '../../base/describe-error.js';

const CSV = 'text/csv';
const JSON_TYPE = 'application/json';

/** JSON unless `Accept` prefers CSV. */
export const wantsCsv = (c: Context): boolean =>
  accepts(c, { header: 'Accept', supports: [JSON_TYPE, CSV], default: JSON_TYPE }) === CSV;

/** `name` becomes the file's, without its ending: letters, digits and hyphens alone. */
export const csvHeaders = (name: string) => ({
  'Content-Type': `${CSV}; charset=utf-8`,
  'Content-Disposition': `attachment; filename="${name}.csv"`,
});

/** One answer in two forms. */
export const jsonOrCsv = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description: `${description} As CSV with \`Accept: text/csv\`.`,
  content: { [JSON_TYPE]: { schema }, [CSV]: { schema: z.string() } },
});

type CsvFile<Row> = {
  readonly name: string;
  readonly columns: CsvColumns<Row>;
  readonly pages: AsyncGenerator<readonly Row[], void>;
  readonly log: Pick<Logger, 'warn'>;
};

/**
 * A file of any length: pages are read as fast as the client takes them. The first is read before the answer begins, so that what
 * refuses it is told; what fails later breaks the connection off, so that no file looks whole that is not.
 */
export async function csvFile<Row>(c: Context, { name, columns, pages, log }: CsvFile<Row>): Promise<Response> {
  let page = await pages.next();
  const encoder = new TextEncoder();
  let text = csvHead(columns);
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!page.done) text += csvLines(page.value, columns);
        if (text !== '') controller.enqueue(encoder.encode(text));
        text = '';
        if (page.done) controller.close();
        else page = await pages.next().catch((error: unknown) => broken(log, error));
      },
      async cancel() {
        await pages.return();
      },
    },
    { highWaterMark: 0 },
  );
  return c.body(body, 200, csvHeaders(name));
}

function broken(log: Pick<Logger, 'warn'>, error: unknown): never {
  log.warn({ error: describeError(error) }, 'a file broke off');
  throw new Error('The file broke off');
}
