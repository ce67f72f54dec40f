import { Hono } from 'hono';
import type { IngressDeps } from '../../http/kit/route.js';
import { registerOpsActions } from './actions/routes.js';
import { assetRoutes } from './assets.js';
import { registerOpsBulk } from './bulk/routes.js';
import { registerDashboard } from './dashboard/routes.js';
import { deleteSessionCookie, isHttps } from './cookies.js';
import { csrfGuard, formLimit, ownOriginOnly } from './csrf.js';
import type { OpsEnv } from './env.js';
import { opsHeaders } from './headers.js';
import { registerOpsInbox } from './inbox/routes.js';
import { rememberLanguage } from './language.js';
import { createLoginLimit } from './login-limit.js';
import { registerLogin } from './login.js';
import { registerOpsOrder } from './order/get-order.js';
import { registerSearch } from './search/routes.js';
import { createSessions } from './session.js';
import { sessionGuard, sessionOf } from './session-guard.js';
import { registerStuck } from './stuck/routes.js';

/** The operator's pages, all under `/ops`. Mount at the root of the application. */
export function opsRoutes(deps: IngressDeps): Hono<OpsEnv> {
  const sessions = createSessions(deps.checkoutKey);
  const app = new Hono<OpsEnv>();
  app.use('/ops/*', opsHeaders(), rememberLanguage(deps), ownOriginOnly(deps), formLimit());
  app.route('/', assetRoutes());
  registerLogin(app, deps, sessions, createLoginLimit(deps.now));
  app.use('/ops/*', sessionGuard(deps, sessions));
  app.use(
    '/ops/*',
    csrfGuard((c, presented) => {
      const session = sessionOf(deps, sessions, c);
      return session !== undefined && sessions.isCsrfToken(session, presented);
    }),
  );
  app.post('/ops/logout', (c) => {
    deleteSessionCookie(c, isHttps(deps));
    return c.redirect('/ops/login', 303);
  });
  for (const register of PAGES) register(app, deps);
  return app;
}

const PAGES: readonly ((app: Hono<OpsEnv>, deps: IngressDeps) => void)[] = [
  registerDashboard,
  registerStuck,
  registerSearch,
  registerOpsOrder,
  registerOpsActions,
  registerOpsBulk,
  registerOpsInbox,
];
