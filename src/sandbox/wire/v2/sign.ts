import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Fields } from './xml.js';

export const signTypeSchema = z.enum(['MD5', 'HMAC-SHA256']);
export type SignType = z.infer<typeof signTypeSchema>;

/** All that is not empty but `sign` itself, by name, and the API v2 key behind it. */
export function signatureOf(fields: Fields, key: string, type: SignType): string {
  const pairs = [...fields].filter(([name, value]) => name !== 'sign' && value !== '').sort(byName);
  const message = `${pairs.map(([name, value]) => `${name}=${value}`).join('&')}&key=${key}`;
  const hash = type === 'MD5' ? createHash('md5') : createHmac('sha256', key);
  return hash.update(message).digest('hex').toUpperCase();
}

export function isSignedWith(fields: Fields, key: string, type: SignType): boolean {
  const [given, own] = [Buffer.from(fields.get('sign') ?? ''), Buffer.from(signatureOf(fields, key, type))];
  return given.length === own.length && timingSafeEqual(given, own);
}

const byName = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1);
