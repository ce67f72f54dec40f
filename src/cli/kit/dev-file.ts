import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../base/parse-json.js';

const schema = z.object({
  apiUrl: z.string(),
  apiKey: z.string(),
  operatorKey: z.string(),
  mchid: z.string(),
  merchants: z.array(
    z.object({ mchid: z.string(), protocol: z.string(), apiKey: z.string(), webhookSecret: z.string().nullable() }),
  ),
  sandboxUrl: z.string(),
  temporalAddress: z.string(),
  temporalUiUrl: z.string().nullable(),
  databaseUrl: z.string(),
});

/** `<home>/dev.json`: the embedded stack that runs in `home`, for scripts and tests to drive. */
export type DevFile = z.infer<typeof schema>;

const partial = schema.partial();

export const devFileOf = (home: string): string => join(home, 'dev.json');

/** `undefined` where no embedded stack runs; empty for a file that is not JSON. */
export async function readDevFile(home: string): Promise<z.infer<typeof partial> | undefined> {
  const text = await readFile(devFileOf(home), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : (partial.safeParse(parseJson(text)).data ?? {});
}
