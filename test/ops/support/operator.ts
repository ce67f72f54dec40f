import type { Hono } from 'hono';
import { served } from '../../../src/entries/served.js';
import { createApp } from '../../../src/http/app.js';
import type { IngressDeps } from '../../../src/http/kit/route.js';
import type { TestApp } from '../../http/support/test-app.js';

type App = Pick<Hono, 'request'>;

/** A browser of an operator who is signed in, as far as requests go: it keeps its cookie and fills in the pages' token. */
export type Operator = {
  readonly app: App;
  readonly cookie: string;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  /** Sends a form as a page of ours would, unless `csrf` is given. */
  readonly post: (path: string, fields?: Record<string, string>, headers?: Record<string, string>) => Promise<Response>;
};

export async function signedIn(test: TestApp, key: string, change: Partial<IngressDeps> = {}): Promise<Operator> {
  const app = createApp(test.deps(change), served);
  const answer = await sendForm(app, '/ops/login', { key });
  if (answer.status !== 303) throw new Error(`not signed in: ${answer.status}`);
  const cookie = cookieOf(answer);
  const get = async (path: string, headers: Record<string, string> = {}) =>
    app.request(path, { headers: { Cookie: cookie, ...headers } });
  return {
    app,
    cookie,
    get,
    post: async (path, fields = {}, headers = {}) =>
      sendForm(app, path, { csrf: await tokenOf(await get('/ops/search')), ...fields }, { Cookie: cookie, ...headers }),
  };
}

export const sendForm = async (
  app: App,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> => app.request(path, { method: 'POST', body: new URLSearchParams(fields), headers });

/** What a browser would send back of the cookies that it was given. */
export const cookieOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');

export async function tokenOf(page: Response): Promise<string> {
  return /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
}
