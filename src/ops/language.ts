import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import { LANGUAGES, type Language } from '../base/language.js';
import { chooseLanguage } from '../http/kit/choose-language.js';
import type { IngressDeps, IngressEnv } from '../http/kit/route.js';
import { isHttps } from './session.js';

const COOKIE = 'paysaga-ops-lang';
const YEAR_SECONDS = 365 * 24 * 3600;
const COOKIE_OPTIONS = { path: '/ops', httpOnly: true, sameSite: 'Lax', maxAge: YEAR_SECONDS } as const;

/** Chosen by the switch (`?lang=`, then kept in a cookie), else what the browser asks for. */
export const rememberLanguage = (deps: IngressDeps) =>
  createMiddleware<IngressEnv>(async (c, next) => {
    const chosen = LANGUAGES.find((language) => language === c.req.query('lang'));
    if (chosen !== undefined) setCookie(c, COOKIE, chosen, { ...COOKIE_OPTIONS, secure: isHttps(deps) });
    c.set('language', languageOf(c));
    await next();
  });

export function languageOf(c: Context<IngressEnv>): Language {
  const chosen = c.req.query('lang') ?? getCookie(c, COOKIE);
  return chooseLanguage(chosen, c.req.header('Accept-Language'));
}
