import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { isLoopback } from '../wire/v3/fields.js';
import { refuse } from './request.js';

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
