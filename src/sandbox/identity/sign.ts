import { createCipheriv, randomBytes, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Merchant } from './merchants.js';

/** A private key of WeChat Pay's with the serial by which receivers find its other half. */
export interface Signer {
  serialNo: string;
  privateKey: KeyObject;
}

export function newestCertificateSigner(merchant: Merchant): Signer {
  return merchant.certificateSigners.at(-1) ?? merchant.publicKeySigner;
}

/** The key that a `Wechatpay-Serial` names, '' being the newest certificate; `undefined` when the merchant has no such key. */
export function namedSigner(merchant: Merchant, serialNo: string): Signer | undefined {
  if (serialNo === '') return newestCertificateSigner(merchant);
  return [merchant.publicKeySigner, ...merchant.certificateSigners].find((signer) => signer.serialNo === serialNo);
}

export type Forgery = 'badSignature' | 'signTest';

/** `nowMs` is real time: receivers refuse a signature that is 5 minutes away from their own clock. */
export async function signatureHeaders(
  signer: Signer,
  body: string,
  nowMs: number,
  forgery?: Forgery,
): Promise<[name: string, value: string][]> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const nonce = randomBytes(16).toString('hex');
  const signed = forgery ? `${nonce}\n${timestamp}\n${body}\n` : `${timestamp}\n${nonce}\n${body}\n`;
  const signature = (await signInPool('sha256', Buffer.from(signed), signer.privateKey)).toString('base64');
  return [
    ['Wechatpay-Nonce', nonce],
    ['Wechatpay-Signature', forgery === 'signTest' ? `WECHATPAY/SIGNTEST/${signature.slice(19)}` : signature],
    ['Wechatpay-Timestamp', timestamp],
    ['Wechatpay-Serial', signer.serialNo],
    ['Wechatpay-Signature-Type', 'WECHATPAY2-SHA256-RSA2048'],
  ];
}

const signInPool = promisify(sign);

/** Encrypts with AEAD_AES_256_GCM under the raw bytes of a 32 character API v3 key; the tag is behind the ciphertext. */
export function seal(plaintext: string, associatedData: string, apiV3Key: string) {
  const nonce = randomBytes(9).toString('base64url');
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, nonce);
  cipher.setAAD(Buffer.from(associatedData));
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return {
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: ciphertext.toString('base64'),
    nonce,
    associated_data: associatedData,
  };
}
