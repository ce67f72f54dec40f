import { createSecretKey, type KeyObject } from 'node:crypto';
import { Hash } from 'wechatpay-axios-plugin';
import type { Fields } from './xml.js';

export const SIGN_TYPES = ['HMAC-SHA256', 'MD5'] as const;
export type SignType = (typeof SIGN_TYPES)[number];

/** The API v2 key's characters are its bytes. */
export const signKey = (apiV2Key: string): KeyObject => createSecretKey(apiV2Key, 'utf8');

/** Over all fields that are not empty but `sign`, by their names in ASCII order. */
export const signatureOf = (fields: Fields, key: KeyObject, type: SignType): string => Hash.sign(type, fields, key);

/** By the merchant's key, which WeChat Pay has too: what one of them signed the other may have. */
export function isSigned(fields: Fields, key: KeyObject): boolean {
  const { sign = '' } = fields;
  const type = TYPE_BY_LENGTH.get(sign.length);
  return type !== undefined && Hash.equals(signatureOf(fields, key, type), sign);
}

/** An absent `sign_type` is not always MD5, and one that is there is a field like any other. */
const TYPE_BY_LENGTH: ReadonlyMap<number, SignType> = new Map([
  [32, 'MD5'],
  [64, 'HMAC-SHA256'],
]);
