import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import type { Context } from 'hono';
import { ApiError } from '../../http/kit/api-error.js';
import type { IngressDeps } from '../../http/kit/route.js';
import { givenTwice } from '../../http/kit/body.js';
import type { OpsEnv } from './env.js';

/** A bulk may name thousands of orders. */
const FORM_BYTES = 256 * 1024;

/** In every form below `/ops`: `<CsrfField token={c.get('csrfToken')} />`. */
export function CsrfField({ token }: { readonly token: string }) {
  return <input type="hidden" name="csrf" value={token} />;
}

export const formLimit = () =>
  bodyLimit({
    maxSize: FORM_BYTES,
    onError: () => {
      throw new ApiError('body_too_large', `At most ${FORM_BYTES} bytes are accepted.`);
    },
  });

/** Browsers say where a request comes from; one from another page is refused whatever it carries. */
export const ownOriginOnly = (deps: Pick<IngressDeps, 'publicUrl'>) =>
  createMiddleware<OpsEnv>(async (c, next) => {
    if (changesSomething(c) && !isOwnOrigin(c, deps.publicUrl())) throw forged();
    await next();
  });

/** Before any handler of a POST: the token that only this session's own pages hold. */
export const csrfGuard = (isToken: (c: Context<OpsEnv>, presented: string) => boolean) =>
  createMiddleware<OpsEnv>(async (c, next) => {
    if (changesSomething(c)) {
      const { csrf } = await formOf(c);
      if (csrf === undefined || !isToken(c, csrf)) throw forged();
    }
    await next();
  });

/** The fields of the form that was sent, one value each, none twice. May be read again by a handler. Throws `invalid_request`. */
export async function formOf(c: Context<OpsEnv>): Promise<Readonly<Record<string, string>>> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? ''))
    throw new ApiError('invalid_request', 'A form is expected here.');
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(await c.req.text())) {
    if (fields.has(name)) throw givenTwice(name);
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}

const changesSomething = (c: Context<OpsEnv>): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method);

/** Neither header means no browser: nothing then sends a cookie by itself, and the token is asked for all the same. */
function isOwnOrigin(c: Context<OpsEnv>, publicUrl: string): boolean {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const origin = c.req.header('origin');
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  return origin === new URL(publicUrl).origin || new URL(origin).host === c.req.header('host');
}

const forged = (): ApiError =>
  new ApiError('forbidden', 'The form did not come from this page, or the page is too old.');
