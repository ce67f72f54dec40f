import type { HttpBindings } from '@hono/node-server';
import { createMiddleware } from 'hono/factory';
import type { Context } from 'hono';
import { nameGivenTwice } from '../../base/parse-json.js';
import { plainText } from '../../base/text.js';
import { ApiError } from './api-error.js';
import type { IngressEnv } from './route.js';

/** Refuses a JSON body that is too large, cannot be stored, or would come back changed; never repeats its content. */
export const jsonBody = (maxBytesOf: (path: string) => number) =>
  createMiddleware<IngressEnv>(async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
      const text = decode(await readBody(c, maxBytesOf(c.req.path)));
      if (text.trim() !== '') {
        requireStorable(parse(text));
        requireOneMeaning(text);
      }
      c.req.raw = text.trim() === '' ? withoutBody(c.req.raw) : new Request(c.req.raw, { body: text });
    }
    await next();
  });

function withoutBody({ method, url, headers: sent }: Request): Request {
  const headers = new Headers(sent);
  headers.delete('content-type');
  return new Request(url, { method, headers });
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ApiError('invalid_request', 'The body is not UTF-8.', { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError('invalid_request', `The body is not valid JSON${position(cause)}.`, { cause });
  }
}

/** The place alone: the engine's message quotes the body. */
function position(error: unknown): string {
  const found = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  return found === undefined ? '' : ` (it breaks at character ${found})`;
}

/** A recursive reader would run out of stack. */
const MAX_DEPTH = 100;

function requireStorable(body: unknown): void {
  const open: { value: unknown; depth: number; path: string }[] = [{ value: body, depth: 0, path: 'body' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth, path } = next;
    if (depth > MAX_DEPTH) throw new ApiError('invalid_request', `The body is nested more than ${MAX_DEPTH} deep.`);
    if (typeof value === 'string') requireStorableText(value, path);
    if (typeof value === 'object' && value !== null) {
      for (const [key, field] of Object.entries(value)) {
        requireStorableKey(key, path);
        open.push({ value: field, depth: depth + 1, path: depth === 0 ? key : `${path}.${key}`.slice(0, MAX_NAMED) });
      }
    }
  }
}

function requireStorableText(text: string, path: string): void {
  if (/[\0\p{Surrogate}]/u.test(text)) {
    throw new ApiError('invalid_request', `${named(path)}: must not hold NUL characters or unpaired surrogates.`);
  }
}

function requireStorableKey(key: string, path: string): void {
  requireStorableText(key, path);
  if (key === '__proto__') throw new ApiError('invalid_request', 'A field must not be named "__proto__".');
}

/**
 * Two readers of one text would disagree about its meaning: whether the first or the last value of a name counts, or whether
 * `1.0000000000000000001` is 1. Takes valid JSON.
 */
function requireOneMeaning(text: string): void {
  const twice = nameGivenTwice(text);
  if (twice !== undefined) throw givenTwice(twice);
  const open: { name?: string }[] = [];
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[[{}\]]|-?\d[\d.eE+-]*/g)) {
    const inner = open.at(-1);
    if (token === '{' || token === '[') open.push({});
    else if (token === '}' || token === ']') open.pop();
    // In valid JSON a string before a colon is a name, and nothing else is.
    else if (colon !== undefined && inner !== undefined) {
      inner.name = String(JSON.parse(token.slice(0, -colon.length)));
    } else if (!token.startsWith('"'))
      requireExact(
        token,
        open.flatMap(({ name }) => name ?? []),
      );
  }
}

/** The shop's own numbers; every other is money, a time or a count. */
const SHOPS_OWN = 'metadata';

function requireExact(number: string, path: readonly string[]): void {
  const value = Number(number);
  const isOwn = path[0] === SHOPS_OWN;
  const isSafe = isOwn && !Number.isInteger(value) ? Number.isFinite(value) : Number.isSafeInteger(value);
  if (isSafe && (isOwn ? valueOf(number) === valueOf(String(value)) : /^-?\d+$/.test(number))) return;
  const wish = isOwn
    ? 'a number that cannot be kept exactly: send it as a string'
    : 'must be a whole number in plain digits';
  throw new ApiError('invalid_request', `${named(path.join('.'))}: ${wish}.`);
}

/** `12.50e1` and `125` are one value. */
function valueOf(number: string): string {
  const [, sign, whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(number) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  return significant === ''
    ? '0'
    : `${sign}${significant}e${Number(power) - fraction.length + digits.length - significant.length}`;
}

const MAX_NAMED = 64;

export const givenTwice = (key: string): ApiError => new ApiError('invalid_request', `${named(key)}: is given twice.`);

const named = (name: string): string => plainText(name).slice(0, MAX_NAMED);

type Chunks = AsyncIterable<Uint8Array> | readonly Uint8Array[];

/**
 * The raw bytes of a body, never more than `maxBytes` in memory. Throws `body_too_large`, or `invalid_request` if cut off. With
 * {@link socketOf} the request itself has no body left.
 */
export async function readBody(c: Context, maxBytes: number, source?: Chunks): Promise<Uint8Array> {
  // Before the body is touched: one that is begun and not read ends the connection.
  if (Number(c.req.header('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of source ?? streamOf(c)) {
      size += chunk.byteLength;
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new ApiError('invalid_request', 'The body ended before it was complete.', { cause });
  }
  if (size > maxBytes) throw tooLarge(maxBytes);
  return Buffer.concat(chunks);
}

const streamOf = (c: Context): Chunks => c.req.raw.body ?? [];

/** What comes by the socket, where there is one: the web's request and stream around it take longer than to read it. */
export function socketOf(c: Context): Chunks {
  const bindings: unknown = c.env;
  // What is too large is answered by the same connection.
  return hasSocket(bindings) ? bindings.incoming.iterator({ destroyOnReturn: false }) : streamOf(c);
}

const hasSocket = (bindings: unknown): bindings is Pick<HttpBindings, 'incoming'> =>
  typeof bindings === 'object' && bindings !== null && 'incoming' in bindings;

const tooLarge = (maxBytes: number): ApiError =>
  new ApiError('body_too_large', `At most ${maxBytes} bytes are accepted.`);
