import { Agent as HttpAgent, request as httpRequest, type ClientRequestArgs } from 'node:http';
import {
  Agent as HttpsAgent,
  request as httpsRequest,
  type AgentOptions as HttpsAgentOptions,
  type RequestOptions,
} from 'node:https';
import { isIP, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { authorityOf, proxyTo, type OutboundProxy, type Target } from './proxy.js';

/** An older idle connection is not used again: the other side may be closing it just now. */
const IDLE_SOCKET_MS = 30_000;
const MAX_SOCKETS = 32;
/** Longer than a call waits: what was begun for one may serve the next. */
const CONNECT_MS = 10_000;

export type ShownTls = Pick<HttpsAgentOptions, 'ca' | 'cert' | 'key'>;

export type Agents = { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent };

/**
 * Agents that give a request its connection only once that stands: the proxy's tunnel, TLS and all. Before its `socket` event no byte
 * of a request has left this machine.
 */
export function createAgents(proxy: OutboundProxy | undefined, tls: ShownTls): Agents {
  const kept = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_SOCKET_MS };
  // The environment could turn verification off.
  const verified = { ...kept, ...tls, rejectUnauthorized: true };
  return { httpAgent: new StandingHttpAgent(kept), httpsAgent: new StandingHttpsAgent(verified, proxy) };
}

/** Beside an error the connection is of no use. */
type Connected = (error: Error | null, socket: Duplex) => void;

class StandingHttpAgent extends HttpAgent {
  override createConnection(options: ClientRequestArgs, connected: Connected = () => undefined): undefined {
    whenStanding(super.createConnection(options), 'connect', connected);
  }
}

class StandingHttpsAgent extends HttpsAgent {
  readonly #proxy: OutboundProxy | undefined;

  constructor(options: HttpsAgentOptions, proxy: OutboundProxy | undefined) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(options: RequestOptions, connected: Connected = () => undefined): undefined {
    const target = { host: options.host ?? 'localhost', port: Number(options.port ?? 443) };
    const proxy = proxyTo(this.#proxy, target);
    const secure = (tunnel: { readonly socket?: Duplex }): void => {
      whenStanding(super.createConnection({ ...options, ...tunnel }), 'secureConnect', connected);
    };
    if (proxy === undefined) secure({});
    else openTunnel(proxy, target, (error, socket) => (error === null ? secure({ socket }) : connected(error, socket)));
  }
}

/** Calls back once. An error of an idle connection later on is its end and nothing more. */
function whenStanding(made: Duplex | null | undefined, event: 'connect' | 'secureConnect', connected: Connected): void {
  const socket = made ?? new Socket().destroy(new Error('no connection was made'));
  let isOver = false;
  const end = (error: Error | null): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    if (error !== null) socket.destroy();
    connected(error, socket);
  };
  const timer = setTimeout(() => end(tooLate()), CONNECT_MS).unref();
  socket.once(event, () => end(null));
  socket.on('error', end);
  socket.once('close', () => end(new Error('the connection ended before it stood')));
}

const tooLate = (): Error => Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' });

/** The proxy answered, and lets nothing through. */
export class ProxyRefused extends Error {
  override readonly name = 'ProxyRefused';
  readonly code: string;
  readonly status: number;

  constructor(status: number) {
    super('the proxy opens no tunnel');
    this.status = status;
    this.code = `PROXY_ANSWERS_${status}`;
  }
}

/** Bytes to the target and back through the proxy, by CONNECT; the proxy is shown no certificate of a merchant's. Calls back once. */
export function openTunnel(proxy: OutboundProxy, target: Target, connected: Connected): void {
  const { protocol, hostname: host, port, authorization } = proxy;
  const authority = authorityOf(target);
  const login = authorization();
  // Else the name in `host` would be asked for, which is the target's.
  const servername = isIP(host) === 0 ? host : '';
  const request = (protocol === 'https:' ? httpsRequest : httpRequest)({
    ...{ method: 'CONNECT', host, port, path: authority, agent: false, servername, rejectUnauthorized: true },
    headers: { host: authority, ...(login === undefined ? {} : { 'proxy-authorization': login }) },
  });
  const timer = setTimeout(() => request.destroy(tooLate()), CONNECT_MS).unref();
  request.once('connect', ({ statusCode = 0 }, socket, head) => {
    clearTimeout(timer);
    socket.on('error', () => undefined);
    // Where a client speaks first, whatever comes with the answer is not the target's.
    if (statusCode === 200 && head.length === 0) connected(null, socket);
    else connected(new ProxyRefused(statusCode), socket.destroy());
  });
  request.once('error', (error) => {
    clearTimeout(timer);
    connected(error, new Socket());
  });
  request.end();
}
