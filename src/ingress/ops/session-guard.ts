import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { findOperatorKey } from '../../access/store/api-key.js';
import { ApiError } from '../../http/kit/api-error.js';
import type { Actor } from '../../http/kit/actor.js';
import type { IngressDeps } from '../../http/kit/route.js';
import { isHttps, readSessionCookie } from './cookies.js';
import type { OpsEnv } from './env.js';
import { loginPath } from './next.js';
import type { Session, Sessions } from './session.js';

/**
 * Who is signed in, with a fresh look at their key: one that was revoked is out at its next request. Without a session pages lead
 * to the door, and nothing that was sent is done.
 */
export const sessionGuard = (deps: IngressDeps, sessions: Sessions) =>
  createMiddleware<OpsEnv>(async (c, next) => {
    const session = sessionOf(deps, sessions, c);
    const operator = session && (await operatorOf(deps, session));
    if (session === undefined || operator === undefined) return turnAway(c);
    c.set('operator', operator);
    c.set('csrfToken', sessions.csrfToken(session));
    return next();
  });

export function sessionOf(deps: IngressDeps, sessions: Sessions, c: Context<OpsEnv>): Session | undefined {
  const token = readSessionCookie(c, isHttps(deps));
  return token === undefined ? undefined : sessions.read(token, deps.now());
}

/** `undefined` once their key was revoked. */
export async function operatorOf(deps: IngressDeps, session: Session): Promise<Actor | undefined> {
  const key = await findOperatorKey(deps.connection.db, session.keyId);
  return key && { keyId: key.id, kind: key.kind, keyHash: key.hash, name: key.name, mchids: key.mchids };
}

function turnAway(c: Context<OpsEnv>): Response {
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD')
    throw new ApiError('unauthorized', 'Sign in again. Nothing was done.');
  const { pathname, search } = new URL(c.req.url);
  return c.redirect(loginPath(pathname + search), 303);
}
