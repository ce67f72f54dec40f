import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { ApiError } from '../http/kit/api-error.js';
import type { IngressDeps, IngressEnv } from '../http/kit/route.js';
import { formOf } from './kit/form.js';

/** A bulk may name thousands of orders. */
const FORM_BYTES = 256 * 1024;

export const formLimit = () =>
  bodyLimit({
    maxSize: FORM_BYTES,
    onError: () => {
      throw new ApiError('body_too_large', `At most ${FORM_BYTES} bytes are accepted.`);
    },
  });

/** Refuses a request that a browser says comes from another page. */
export const ownOriginOnly = (deps: Pick<IngressDeps, 'publicUrl'>) =>
  createMiddleware<IngressEnv>(async (c, next) => {
    if (changesSomething(c) && !isOwnOrigin(c, deps.publicUrl())) throw forged();
    await next();
  });

/** Asks for the token that only this session's own pages hold. */
export const csrfGuard = (isToken: (c: Context<IngressEnv>, presented: string) => boolean) =>
  createMiddleware<IngressEnv>(async (c, next) => {
    if (changesSomething(c)) {
      const { csrf } = await formOf(c);
      if (csrf === undefined || !isToken(c, csrf)) throw forged();
    }
    await next();
  });

const changesSomething = (c: Context<IngressEnv>): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method);

/** Without either header it is no browser, and sends no cookie by itself. */
function isOwnOrigin(c: Context<IngressEnv>, publicUrl: string): boolean {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const origin = c.req.header('origin');
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  return origin === new URL(publicUrl).origin || new URL(origin).host === c.req.header('host');
}

const forged = (): ApiError =>
  new ApiError('forbidden', 'The form did not come from this page, or the page is too old.');
