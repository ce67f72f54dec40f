import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

export const authoritySchema = z.object({ certificatePem: z.string(), privateKeyPem: z.string() });

const platformCertificateSchema = z.object({
  serialNo: z.string(),
  certificatePem: z.string(),
  privateKeyPem: z.string(),
  /** Real time, ms since the epoch. */
  effectiveAt: z.number(),
  expiresAt: z.number(),
});

/** `named`: the key that the prepay or refund request named; a number: the share signed with the public key. */
export const notifySigningSchema = z.union([
  z.literal('named'),
  z.literal('publicKey'),
  z.literal('certificate'),
  z.number().min(0).max(1),
]);

export const protocolSchema = z.enum(['v3', 'v2']);

export const merchantRowSchema = z.object({
  mchid: z.string(),
  /** The API that its clients are set up for; both are served to every merchant. */
  protocol: protocolSchema.default('v3'),
  appid: z.string(),
  moreAppids: z.array(z.string()).default([]),
  serialNo: z.string(),
  privateKeyPem: z.string(),
  certificatePem: z.string(),
  apiV3Key: z.string(),
  apiV2Key: z.string(),
  publicKeyId: z.string(),
  publicKeyPem: z.string(),
  publicKeyPrivatePem: z.string(),
  /** Oldest first. */
  platformCertificates: z.array(platformCertificateSchema).min(1),
  notifySigning: notifySigningSchema,
  limits: z.record(z.string(), z.number()),
});

export type Authority = z.infer<typeof authoritySchema>;
export type PlatformCertificate = z.infer<typeof platformCertificateSchema>;
export type MerchantRow = z.infer<typeof merchantRowSchema>;

/** At least one; the first is the default. */
export const appidsOf = ({ appid, moreAppids }: MerchantRow): string[] => [appid, ...moreAppids];

/** The credentials that the merchant platform's pages show, as `GET /sandbox/merchant` answers them. */
export function credentialsOf(row: MerchantRow, authorityPem: string) {
  const platform = row.platformCertificates.at(-1);
  return {
    mchid: row.mchid,
    protocol: row.protocol,
    appid: row.appid,
    appids: appidsOf(row),
    serialNo: row.serialNo,
    privateKeyPem: row.privateKeyPem,
    certificatePem: row.certificatePem,
    apiV3Key: row.apiV3Key,
    apiV2Key: row.apiV2Key,
    publicKeyId: row.publicKeyId,
    publicKeyPem: row.publicKeyPem,
    platformSerialNo: platform?.serialNo ?? '',
    platformCertificatePem: platform?.certificatePem ?? '',
    secapiCaPem: authorityPem,
  };
}

/** The first merchant's files are in `dir` itself, the others' in a folder named by their mchid. */
export async function writeCredentials(
  dir: string,
  row: MerchantRow,
  authorityPem: string,
  isFirst: boolean,
): Promise<void> {
  const folder = isFirst ? dir : join(dir, row.mchid);
  const credentials = credentialsOf(row, authorityPem);
  const files = {
    'apiclient_key.pem': credentials.privateKeyPem,
    'apiclient_cert.pem': credentials.certificatePem,
    'pub_key.pem': credentials.publicKeyPem,
    'platform_cert.pem': credentials.platformCertificatePem,
    'secapi_ca.pem': credentials.secapiCaPem,
    'merchant.json': `${JSON.stringify(credentials, null, 2)}\n`,
  };
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeWhole(join(folder, name), text);
}

async function writeWhole(file: string, text: string): Promise<void> {
  if (existsSync(file) && (await readFile(file, 'utf8')) === text) return;
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
