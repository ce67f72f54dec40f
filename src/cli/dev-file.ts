import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.object({
  apiUrl: z.string().optional(),
  operatorKey: z.string().optional(),
  mchid: z.string().optional(),
  temporalAddress: z.string().optional(),
  databaseUrl: z.string().optional(),
});

export type DevFile = z.infer<typeof schema>;

export const devFileOf = (home: string): string => join(home, 'dev.json');

/** What a running embedded stack says of itself; `undefined` where none runs. A file that is not readable says nothing. */
export async function readDevFile(home: string): Promise<DevFile | undefined> {
  const text = await readFile(devFileOf(home), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : (schema.safeParse(jsonOf(text)).data ?? {});
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
