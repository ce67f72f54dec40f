import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { z } from 'zod';
import { appidsOf } from '../identity/merchant.js';
import type { Merchant, Merchants } from '../identity/merchants.js';

/** The merchant that `?mchid=` names, default the first. Throws a 404. */
export function chosenMerchant(c: Context, merchants: Merchants): Merchant {
  const mchid = c.req.query('mchid');
  const merchant = mchid === undefined ? merchants.first() : merchants.find(mchid);
  return merchant ?? refuse(404, 'unknown_merchant', `no merchant ${mchid ?? ''}`);
}

export const chosenMchid = (c: Context, merchants: Merchants): string => chosenMerchant(c, merchants).row.mchid;

/** Ends the request unless the appid is the merchant's. */
export function requireOwn(merchant: Merchant | undefined, appid: string | undefined): void {
  if (appid === undefined || (merchant !== undefined && appidsOf(merchant.row).includes(appid))) return;
  refuse(400, 'invalid_request', `appid: ${appid} is not of this merchant`);
}

/** The JSON body in the given shape; an empty body is `{}`. Throws a 400 that names the wrong fields. */
export async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text();
  const result = schema.safeParse(text === '' ? {} : parseJson(text));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  return refuse(400, 'invalid_request', problems.join('; '));
}

export function refuse(status: 400 | 403 | 404 | 409 | 415, code: string, message: string): never {
  throw new HTTPException(status, { res: Response.json({ code, message }, { status }) });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse(400, 'invalid_request', 'the body is not JSON');
  }
}
