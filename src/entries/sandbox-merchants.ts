import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile, writeOnce } from '../embedded/write-file.js';
import { LOOPBACK_RANGES } from '../webhooks/address.js';
import { isReal, rawMerchants } from './merchants.js';

const sandboxMerchant = z.object({
  mchid: z.string(),
  protocol: z.enum(['v3', 'v2']),
  appids: z.array(z.string()).min(1),
  serialNo: z.string(),
  privateKeyPem: z.string(),
  certificatePem: z.string(),
  apiV3Key: z.string(),
  apiV2Key: z.string(),
  publicKeyId: z.string(),
  publicKeyPem: z.string(),
  secapiUrl: z.string(),
  secapiCaPem: z.string(),
});
type SandboxMerchant = z.infer<typeof sandboxMerchant>;

/**
 * Writes `<home>/merchants.json` and its key files for every merchant of the sandbox, and answers the file's path. Webhook
 * secrets that are there stay; with a `webhookUrl` all shops listen there.
 */
export async function writeSandboxMerchants(home: string, sandboxUrl: string, webhookUrl?: string): Promise<string> {
  const listed = await fetch(`${sandboxUrl}/sandbox/merchants`);
  const merchants = z.array(sandboxMerchant).parse(await listed.json());
  const entries = await Promise.all(
    merchants.map(async (merchant) => ({
      ...(await writeMerchant(home, sandboxUrl, merchant)),
      ...(await writeWebhook(home, merchant, webhookUrl)),
    })),
  );
  const file = join(home, 'merchants.json');
  await writeFile(file, `${JSON.stringify({ merchants: entries }, null, 2)}\n`, { mode: 0o600 });
  return file;
}

/** Another merchant of the sandbox, whose clients speak this API. */
export async function addSandboxMerchant(sandboxUrl: string, protocol: 'v3' | 'v2'): Promise<void> {
  const body = JSON.stringify({ protocol });
  const headers = { 'content-type': 'application/json' };
  const { ok, status } = await fetch(`${sandboxUrl}/sandbox/merchants`, { method: 'POST', headers, body });
  if (!ok) throw new Error(`the sandbox made no merchant (${status})`);
}

async function writeMerchant(home: string, gatewayUrl: string, merchant: SandboxMerchant) {
  const { mchid, protocol, appids: all } = merchant;
  const appids = all.length === 1 ? all[0] : all;
  const folder = folderOf(merchant);
  await mkdir(join(home, folder), { recursive: true, mode: 0o700 });
  const keep: Keep = async (name, content) => {
    await writeFile(join(home, folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  return {
    mchid,
    protocol,
    appids: { native: appids, jsapi: appids, miniProgram: appids, app: appids, h5: appids },
    privateKeyFile: await keep('apiclient_key.pem', merchant.privateKeyPem),
    gatewayUrl,
    ...(protocol === 'v3' ? await v3Credentials(merchant, keep) : await v2Credentials(merchant, keep)),
  };
}

/** Writes a file of the merchant's, and answers its path in the merchants file. */
type Keep = (name: string, content: string) => Promise<string>;

const v3Credentials = async (merchant: SandboxMerchant, keep: Keep) => ({
  codeScan: 'v3',
  serialNo: merchant.serialNo,
  apiV3KeyFile: await keep('api_v3_key', merchant.apiV3Key),
  publicKeyId: merchant.publicKeyId,
  publicKeyFile: await keep('pub_key.pem', merchant.publicKeyPem),
  apiV2KeyFile: await keep('api_v2_key', merchant.apiV2Key),
});

const v2Credentials = async (merchant: SandboxMerchant, keep: Keep) => ({
  codeScan: 'v2',
  apiV2KeyFile: await keep('api_v2_key', merchant.apiV2Key),
  certificateFile: await keep('apiclient_cert.pem', merchant.certificatePem),
  secapiUrl: merchant.secapiUrl,
  secapiCaFile: await keep('secapi_ca.pem', merchant.secapiCaPem),
});

async function writeWebhook(home: string, merchant: Named, url: string | undefined) {
  const secretFile = join(folderOf(merchant), 'webhook_secret');
  await writeOnce(join(home, secretFile), `whsec_${randomBytes(32).toString('base64')}\n`, 0o600);
  if (url === undefined) return {};
  return { webhook: { url, secretFiles: [secretFile], allowedPrivateRanges: LOOPBACK_RANGES } };
}

type Named = Pick<SandboxMerchant, 'mchid'>;

const folderOf = ({ mchid }: Named): string => join('keys', mchid);

const written = z.looseObject({
  mchid: z.string(),
  webhook: z.looseObject({ url: z.string() }).optional(),
});

/**
 * From now on all shops listen here whose merchants in `<home>/merchants.json` are a sandbox's. Nothing else that the file says
 * changes. Throws MerchantsFileError.
 */
export async function moveWebhooks(home: string, url: string): Promise<void> {
  const file = join(home, 'merchants.json');
  const merchants = await Promise.all(
    (await rawMerchants(file)).map(async (raw) => {
      const { data: merchant } = written.safeParse(raw);
      if (merchant === undefined || isReal(raw) || merchant.webhook?.url === url) return raw;
      const { webhook } = await writeWebhook(home, merchant, url);
      return { ...merchant, webhook: { ...webhook, ...merchant.webhook, url } };
    }),
  );
  await replaceFile(file, `${JSON.stringify({ merchants }, null, 2)}\n`, 0o600);
}
