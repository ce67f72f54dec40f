import { X509Certificate, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Mchid } from '../../base/ids.js';
import { GATEWAY_APIS, type GatewayApi } from '../../orders/rules/gateway-answer.js';
import { gatewayUrlFields, gatewayUrlsOf, outsideUrl, type GatewayUrls } from '../gateway-urls.js';
import { parseApiV2Key, parseCertificate, parsePrivateKey, type KeyFiles } from '../key-material.js';
import { SIGN_TYPES, signKey, type SignType } from './signature.js';

export type WechatPayV2Credentials = {
  readonly protocol: 'v2';
  readonly mchid: Mchid;
  /** Signs calls, proves answers and payment notifies; its MD5 opens refund notifies. */
  readonly apiV2Key: KeyObject;
  /** Of what PaySaga signs; WeChat Pay answers in the same. */
  readonly signType: SignType;
  /** Shown where money goes back and to whom asks for the funds: PEM. */
  readonly certificate: string;
  readonly privateKey: KeyObject;
  readonly gatewayUrls: GatewayUrls;
  /** Those where the certificate is shown. */
  readonly secapiUrls: GatewayUrls;
  /** PEM of who vouches for that server; absent: whom this system trusts. */
  readonly secapiCa: string | undefined;
  /** Calls per second of all workers together; an API without a number has the default. */
  readonly limits: Readonly<Partial<Record<GatewayApi, number>>>;
};

const path = z.string().min(1);

const wire = {
  signType: z.enum(SIGN_TYPES).default('HMAC-SHA256'),
  secapiUrl: outsideUrl.optional(),
  secapiCaFile: path.optional(),
};

/** Of a merchant of API v3 who charges payers' codes over API v2. */
export const codeScanFields = { ...wire, certificateFile: path.optional() };

export const v2CredentialFields = {
  ...wire,
  apiV2KeyFile: path,
  certificateFile: path,
  privateKeyFile: path,
  ...gatewayUrlFields,
  codeScan: z.literal('v2').optional(),
  limits: z.partialRecord(z.enum(GATEWAY_APIS), z.number().positive()).default({}),
};

type V2CredentialEntry = Omit<z.infer<z.ZodObject<typeof v2CredentialFields>>, 'codeScan'>;

/** Rejects with a problem of `files` for the first field that cannot be used. */
export async function loadV2Credentials(
  mchid: Mchid,
  entry: V2CredentialEntry,
  files: KeyFiles,
): Promise<WechatPayV2Credentials> {
  const privateKey = await files.read('privateKeyFile', entry.privateKeyFile, PRIVATE_KEY);
  const certificate = await files.read('certificateFile', entry.certificateFile, CERTIFICATE);
  if (!new X509Certificate(certificate).checkPrivateKey(privateKey))
    throw files.problem('certificateFile', 'does not belong to privateKeyFile');
  const { secapiCaFile, secapiUrl } = entry;
  const gatewayUrls = gatewayUrlsOf(entry, files);
  return {
    protocol: 'v2',
    mchid,
    apiV2Key: signKey(await files.read('apiV2KeyFile', entry.apiV2KeyFile, API_V2_KEY)),
    signType: entry.signType,
    certificate,
    privateKey,
    gatewayUrls,
    secapiUrls: secapiUrl === undefined ? gatewayUrls : [secapiUrl],
    secapiCa: secapiCaFile === undefined ? undefined : await files.read('secapiCaFile', secapiCaFile, CERTIFICATE),
    limits: entry.limits,
  };
}

/** Of a merchant who may have one. */
export async function loadV2Key(name: string | undefined, files: KeyFiles): Promise<KeyObject | undefined> {
  return name === undefined ? undefined : signKey(await files.read('apiV2KeyFile', name, API_V2_KEY));
}

const certificatePem = (text: string): string | undefined => (parseCertificate(text) === undefined ? undefined : text);

const PRIVATE_KEY = { parse: parsePrivateKey, otherwise: 'is not an RSA private key in PEM form' };
const CERTIFICATE = { parse: certificatePem, otherwise: 'is not an X.509 certificate in PEM form' };
const API_V2_KEY = { parse: parseApiV2Key, otherwise: 'must hold exactly 32 bytes' };
