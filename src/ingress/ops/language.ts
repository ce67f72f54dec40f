import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { LANGUAGES, type Language } from '../../base/language.js';
import { chooseLanguage } from '../../http/kit/choose-language.js';
import type { IngressDeps } from '../../http/kit/route.js';
import { isHttps, readLanguageCookie, setLanguageCookie } from './cookies.js';
import type { OpsEnv } from './env.js';

/** Chosen by the switch (`?lang=`, then kept in a cookie), else what the browser asks for. */
export const rememberLanguage = (deps: IngressDeps) =>
  createMiddleware<OpsEnv>(async (c, next) => {
    const chosen = LANGUAGES.find((language) => language === c.req.query('lang'));
    if (chosen !== undefined) setLanguageCookie(c, chosen, isHttps(deps));
    c.set('language', languageOf(c));
    await next();
  });

export function languageOf(c: Context<OpsEnv>): Language {
  const chosen = c.req.query('lang') ?? readLanguageCookie(c);
  return chooseLanguage(chosen, c.req.header('Accept-Language'));
}
