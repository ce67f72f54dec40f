import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { failed, type Finding } from '../check.js';
import { codeOf } from '../key-file.js';

const text = z.string().min(1).optional().catch(undefined);
const texts = z.array(z.string()).catch([]);
const record = z.record(z.string(), z.unknown()).catch({});

/** A wrong field is absent, so that the others are checked all the same. */
const entrySchema = z.object({
  mchid: z.string().catch('(no mchid)'),
  protocol: z.enum(['v3', 'v2']).catch('v3'),
  appids: record,
  privateKeyFile: text,
  apiV2KeyFile: text,
  gatewayUrl: text,
  gatewayUrls: z.array(z.string()).optional().catch(undefined),
  /** Of API v3. */
  serialNo: text,
  apiV3KeyFile: text,
  publicKeyId: text,
  publicKeyFile: text,
  platformCertificateFiles: texts,
  codeScan: z.enum(['v3', 'v2']).optional().catch(undefined),
  /** Of API v2, and of code scan over it. */
  certificateFile: text,
  signType: text,
  secapiUrl: text,
  secapiCaFile: text,
  limits: record,
  display: z.object({ logoFile: text }).optional().catch(undefined),
  returnOrigins: texts,
  webhook: z.object({ url: text, secretFiles: texts, allowedPrivateRanges: texts }).optional().catch(undefined),
});

type Entry = z.infer<typeof entrySchema>;

export type Place = { readonly entry: Entry; readonly folder: string };

/** Throws for what is no merchants file at all. */
export type RawMerchants = (file: string) => Promise<readonly unknown[]>;

/** None for such a file: the check of the configuration names it. */
export async function readEntries(rawMerchants: RawMerchants, file: string): Promise<readonly Place[]> {
  const merchants = await rawMerchants(file).catch(() => []);
  const entries = z.array(entrySchema).safeParse(merchants).data ?? [];
  return entries.map((entry) => ({ entry, folder: dirname(file) }));
}

export const pathOf = ({ folder }: Place, name: string): string => resolve(folder, name);

export const readKeyFile = (place: Place, name: string, setting: string): Promise<string | Finding> =>
  readFile(pathOf(place, name), 'utf8').catch((error: unknown) =>
    failed(
      `${setting} cannot be read (${codeOf(error)})`,
      `Put the file where ${setting} says, readable for the user PaySaga runs as.`,
    ),
  );
