import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Language } from '../../base/language.js';
import type { IngressDeps } from '../../http/kit/route.js';
import type { OpsEnv } from './env.js';
import { SESSION_SECONDS, type Session } from './session.js';

/** `__Host-` would need the path `/`, and the session is for `/ops` alone. */
const SESSION = 'paysaga-ops';
const LANGUAGE = 'paysaga-ops-lang';
const YEAR_SECONDS = 365 * 24 * 3600;

export const isHttps = ({
  publicUrl,
  operatorsOverHttp,
}: Pick<IngressDeps, 'publicUrl' | 'operatorsOverHttp'>): boolean =>
  operatorsOverHttp !== true && publicUrl().startsWith('https:');

export function readSessionCookie(c: Context<OpsEnv>, secure: boolean): string | undefined {
  return getCookie(c, sessionName(secure));
}

export function setSessionCookie(c: Context<OpsEnv>, session: Session, secure: boolean): void {
  setCookie(c, sessionName(secure), session.token, { ...sessionOptions(secure), maxAge: SESSION_SECONDS });
}

export function deleteSessionCookie(c: Context<OpsEnv>, secure: boolean): void {
  deleteCookie(c, sessionName(secure), sessionOptions(secure));
}

const sessionName = (secure: boolean): string => (secure ? `__Secure-${SESSION}` : SESSION);

const sessionOptions = (secure: boolean) => ({ path: '/ops', httpOnly: true, sameSite: 'Strict', secure }) as const;

export const readLanguageCookie = (c: Context<OpsEnv>): string | undefined => getCookie(c, LANGUAGE);

export function setLanguageCookie(c: Context<OpsEnv>, language: Language, secure: boolean): void {
  setCookie(c, LANGUAGE, language, { path: '/ops', httpOnly: true, sameSite: 'Lax', secure, maxAge: YEAR_SECONDS });
}
