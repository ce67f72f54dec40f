import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const sandboxMerchant = z.object({
  mchid: z.string(),
  appid: z.string(),
  serialNo: z.string(),
  privateKeyPem: z.string(),
  apiV3Key: z.string(),
  publicKeyId: z.string(),
  publicKeyPem: z.string(),
});
type SandboxMerchant = z.infer<typeof sandboxMerchant>;

/**
 * Writes `<home>/merchants.json` and the key files it names for every merchant of the sandbox at `sandboxUrl`. Keys are
 * readable by their owner only. Answers the file's path.
 */
export async function writeSandboxMerchants(home: string, sandboxUrl: string): Promise<string> {
  const listed = await fetch(`${sandboxUrl}/sandbox/merchants`);
  const merchants = z.array(sandboxMerchant).parse(await listed.json());
  const entries = await Promise.all(merchants.map((merchant) => writeMerchant(home, sandboxUrl, merchant)));
  const file = join(home, 'merchants.json');
  await writeFile(file, `${JSON.stringify({ merchants: entries }, null, 2)}\n`, { mode: 0o600 });
  return file;
}

async function writeMerchant(home: string, gatewayUrl: string, merchant: SandboxMerchant) {
  const { mchid, appid, serialNo, publicKeyId } = merchant;
  const folder = join('keys', mchid);
  await mkdir(join(home, folder), { recursive: true, mode: 0o700 });
  const keep = async (name: string, content: string): Promise<string> => {
    await writeFile(join(home, folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  return {
    mchid,
    protocol: 'v3',
    appids: { native: appid, jsapi: appid, miniProgram: appid, app: appid, h5: appid },
    serialNo,
    privateKeyFile: await keep('apiclient_key.pem', merchant.privateKeyPem),
    apiV3KeyFile: await keep('api_v3_key', merchant.apiV3Key),
    publicKeyId,
    publicKeyFile: await keep('pub_key.pem', merchant.publicKeyPem),
    gatewayUrl,
  };
}
