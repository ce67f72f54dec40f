import { z } from 'zod';
import { outRefundNoPattern, outTradeNoPattern } from '../trade/number.js';

export const outTradeNo = z.string().regex(outTradeNoPattern, '应为6到32个数字、大小写字母、_-|*');

export const outRefundNo = z.string().regex(outRefundNoPattern, '应为1到64个数字、大小写字母、_-|*@');

/** A string whose length WeChat Pay counts in UTF-8 bytes. */
export function text(max: number, min = 0) {
  return z
    .string()
    .refine(
      (value) => Buffer.byteLength(value) >= min && Buffer.byteLength(value) <= max,
      `字节数应在 ${min} 到 ${max} 之间`,
    );
}

/** https and no query string, as in production; plain http for loopback hosts, which have no certificate. */
export function notifyUrl(maxBytes: number) {
  return z
    .string()
    .refine((text) => Buffer.byteLength(text) <= maxBytes, `字节数应在 1 到 ${maxBytes} 之间`)
    .refine(isNotifyUrl, '应为不带参数的https地址');
}

function isNotifyUrl(text: string): boolean {
  if (!URL.canParse(text) || /[?#]/.test(text)) return false;
  const url = new URL(text);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

export const isLoopback = (hostname: string): boolean =>
  hostname === '[::1]' || /(^|\.)localhost$/.test(hostname) || /^127(\.\d+){3}$/.test(hostname);

/** The parsed body with its keys in order, so that equal ones compare equal. */
export const canonical = (body: unknown): string => JSON.stringify(sorted(body));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, sorted(item)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
