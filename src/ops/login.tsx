import type { Context, Hono } from 'hono';
import { findApiKey, type ApiKeyRecord } from '../access/store/api-key.js';
import type { Db } from '../db/connection.js';
import { apiKeyHash, looksLikeApiKey } from '../http/kit/actor.js';
import type { IngressDeps, IngressEnv } from '../http/kit/route.js';
import { clientAddress } from '../http/kit/client-address.js';
import { isHttps, setSessionCookie, safeNext, type Sessions, operatorOf, sessionOf } from './session.js';
import { formOf } from './kit/form.js';
import { doorPage } from './kit/page.js';
import { languageOf } from './language.js';
import { createKeyedRate, wholeSeconds, type Rate } from '../base/rate.js';
import { perLanguage, type Both } from '../base/language.js';

const STATUS = { wrong: 401, merchant: 403, limited: 429 } as const satisfies Record<LoginProblem, number>;

/** An operator's key becomes a session; the key is hashed and kept nowhere. */
export function registerLogin(app: Hono<IngressEnv>, deps: IngressDeps, sessions: Sessions, limit: LoginLimit): void {
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
      // Only failures are limited: the right key comes in, however many others guess.
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

/** `merchant` is told by the key's prefix alone, so it reveals no key. */
async function holderOf(db: Db, key: string): Promise<ApiKeyRecord | Exclude<LoginProblem, 'limited'>> {
  if (/^psk_(live|test)_merchant_/.test(key)) return 'merchant';
  const record = looksLikeApiKey(key) ? await findApiKey(db, apiKeyHash(key)) : undefined;
  return record?.kind === 'operator' ? record : 'wrong';
}

function loginPage(c: Context<IngressEnv>, next: string, problem?: LoginProblem): Response | Promise<Response> {
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

const PER_ADDRESS: Rate = { burst: 10, intervalMs: 6_000 };

/** All addresses together: bounds what guessing costs the database. */
const IN_TOTAL: Rate = { burst: 200, intervalMs: 50 };

type LoginLimit = {
  /** 0: this address may try now. */
  waitSeconds(address: string): number;
  failed(address: string): void;
};

export function createLoginLimit(now: () => Date): LoginLimit {
  const [perAddress, inTotal] = [createKeyedRate(PER_ADDRESS, now), createKeyedRate(IN_TOTAL, now)];
  return {
    waitSeconds: (address) => wholeSeconds(Math.max(perAddress.waitMs(address), inTotal.waitMs(''))),
    failed: (address) => {
      perAddress.count(address);
      inTotal.count('');
    },
  };
}

type LoginProblem = 'wrong' | 'merchant' | 'limited';

const LOGIN = perLanguage({
  title: ['登录运营台', 'Sign in to operations'],
  lead: [
    '请输入您的操作员密钥。您在这里所做的一切都会连同密钥上的姓名一起留存。',
    'Enter your operator key. Whatever you do here is kept with the name on it.',
  ],
  key: ['操作员密钥', 'Operator key'],
  submit: ['登录', 'Sign in'],
  howTo: ['登录 12 小时内有效。创建密钥：', 'You stay signed in for 12 hours. To make a key:'],
  problem: {
    wrong: ['密钥不正确，或已被吊销。', 'The key is not known, or was revoked.'],
    merchant: [
      '这是商户密钥。运营台只接受操作员密钥，因为操作要留下操作人的姓名。',
      'This is a merchant key. Only operator keys open this page: what is done here is kept with a person’s name.',
    ],
    limited: ['失败次数过多，请稍后再试。', 'Too many failed tries. Please try again in a moment.'],
  } satisfies Readonly<Record<LoginProblem, Both>>,
});
