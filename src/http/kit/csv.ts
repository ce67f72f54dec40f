import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';

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
