import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { IngressDeps, IngressEnv, Section } from '../http/kit/route.js';
import { registerAssets } from './assets.js';
import {
  createSessions,
  deleteSessionCookie,
  isHttps,
  LOGOUT_PATH,
  roleGuard,
  sessionGuard,
  sessionOf,
} from './session.js';
import { csrfGuard, formLimit, ownOriginOnly } from './csrf.js';
import { opsHeaders, type OpsPage } from './kit/page.js';
import { rememberLanguage } from './language.js';
import { createLoginLimit, registerLogin } from './login.js';

/** The operators' pages, all under `/ops`; mounted at the root. */
export function opsRoutes(deps: IngressDeps, pages: readonly OpsPage[]): Hono<IngressEnv> {
  const sections = pages.flatMap(({ section }) => section ?? []);
  const sessions = createSessions(deps.checkoutKey);
  const app = new Hono<IngressEnv>();
  app.use('/ops/*', opsHeaders(), rememberLanguage(deps), ownOriginOnly(deps), formLimit());
  registerAssets(app);
  registerLogin(app, deps, sessions, createLoginLimit(deps.now));
  app.use('/ops/*', sessionGuard(deps, sessions), showing(sections));
  app.use(
    '/ops/*',
    csrfGuard((c, presented) => {
      const session = sessionOf(deps, sessions, c);
      return session !== undefined && sessions.isCsrfToken(session, presented);
    }),
  );
  app.use('/ops/*', roleGuard());
  app.post(LOGOUT_PATH, (c) => {
    deleteSessionCookie(c, isHttps(deps));
    return c.redirect('/ops/login', 303);
  });
  for (const { register } of pages) register(app, deps);
  return app;
}

const showing = (sections: readonly Section[]) =>
  createMiddleware<IngressEnv>(async (c, next) => {
    c.set('sections', sections);
    await next();
  });
