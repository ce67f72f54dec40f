import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate } from '../../../src/sandbox/identity/certificate.js';

const DAY_MS = 86_400_000;

/** None of these may ever be printed. */
export const CANARIES = {
  apiV3Key: 'canaryCanaryCanaryCanaryCanary32',
  apiV2Key: 'canary2Canary2Canary2Canary2Can2',
  webhookSecret: `whsec_${Buffer.from('canary-of-the-webhook-secret-32b').toString('base64')}`,
} as const;

export const rsaKey = (bits = 2_048): string =>
  generateKeyPairSync('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;

export const publicOf = (privateKeyPem: string): string =>
  createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString();

const name = { commonName: 'test', organization: 'test', unit: 'test' };

/** Signed by itself; `days` from now it ends. */
export function certificateOf(
  privateKeyPem: string,
  { days = 400, from = -10, commonName = name.commonName } = {},
): { serialNo: string; pem: string } {
  return issueCertificate({
    subject: { ...name, commonName },
    issuer: { ...name, commonName },
    publicKeyPem: publicOf(privateKeyPem),
    issuerPrivateKeyPem: privateKeyPem,
    authority: false,
    notBefore: new Date(Date.now() + from * DAY_MS),
    notAfter: new Date(Date.now() + days * DAY_MS),
  });
}

export const OWN_KEY = rsaKey();
export const OWN_CERTIFICATE = certificateOf(OWN_KEY);
export const WECHAT_KEY = rsaKey();

/** A merchant of whom everything is right. */
export const VALID = {
  mchid: '1900000001',
  protocol: 'v3',
  appids: { native: 'wx0123456789abcdef' },
  serialNo: OWN_CERTIFICATE.serialNo,
  privateKeyFile: 'apiclient_key.pem',
  apiV3KeyFile: 'api_v3_key',
  publicKeyId: 'PUB_KEY_ID_0119000000012026010100000000001234',
  publicKeyFile: 'pub_key.pem',
  gatewayUrl: 'https://api.mch.weixin.qq.com',
};

const V2_MCHID = '1900000002';

/** A merchant of API v2 of whom everything is right. */
export const VALID_V2 = {
  mchid: V2_MCHID,
  protocol: 'v2',
  appids: VALID.appids,
  apiV2KeyFile: 'api_v2_key',
  certificateFile: 'v2_cert.pem',
  privateKeyFile: 'apiclient_key.pem',
  gatewayUrl: VALID.gatewayUrl,
};

export type MerchantFolder = {
  readonly path: string;
  /** Files that only their owner may read, unless told otherwise. */
  write(files: Readonly<Record<string, string>>, mode?: number): Promise<void>;
  remove(): Promise<void>;
};

export async function merchantFolder(): Promise<MerchantFolder> {
  const path = await mkdtemp(join(tmpdir(), 'doctor-'));
  const folder: MerchantFolder = {
    path,
    async write(files, mode = 0o600) {
      for (const [file, text] of Object.entries(files)) {
        await rm(join(path, file), { force: true });
        await writeFile(join(path, file), text, { mode });
      }
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
  await folder.write({
    'apiclient_key.pem': OWN_KEY,
    'apiclient_cert.pem': OWN_CERTIFICATE.pem,
    'v2_cert.pem': certificateOf(OWN_KEY, { commonName: V2_MCHID }).pem,
    'pub_key.pem': publicOf(WECHAT_KEY),
    api_v3_key: `${CANARIES.apiV3Key}\n`,
    api_v2_key: `${CANARIES.apiV2Key}\n`,
    webhook_secret: `${CANARIES.webhookSecret}\n`,
  });
  return folder;
}
