import type { Context } from 'hono';
import type { Language } from '../base/language.js';
import type { ErrorForm } from '../http/kit/problem.js';
import { errorTitle, ERRORS, type ApiError } from '../http/kit/api-error.js';
import type { IngressEnv } from '../http/kit/route.js';
import { OPS_HEADERS, doorPage, page } from './kit/page.js';
import { languageOf } from './language.js';
import { loginPath } from './session.js';

const RETRY_SECONDS = 5;

export const opsErrors: ErrorForm = {
  covers: (path) => path === '/ops' || path.startsWith('/ops/'),
  answer: failurePage,
};

function failurePage(c: Context<IngressEnv>, error: ApiError): Response | Promise<Response> {
  const language = languageOf(c);
  const { status } = ERRORS[error.code];
  for (const [name, value] of Object.entries(OPS_HEADERS)) c.header(name, value);
  if (status === 429 || status === 503) c.header('Retry-After', String(error.retryAfterSeconds ?? RETRY_SECONDS));
  const title = errorTitle(language, error.code);
  const content = <Failure c={c} error={error} />;
  // `get` is typed as set: nobody is signed in where the guard did not get that far.
  const { operator } = c.var as Partial<typeof c.var>;
  return operator === undefined ? doorPage(c, { title, status }, content) : page(c, { title, status }, content);
}

const TEXTS = {
  zh: { requestId: '请求编号', signIn: '登录', overview: '回到总览' },
  en: { requestId: 'request', signIn: 'Sign in', overview: 'To the overview' },
} as const satisfies Record<Language, unknown>;

function Failure({ c, error }: { readonly c: Context<IngressEnv>; readonly error: ApiError }) {
  const texts = TEXTS[languageOf(c)];
  return (
    <div class="failure" id="failure" data-code={error.code}>
      <p class="lead" lang="en">
        {error.message}
      </p>
      <p class="hint">
        <code>{error.code}</code> · {texts.requestId} <code>{c.get('requestId')}</code>
      </p>
      <p class="buttons">
        {error.code === 'unauthorized' ? (
          <a class="button primary" href={loginPath(c.req.path)}>
            {texts.signIn}
          </a>
        ) : (
          <a class="button" href="/ops">
            {texts.overview}
          </a>
        )}
      </p>
    </div>
  );
}
