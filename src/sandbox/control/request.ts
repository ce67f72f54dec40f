import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { z } from 'zod';
import { appidsOf } from '../identity/merchant.js';
import type { Merchant, Merchants } from '../identity/merchants.js';
import { isLoopback } from '../wire/fields.js';

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

type GuardContext = Context<{ Bindings: HttpBindings }>;

/**
 * The control plane pays and shows private keys, and a web page reaches whatever its reader's browser does. A name that an
 * attacker pointed at this address is no Host of it, another site's Origin differs, and a form cannot send JSON.
 */
export function controlGuard(knownHosts: readonly string[]): MiddlewareHandler<{ Bindings: HttpBindings }> {
  return async (c, next) => {
    const host = parseHost(c.req.header('host'));
    if (!host || !isKnown(c, host, knownHosts)) {
      refuse(403, 'unknown_host', 'the control plane is not known by this Host; --allow-host adds a name');
    }
    if (isForeign(c.req.header('origin'), host)) refuse(403, 'foreign_origin', 'another site may not call this');
    if (!isJson(c)) refuse(415, 'not_json', 'a body is application/json');
    if (!/^(identity)?$/i.test(c.req.header('content-encoding') ?? '')) {
      refuse(415, 'unsupported_encoding', 'a body is sent as it is, without a Content-Encoding');
    }
    await next();
  };
}

function parseHost(text: string | undefined): URL | undefined {
  if (text === undefined || !/^(\[[0-9a-f:.]+\]|[0-9a-z._-]+)(:\d{1,5})?$/i.test(text)) return undefined;
  return URL.canParse(`http://${text}`) ? new URL(`http://${text}`) : undefined;
}

/** Loopback may be reached through a tunnel or a published port, so its port may be any. */
function isKnown(c: GuardContext, host: URL, knownHosts: readonly string[]): boolean {
  const { localAddress = '', localPort } = c.env.incoming.socket;
  const name = host.hostname.replace(/\.$/, '');
  if (isLoopback(name)) return true;
  if (knownHosts.some((known) => [name, host.host].includes(known.toLowerCase()))) return true;
  const isBound = name.replace(/^\[|\]$/g, '') === localAddress.replace(/^::ffff:/, '');
  return isBound && Number(host.port || 80) === localPort;
}

/** Browsers send no Origin with simple reads, whose answers another site cannot see. */
function isForeign(origin: string | undefined, host: URL): boolean {
  if (origin === undefined) return false;
  return !URL.canParse(origin) || !/^https?:$/.test(new URL(origin).protocol) || new URL(origin).host !== host.host;
}

function isJson({ req }: GuardContext): boolean {
  const type = req.header('content-type');
  const hasBody = req.header('transfer-encoding') !== undefined || Number(req.header('content-length') ?? 0) > 0;
  if (type === undefined) return !hasBody;
  return type.split(';')[0]?.trim().toLowerCase() === 'application/json';
}
