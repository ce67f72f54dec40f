import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appidsOf, type MerchantRow } from './rows.js';

/** What a merchant gets from the merchant platform's pages, as `GET /sandbox/merchant` answers it. */
export function credentialsOf(row: MerchantRow) {
  const platform = row.platformCertificates.at(-1);
  return {
    mchid: row.mchid,
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
  };
}

/** The first merchant's files are in `dir` itself, the others' in a folder named by their mchid. */
export async function writeCredentials(dir: string, row: MerchantRow, isFirst: boolean): Promise<void> {
  const folder = isFirst ? dir : join(dir, row.mchid);
  const credentials = credentialsOf(row);
  await mkdir(folder, { recursive: true });
  const files = {
    'apiclient_key.pem': credentials.privateKeyPem,
    'apiclient_cert.pem': credentials.certificatePem,
    'pub_key.pem': credentials.publicKeyPem,
    'platform_cert.pem': credentials.platformCertificatePem,
    'merchant.json': `${JSON.stringify(credentials, null, 2)}\n`,
  };
  for (const [name, text] of Object.entries(files)) await writeWhole(join(folder, name), text);
}

async function writeWhole(file: string, text: string): Promise<void> {
  if ((await readIfThere(file)) === text) return;
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
