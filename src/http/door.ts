import type { HttpBindings } from '@hono/node-server';
import { createMiddleware } from 'hono/factory';
import { isIP } from 'node:net';
import { ApiError } from './kit/api-error.js';
import { isNotifyPath, type IngressDeps, type IngressEnv } from './kit/route.js';

/** Which listener a request came by; `only` where there is one for everybody. */
export type Side = 'only' | 'public' | 'admin';

export type DoorBindings = Partial<HttpBindings> & { readonly side?: Side };

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Load balancers and Prometheus ask each machine by its address. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** Refuses, before routing, paths and hosts that this listener does not serve, and targets that a proxy may read otherwise. */
export const door = (deps: Pick<IngressDeps, 'publicUrl'>) => {
  const parsed = parsedOnce();
  return createMiddleware<IngressEnv & { Bindings: DoorBindings }>(async (c, next) => {
    const { incoming, side = 'only' } = given(c.env);
    const { path, method } = c.req;
    if (incoming?.url !== undefined && !isCanonical(incoming.url)) {
      throw new ApiError('invalid_request', 'The path is not written in its plain form.');
    }
    if (!isServedBy(side, path)) throw new ApiError('not_found', 'No such path.');
    if (
      incoming !== undefined &&
      !PROBES.has(path) &&
      !isKnownHost(side, incoming.headers.host, parsed(deps.publicUrl()))
    ) {
      throw new ApiError('misdirected', 'The host is not the one of PAYSAGA_PUBLIC_URL.');
    }
    if (!METHODS.has(method)) throw new ApiError('method_not_allowed', 'This method is not known here.');
    if (
      !isSentAsItIs(c.req.header('content-encoding')) ||
      !isSentAsItIs(c.req.header('transfer-encoding'), 'chunked')
    ) {
      throw new ApiError('unsupported_encoding', 'Send the body as it is, without a Content-Encoding.');
    }
    await next();
  });
};

/** Hono types the bindings as set; without a listener they are not. */
const given = (bindings: DoorBindings | undefined): DoorBindings => bindings ?? {};

/** The notify URL was typed by a person: there alone surplus slashes are ignored. */
export function pathOf(request: Request): string {
  const [path = '/'] = request.url.slice(request.url.indexOf('/', request.url.indexOf('://') + 3)).split(/[?#]/, 1);
  return isNotifyPath(path.replace(/^\/+/, '/')) ? notifyPath(path) : path;
}

const notifyPath = (path: string): string => path.replaceAll(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');

/**
 * Whether a raw request target has one reading. A proxy that guards a path and the server behind it differ about dots, doubled
 * slashes, backslashes and needless encodings.
 */
export function isCanonical(target: string): boolean {
  const [raw = ''] = target.split('?', 1);
  const path = isNotifyPath(raw.replace(/^\/+/, '/')) ? notifyPath(raw) : raw;
  if (!/^\/[\x21-\x7e]*$/.test(path) || /[\\#]|\/\/|\/\.{1,2}(\/|$)/.test(path)) return false;
  const encoded = path.match(/%.{0,2}/g) ?? [];
  return encoded.every(isNeeded) && isUtf8(path);
}

/** `%2A` for `*` is a matter of taste; `%6D` for `m` and `%2F` for a slash hide something. */
const isNeeded = (escape: string): boolean =>
  /^%[0-9a-f]{2}$/i.test(escape) &&
  !/[0-9A-Za-z._~/\\-]|\p{Cc}/u.test(String.fromCharCode(parseInt(escape.slice(1), 16)).replace(/[\x80-\xff]/, '*'));

function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** A body is never unpacked: a packed one would be verified and kept as other bytes than were meant. */
const isSentAsItIs = (codings = '', ...harmless: readonly string[]): boolean =>
  codings.split(',').every((coding) => ['', 'identity', ...harmless].includes(coding.trim().toLowerCase()));

const isAdminPath = (path: string): boolean => /^\/(metrics|openapi\.json|docs|ops)(\/|$)/.test(path);

function isServedBy(side: Side, path: string): boolean {
  if (side === 'only' || path === '/healthz' || path === '/readyz') return true;
  return isAdminPath(path) === (side === 'admin');
}

/** Against DNS rebinding: a foreign page that leads here has its own name in `Host`. */
function isKnownHost(side: Side, host: string | undefined, own: URL): boolean {
  if (host === own.host) return true;
  if (host === undefined || !URL.canParse(`http://${host}`)) return false;
  const asked = new URL(`${own.protocol}//${host}`);
  if (isLoopback(asked.hostname)) return true;
  if (side !== 'admin') return asked.host === own.host;
  // Operators' networks choose address and port; a rebound page has a name, never an address.
  return asked.hostname === own.hostname || isIP(asked.hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** The public address is the same for every request. */
function parsedOnce(): (text: string) => URL {
  let last: { readonly text: string; readonly url: URL } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, url: new URL(text) };
    return last.url;
  };
}

const isLoopback = (hostname: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
