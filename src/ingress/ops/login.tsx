import type { Context, Hono } from 'hono';
import { findApiKey, type ApiKeyRecord } from '../../access/store/api-key.js';
import type { Db } from '../../db/connection.js';
import { apiKeyHash, looksLikeApiKey } from '../../http/kit/actor.js';
import type { IngressDeps } from '../../http/kit/route.js';
import { clientAddress } from '../../http/kit/client-address.js';
import { isHttps, setSessionCookie } from './cookies.js';
import { formOf } from './csrf.js';
import { doorPage } from './page.js';
import type { OpsEnv } from './env.js';
import { languageOf } from './language.js';
import type { LoginLimit } from './login-limit.js';
import { LOGIN, type LoginProblem } from './login-text.js';
import { safeNext } from './next.js';
import type { Sessions } from './session.js';
import { operatorOf, sessionOf } from './session-guard.js';

const STATUS = { wrong: 401, merchant: 403, limited: 429 } as const satisfies Record<LoginProblem, number>;

/** The door: an operator's key becomes a session. The key is read from the form, hashed, and kept nowhere. */
export function registerLogin(app: Hono<OpsEnv>, deps: IngressDeps, sessions: Sessions, limit: LoginLimit): void {
  app.get('/ops/login', async (c) => {
    const next = safeNext(c.req.query('next'));
    const session = sessionOf(deps, sessions, c);
    const isIn = session !== undefined && (await operatorOf(deps, session)) !== undefined;
    return isIn ? c.redirect(next, 303) : loginPage(c, next);
  });
  app.post('/ops/login', async (c) => {
    const { key = '', next: asked } = await formOf(c);
    const next = safeNext(asked);
    const address = clientAddress(c);
    const operator = await holderOf(deps.connection.db, key.trim());
    if (operator === 'wrong' || operator === 'merchant') {
      // Only failures are limited: whoever has the right key comes in, however many others guess.
      const waitSeconds = limit.waitSeconds(address);
      if (waitSeconds > 0) {
        c.header('Retry-After', String(waitSeconds));
        return loginPage(c, next, 'limited');
      }
      limit.failed(address);
      deps.log.warn({ requestId: c.get('requestId'), address, problem: operator }, 'an operator could not sign in');
      return loginPage(c, next, operator);
    }
    setSessionCookie(c, sessions.open(operator.id, deps.now()), isHttps(deps));
    deps.log.info({ requestId: c.get('requestId'), address, keyId: operator.id }, 'an operator signed in');
    return c.redirect(next, 303);
  });
}

/** What is said of a merchant's key is said of its form alone, so it tells nobody whether there is such a key. */
async function holderOf(db: Db, key: string): Promise<ApiKeyRecord | Exclude<LoginProblem, 'limited'>> {
  if (key.startsWith('psk_live_merchant_')) return 'merchant';
  const record = looksLikeApiKey(key) ? await findApiKey(db, apiKeyHash(key)) : undefined;
  return record?.kind === 'operator' ? record : 'wrong';
}

function loginPage(c: Context<OpsEnv>, next: string, problem?: LoginProblem): Response | Promise<Response> {
  const texts = LOGIN[languageOf(c)];
  const status = problem === undefined ? 200 : STATUS[problem];
  return doorPage(
    c,
    { title: texts.title, status },
    <form method="post" action="/ops/login" class="login">
      <p class="lead">{texts.lead}</p>
      {problem === undefined ? null : (
        <p class="alert" role="alert" id="login-problem" data-problem={problem}>
          {texts.problem[problem]}
        </p>
      )}
      {next === '/ops' ? null : <input type="hidden" name="next" value={next} />}
      {/* Lets password managers file the key under a name. */}
      <input type="text" name="username" autocomplete="username" value="operator" readonly hidden />
      <label for="key">{texts.key}</label>
      <input
        id="key"
        name="key"
        type="password"
        autocomplete="current-password"
        autocapitalize="off"
        spellcheck={false}
        maxlength={200}
        required
        autofocus
        {...(problem === undefined ? {} : { 'aria-describedby': 'login-problem', 'aria-invalid': 'true' as const })}
      />
      <button type="submit" class="primary">
        {texts.submit}
      </button>
      <p class="hint">
        {texts.howTo} <code>paysaga keys create --operator NAME --mchid MCHID</code>
      </p>
    </form>,
  );
}
