import { z } from 'zod';
import { outRefundNoPattern, outTradeNoPattern } from '../../trade/number.js';
import { parameterError, type Answer } from './call.js';

type Parsed<T> = { ok: true; value: T } | { ok: false; answer: Answer };

/** The body as JSON of the given shape, or the PARAM_ERROR that names the first wrong field. */
export function parseBody<T>(body: string, schema: z.ZodType<T>): Parsed<T> {
  const json = parseJson(body);
  if (!json)
    return { ok: false, answer: parameterError('请求体不是合法的JSON', { issue: 'invalid JSON', location: 'body' }) };
  const result = schema.safeParse(json.value);
  return result.success
    ? { ok: true, value: result.data }
    : { ok: false, answer: fieldError(json.value, result.error) };
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** A top-level string of the body, which need not be valid otherwise. */
export function bodyField(body: string, name: string): string | undefined {
  const value = parseJson(body)?.value;
  if (typeof value !== 'object' || value === null) return undefined;
  const field: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof field === 'string' ? field : undefined;
}

/** The parsed body with its keys in order, so that equal ones compare equal. */
export const canonical = (body: unknown): string => JSON.stringify(sorted(body));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, sorted(item)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const extraParameter = 270924358;

function fieldError(json: unknown, error: z.ZodError): Answer {
  const issue = error.issues[0];
  const extra = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(extra === undefined ? [] : [extra])];
  const field = path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  const problem = extra === undefined ? (issue?.message ?? '不合法') : '不支持的参数';
  const value = valueAt(json, path);
  return parameterError(
    `输入源“/body${field}”映射到值字段校验失败，${problem}`,
    { field, ...(value === undefined ? {} : { value }), issue: issue?.code ?? 'invalid', location: 'body' },
    extra === undefined ? undefined : extraParameter,
  );
}

function valueAt(json: unknown, path: PropertyKey[]): unknown {
  let value = json;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name === String(step))?.[1];
  }
  return value;
}

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
