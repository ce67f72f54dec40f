import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Mchid } from '../../base/ids.js';
import { GATEWAY_APIS, type GatewayApi } from '../../orders/rules/gateway-answer.js';
import { gatewayUrlFields, gatewayUrlsOf, type GatewayUrls } from '../gateway-urls.js';
import {
  isPublicKeyId,
  parseApiV3Key,
  parseCertificate,
  parsePrivateKey,
  parsePublicKey,
  type KeyFiles,
} from '../key-material.js';
import {
  codeScanFields,
  loadV2Credentials,
  loadV2Key,
  type WechatPayV2Credentials,
} from '../wechatpay-v2/credentials.js';

export type WechatPayV3Credentials = {
  readonly protocol: 'v3';
  readonly mchid: Mchid;
  /** Of the signer's own API certificate: 40 hex digits, upper case. */
  readonly serialNo: string;
  readonly privateKey: KeyObject;
  /** Exactly 32 bytes; opens notifies and platform certificates. */
  readonly apiV3Key: string;
  /** Opens refund notifies of API v2, which tell of refunds made in the merchant platform. */
  readonly apiV2Key?: KeyObject | undefined;
  /** Charges payers' codes over API v2. */
  readonly codeScanV2?: WechatPayV2Credentials | undefined;
  /** By platform certificate serial or `PUB_KEY_ID_…`; both kinds while WeChat Pay moves from one to the other. */
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
  /** Sent as `Wechatpay-Serial`, so that this key signs the answer; absent in certificate mode. */
  readonly requestSerial: string | undefined;
  readonly gatewayUrls: GatewayUrls;
  /** Calls per second of all workers together; an API without a number has the default. */
  readonly limits: Readonly<Partial<Record<GatewayApi, number>>>;
};

const path = z.string().min(1);

export const credentialFields = {
  serialNo: z.string().regex(/^[0-9A-Fa-f]{1,64}$/, 'must be the hexadecimal serial number of the API certificate'),
  privateKeyFile: path,
  /** WeChat Pay sends no notify to a merchant without this key. */
  apiV3KeyFile: path,
  apiV2KeyFile: path.optional(),
  ...codeScanFields,
  codeScan: z.enum(['v2', 'v3']).optional(),
  publicKeyId: z.string().refine(isPublicKeyId, 'must be the ID that begins with PUB_KEY_ID_').optional(),
  publicKeyFile: path.optional(),
  platformCertificateFiles: z.array(path).default([]),
  ...gatewayUrlFields,
  limits: z.partialRecord(z.enum(GATEWAY_APIS), z.number().positive()).default({}),
};

type CredentialEntry = z.infer<z.ZodObject<typeof credentialFields>>;

/** Rejects with a problem of `files` for the first field that cannot be used. */
export async function loadCredentials(
  mchid: Mchid,
  entry: CredentialEntry,
  files: KeyFiles,
): Promise<WechatPayV3Credentials> {
  const privateKey = await files.read('privateKeyFile', entry.privateKeyFile, PRIVATE_KEY);
  return {
    protocol: 'v3',
    mchid,
    serialNo: entry.serialNo.toUpperCase(),
    privateKey,
    apiV3Key: await files.read('apiV3KeyFile', entry.apiV3KeyFile, API_V3_KEY),
    apiV2Key: await loadV2Key(entry.apiV2KeyFile, files),
    codeScanV2: await loadCodeScan(mchid, entry, files),
    publicKeys: await loadPublicKeys(files, entry, createPublicKey(privateKey)),
    requestSerial: entry.publicKeyId,
    gatewayUrls: gatewayUrlsOf(entry, files),
    limits: entry.limits,
  };
}

async function loadCodeScan(
  mchid: Mchid,
  { codeScan, apiV2KeyFile, certificateFile, ...entry }: CredentialEntry,
  files: KeyFiles,
): Promise<WechatPayV2Credentials | undefined> {
  if (codeScan !== 'v2') return undefined;
  if (apiV2KeyFile === undefined) throw files.problem('apiV2KeyFile', 'is needed for codeScan: v2');
  if (certificateFile === undefined) throw files.problem('certificateFile', 'is needed for codeScan: v2');
  return loadV2Credentials(mchid, { ...entry, apiV2KeyFile, certificateFile }, files);
}

/** WeChat Pay's public key and certificates. Without any, certificates are downloaded with the API v3 key. */
async function loadPublicKeys(
  files: KeyFiles,
  entry: CredentialEntry,
  own: KeyObject,
): Promise<Map<string, KeyObject>> {
  const keys = new Map<string, KeyObject>();
  const add = (field: string, serial: string, key: KeyObject): void => {
    // The commonest mistake: the merchant's own certificate in the place of WeChat Pay's.
    if (key.equals(own)) throw files.problem(field, "is the merchant's own key, not WeChat Pay's");
    keys.set(serial, key);
  };
  if ((entry.publicKeyId === undefined) !== (entry.publicKeyFile === undefined)) {
    throw files.problem('publicKeyId', 'and publicKeyFile go together');
  }
  if (entry.publicKeyId !== undefined && entry.publicKeyFile !== undefined) {
    add('publicKeyFile', entry.publicKeyId, await files.read('publicKeyFile', entry.publicKeyFile, PUBLIC_KEY));
  }
  for (const [index, name] of entry.platformCertificateFiles.entries()) {
    const field = `platformCertificateFiles[${index}]`;
    const certificate = await files.read(field, name, CERTIFICATE);
    add(field, certificate.serialNo, certificate.publicKey);
  }
  return keys;
}

const PRIVATE_KEY = { parse: parsePrivateKey, otherwise: 'is not an RSA private key in PEM form' };
const PUBLIC_KEY = { parse: parsePublicKey, otherwise: 'is not an RSA public key in PEM form' };
const CERTIFICATE = { parse: parseCertificate, otherwise: 'is not an X.509 certificate in PEM form' };
const API_V3_KEY = { parse: parseApiV3Key, otherwise: 'must hold exactly 32 bytes' };
