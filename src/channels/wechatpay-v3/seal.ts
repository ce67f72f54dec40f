import { constants, publicEncrypt, type KeyObject } from 'node:crypto';
import type { SealedTexts } from '../port.js';

/** A key of WeChat Pay's, and the serial by which it knows it. */
export type SealingKey = { readonly serial: string; readonly key: KeyObject };

/** RSA-OAEP with SHA-1, as WeChat Pay opens its sensitive fields: at most 214 bytes of UTF-8 each. */
export function seal({ serial, key }: SealingKey, texts: readonly string[]): SealedTexts {
  const padding = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
  return { serial, texts: texts.map((text) => publicEncrypt(padding, Buffer.from(text, 'utf8')).toString('base64')) };
}
