import { z } from 'zod';
import { outRefundNoPattern, outTradeNoPattern } from '../../trade/number.js';

export const fen = z.int().min(1);

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
