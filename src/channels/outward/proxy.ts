import { isIPv6 } from 'node:net';
import { isLoopback } from '../safe-url.js';

/** The way out of a network that lets nothing else out: a proxy that takes CONNECT. */
export type OutboundProxy = {
  readonly protocol: 'http:' | 'https:';
  /** An IPv6 address stands without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** `Proxy-Authorization`: a function, so that nothing that writes settings down writes it. */
  readonly authorization: () => string | undefined;
  /** Hosts that are reached without it. */
  readonly exceptions: readonly ProxyException[];
};

/** Of the host itself and of the names below it; at any port where none is given. */
export type ProxyException = { readonly host: string; readonly port: number | undefined };

/** `http://[user:password@]host[:port]`, or https; `undefined` for anything else. */
export function parseProxy(text: string, exceptions: readonly ProxyException[]): OutboundProxy | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  if ((pathname !== '/' && pathname !== '') || search + hash !== '') return undefined;
  const user = decoded(`${username}:${password}`);
  if (user === undefined) return undefined;
  const authorization = username === '' ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
  return {
    protocol,
    hostname: withoutBrackets(hostname),
    port: Number(port === '' ? STANDARD_PORTS[protocol] : port),
    authorization: () => authorization,
    exceptions,
  };
}

const STANDARD_PORTS = { 'http:': 80, 'https:': 443 } as const;

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const MAX_EXCEPTIONS = 100;

/** Hosts with commas between them, as `NO_PROXY` has them: `.example.com` and `*.example.com` say the same as `example.com`. */
export function parseProxyExceptions(text: string): readonly ProxyException[] | undefined {
  const items = text.split(',').map((item) => item.trim());
  const parsed = items.filter((item) => item !== '').map(parseException);
  const exceptions = parsed.filter((it) => it !== undefined);
  return exceptions.length === parsed.length && parsed.length <= MAX_EXCEPTIONS ? exceptions : undefined;
}

function parseException(text: string): ProxyException | undefined {
  const [, host = '', port] = /^(?:\*?\.)?([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (host === '') return undefined;
  return { host: withoutBrackets(host).toLowerCase(), port: port === undefined ? undefined : Number(port) };
}

export type Target = { readonly host: string; readonly port: number };

/** The proxy on the way there. A sandbox on this machine is always reached without one. */
export function proxyTo(proxy: OutboundProxy | undefined, target: Target): OutboundProxy | undefined {
  if (proxy === undefined || isLoopback(withBrackets(target.host))) return undefined;
  return proxy.exceptions.some((it) => isExcepted(it, target)) ? undefined : proxy;
}

const isExcepted = (exception: ProxyException, { host, port }: Target): boolean =>
  (exception.port === undefined || exception.port === port) &&
  (host.toLowerCase() === exception.host || host.toLowerCase().endsWith(`.${exception.host}`));

/** Where a URL leads. */
export function targetOf(url: string): Target {
  const { protocol, hostname, port } = new URL(url);
  return {
    host: withoutBrackets(hostname),
    port: Number(port === '' ? (protocol === 'http:' ? STANDARD_PORTS['http:'] : STANDARD_PORTS['https:']) : port),
  };
}

export const authorityOf = ({ host, port }: Target): string => `${withBrackets(host)}:${port}`;

/** For people: without the password. */
export const shownProxy = ({ protocol, hostname: host, port, authorization }: OutboundProxy): string =>
  `${protocol}//${authorityOf({ host, port })}${authorization() === undefined ? '' : ' (with a password)'}`;

const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');
const withBrackets = (host: string): string => (isIPv6(host) ? `[${host}]` : host);
