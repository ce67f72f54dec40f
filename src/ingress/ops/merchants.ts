import type { Context } from 'hono';
import type { Mchid } from '../../base/ids.js';
import { ApiError } from '../../http/kit/api-error.js';
import type { OpsEnv } from './env.js';

/** The merchants a page is about: the one of `?mchid=`, else all that the operator acts for. Throws `forbidden`. */
export function chosenMerchants(c: Context<OpsEnv>): readonly Mchid[] {
  const chosen = chosenMerchant(c);
  return chosen === undefined ? c.get('operator').mchids : [chosen];
}

/** The one of `?mchid=`; an empty field of a form is no choice. Throws `forbidden`. */
export function chosenMerchant(c: Context<OpsEnv>): Mchid | undefined {
  const asked = c.req.query('mchid') ?? '';
  return asked === '' ? undefined : requireMerchant(c, asked);
}

/** The merchant named in a path or a form, which the operator acts for. Throws `forbidden`. */
export function requireMerchant(c: Context<OpsEnv>, asked: string): Mchid {
  const named = c.get('operator').mchids.find((mchid) => mchid === asked);
  if (named === undefined) throw new ApiError('forbidden', 'This key does not act for that merchant.');
  return named;
}
