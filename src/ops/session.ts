import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { createHmac, hkdfSync, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { findOperatorKey } from '../access/store/api-key.js';
import { ApiError } from '../http/kit/api-error.js';
import { actorOfKey, requireMayAct, type Actor } from '../http/kit/actor.js';
import type { IngressDeps, IngressEnv } from '../http/kit/route.js';

/** The key is read at each request, so a revoked one is out at once. Without a session pages lead to the login. */
export const sessionGuard = (deps: IngressDeps, sessions: Sessions) =>
  createMiddleware<IngressEnv>(async (c, next) => {
    const session = sessionOf(deps, sessions, c);
    const operator = session && (await operatorOf(deps, session));
    if (session === undefined || operator === undefined) return turnAway(c);
    c.set('operator', operator);
    c.set('csrfToken', sessions.csrfToken(session));
    return next();
  });

export function sessionOf(deps: IngressDeps, sessions: Sessions, c: Context<IngressEnv>): Session | undefined {
  const token = getCookie(c, sessionName(isHttps(deps)));
  return token === undefined ? undefined : sessions.read(token, deps.now());
}

export async function operatorOf(deps: IngressDeps, session: Session): Promise<Actor | undefined> {
  const key = await findOperatorKey(deps.connection.db, session.keyId);
  return key && actorOfKey(key, key.hash);
}

/** Whoever may only read sends no form but the one to leave. */
export const roleGuard = () =>
  createMiddleware<IngressEnv>(async (c, next) => {
    if (c.req.path !== LOGOUT_PATH) requireMayAct(c.get('operator'), c.req.method);
    await next();
  });

export const LOGOUT_PATH = '/ops/logout';

function turnAway(c: Context<IngressEnv>): Response {
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD')
    throw new ApiError('unauthorized', 'Sign in again. Nothing was done.');
  const { pathname, search } = new URL(c.req.url);
  return c.redirect(loginPath(pathname + search), 303);
}

/** One long shift from signing in; activity does not extend it. */
export const SESSION_SECONDS = 12 * 3600;

/** Nothing in it is secret, and only this installation can write one. */
type Session = { readonly keyId: string; readonly expiresAt: Date; readonly token: string };

export type Sessions = {
  open(keyId: string, now: Date): Session;
  /** `undefined` for a token that is forged, altered or over. */
  read(token: string, now: Date): Session | undefined;
  /** For the session's own forms: another session's token, or the cookie, does not fit. */
  csrfToken(session: Session): string;
  isCsrfToken(session: Session, presented: string): boolean;
};

const MAC_BYTES = 32;

/** `<expiry seconds>.<key id>.<nonce>`: two sessions of one key never share a token. */
const PAYLOAD = /^([0-9]{1,12})\.([0-9a-f-]{36})\.([0-9A-Za-z_-]{22})$/;

/** Cookies, forms and checkout links have a key each: none can stand for another. */
export function createSessions(secret: KeyObject | Uint8Array): Sessions {
  const cookieKey = derive(secret, 'paysaga ops session v1');
  const formKey = derive(secret, 'paysaga ops form v1');
  const csrfToken = ({ token }: Session): string => mac(formKey, token).toString('base64url');
  return {
    open: (keyId, now) => {
      const expirySeconds = Math.floor(now.getTime() / 1000) + SESSION_SECONDS;
      const payload = `${expirySeconds}.${keyId}.${randomBytes(16).toString('base64url')}`;
      const token = Buffer.concat([mac(cookieKey, payload), Buffer.from(payload)]).toString('base64url');
      return { keyId, expiresAt: new Date(expirySeconds * 1000), token };
    },
    read: (token, now) => read(cookieKey, token, now),
    csrfToken,
    isCsrfToken: (session, presented) => isSame(csrfToken(session), presented),
  };
}

function read(key: Buffer, token: string, now: Date): Session | undefined {
  const bytes = Buffer.from(token, 'base64url');
  const payload = bytes.subarray(MAC_BYTES).toString('latin1');
  const [, seconds, keyId] = PAYLOAD.exec(payload) ?? [];
  if (seconds === undefined || keyId === undefined) return undefined;
  if (!timingSafeEqual(mac(key, payload), bytes.subarray(0, MAC_BYTES))) return undefined;
  const expiresAt = new Date(Number(seconds) * 1000);
  return now < expiresAt ? { keyId, expiresAt, token } : undefined;
}

const derive = (secret: KeyObject | Uint8Array, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), info, 32));

const mac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Compares hashes: neither content nor length shows in the time. */
function isSame(left: string, right: string): boolean {
  const [a, b] = [left, right].map((text) => createHmac('sha256', 'equal').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

/** `__Host-` would need the path `/`, and the session is for `/ops` alone. */
const SESSION = 'paysaga-ops';

export const isHttps = (deps: Pick<IngressDeps, 'publicUrl' | 'operatorsOverHttp'>): boolean =>
  deps.operatorsOverHttp !== true && deps.publicUrl().startsWith('https:');

export function setSessionCookie(c: Context<IngressEnv>, session: Session, secure: boolean): void {
  setCookie(c, sessionName(secure), session.token, { ...sessionOptions(secure), maxAge: SESSION_SECONDS });
}

export function deleteSessionCookie(c: Context<IngressEnv>, secure: boolean): void {
  deleteCookie(c, sessionName(secure), sessionOptions(secure));
}

const sessionName = (secure: boolean): string => (secure ? `__Secure-${SESSION}` : SESSION);

const sessionOptions = (secure: boolean) => ({ path: '/ops', httpOnly: true, sameSite: 'Strict', secure }) as const;

/** A page below `/ops` and nowhere else, whatever a link asked for. */
export function safeNext(asked: string | undefined): string {
  if (asked === undefined || !asked.startsWith('/ops') || !URL.canParse(asked, BASE)) return '/ops';
  const { origin, pathname, search } = new URL(asked, BASE);
  const isPage = pathname === '/ops' || pathname.startsWith('/ops/');
  const isDoor = /^\/ops\/(login|logout|assets|charts\.json)/.test(pathname);
  return origin === BASE && isPage && !isDoor ? pathname + search : '/ops';
}

const BASE = 'http://ops.invalid';

export const loginPath = (next: string): string =>
  safeNext(next) === '/ops' ? '/ops/login' : `/ops/login?next=${encodeURIComponent(safeNext(next))}`;
