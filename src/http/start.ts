import { getRequestListener } from '@hono/node-server';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createSeats } from '../base/rate.js';
import { ApiError } from './kit/api-error.js';
import { createApp, type Served } from './app.js';
import type { IngressDeps } from './kit/route.js';
import type { Side } from './door.js';
import { isNearby, networkOf } from './kit/client-address.js';
import { problemResponse } from './kit/problem.js';

export type Ingress = {
  readonly url: string;
  /** Where operators' pages, metrics and documentation are, if not on {@link url}. */
  readonly adminUrl: string | undefined;
  /** `/readyz` says no from now on; requests that come nevertheless are served. */
  drain(): void;
  /**
   * Takes no more connections, ends streams, waits for requests in flight, and cuts off what is left after `graceMs`.
   * Dependencies are the caller's to close, afterwards.
   */
  close(graceMs: number): Promise<void>;
};

export type Listening = {
  readonly port: number;
  readonly host: string;
  /** A second listener, which alone serves `/metrics`, `/ops` and `/docs`; 0: a free port. */
  readonly adminPort?: number | undefined;
  /** An idle connection is ended then; default 30,000. */
  readonly stalledMs?: number;
  /** From a request's first byte to its last; half of it for its headers. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** Of each listener; default 4,096. */
  readonly maxConnections?: number;
  /** Whether a proxy of ours may stand at this address; default loopback and private ranges. */
  readonly isNear?: (address: string) => boolean;
};

/** A request whose headers and body have not arrived by then is answered 408: slow senders hold no sockets. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Longer than any call waits (10 s), and twice a stream's heartbeat. */
const STALLED_MS = 30_000;

/** Longer than load balancers keep theirs (60 s is usual), so that they never send on a connection that is just ending. */
const KEEP_ALIVE_MS = 65_000;

/** One process has memory for so many answers that nobody reads. */
const MAX_CONNECTIONS = 4_096;

/** No single network of strangers takes all connections. */
const SHARE_OF_ONE = 1 / 4;

/** Serves {@link createApp}; port 0: a free one. Rejects when the address is taken. */
export async function startIngress(
  deps: Omit<IngressDeps, 'draining' | 'stopping'>,
  served: Served,
  listening: Listening,
): Promise<Ingress> {
  const { port, host, adminPort } = listening;
  const draining = new AbortController();
  const stopping = new AbortController();
  const hasAdmin = adminPort !== undefined;
  const signals = { draining: draining.signal, stopping: stopping.signal };
  const app = createApp({ ...deps, operatorsOverHttp: hasAdmin, ...signals }, served);
  const serve = (side: Side): Server => {
    const answer = async (request: Request, env: object): Promise<Response> => {
      const response = await app.fetch(request, { ...env, side });
      // Ends connections that are kept alive: the next request goes to another process.
      if (draining.signal.aborted) response.headers.set('Connection', 'close');
      return response;
    };
    const listener = getRequestListener(answer, { errorHandler: refuseUnroutable });
    return serverOf((request, response) => void listener(request, response), stopping.signal, listening);
  };
  const server = serve(hasAdmin ? 'public' : 'only');
  const admin = hasAdmin ? serve('admin') : undefined;
  await listen(server, port, host);
  if (admin !== undefined && adminPort !== undefined) {
    await listen(admin, adminPort, host).catch((error: unknown) => {
      server.close();
      throw error;
    });
  }
  const urlOf = (it: Server): string => `http://${host.includes(':') ? `[${host}]` : host}:${portOf(it)}`;
  return {
    url: urlOf(server),
    adminUrl: admin && urlOf(admin),
    drain: () => draining.abort(),
    close: async (graceMs) => {
      draining.abort();
      stopping.abort();
      await Promise.all([server, ...(admin === undefined ? [] : [admin])].map((it) => close(it, graceMs)));
    },
  };
}

function serverOf(listener: Parameters<typeof createServer>[1], stopping: AbortSignal, listening: Listening): Server {
  const { stalledMs = STALLED_MS, requestTimeoutMs = REQUEST_TIMEOUT_MS } = listening;
  const { maxConnections = MAX_CONNECTIONS, isNear = isNearby } = listening;
  const options = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs / 2,
    connectionsCheckingInterval: requestTimeoutMs / 6,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const server = createServer(options, listener);
  server.maxConnections = maxConnections;
  boundStrangers(server, maxConnections * SHARE_OF_ONE, isNear);
  // Node counts bytes that the other side takes as activity, and ends the connection where nobody listens for the event.
  server.timeout = stalledMs;
  server.on('request', closeWithItsConnection);
  const mayRefuse = refusalsOn(server);
  server.on('clientError', (error, socket: Socket) => {
    if (mayRefuse(socket)) refuseUnread(error, socket);
    else socket.destroy();
  });
  server.on('connect', (_, socket: Socket) => endWith(socket, 405, 'method_not_allowed'));
  // A stream that began before the stop has promised to keep its connection alive.
  server.on('request', (_, response) => {
    response.once('close', () => {
      if (stopping.aborted) setImmediate(() => server.closeIdleConnections());
    });
  });
  return server;
}

/** Node closes the answer that is being sent, but none that waits behind it for its turn: a stream there would never end. */
function closeWithItsConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  const onGone = (): void => void setImmediate(() => response.closed || response.emit('close'));
  socket.once('close', onGone);
  response.once('close', () => socket.off('close', onGone));
}

/**
 * Whether a refusal would be read as what it is: not where an answer is under way, which it would seem to be, or a part of; nor where
 * the request that broke off was answered before its end.
 */
function refusalsOn(server: Server): (socket: Socket) => boolean {
  const exchanges = new WeakMap<Socket, readonly Exchange[]>();
  const openOn = (socket: Socket): readonly Exchange[] => (exchanges.get(socket) ?? []).filter(isOpen);
  server.on('request', (request, response) => {
    exchanges.set(request.socket, [...openOn(request.socket), { request, response }]);
  });
  return (socket) => {
    const [first, ...others] = openOn(socket);
    if (first === undefined) return true;
    return others.length === 0 && !first.request.complete && !first.response.headersSent;
  };
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

const isOpen = ({ request, response }: Exchange): boolean => !request.complete || !response.writableFinished;

/** Our own proxy carries everybody's requests and is not bound. */
function boundStrangers(server: Server, most: number, isNear: (address: string) => boolean): void {
  const takeSeat = createSeats(most);
  server.on('connection', (socket: Socket) => {
    const { remoteAddress: address } = socket;
    if (address === undefined || isNear(address)) return;
    const leave = takeSeat(networkOf(address));
    if (leave === undefined) socket.destroy();
    else socket.once('close', leave);
  });
}

const refuseUnroutable = (): Response =>
  problemResponse(new ApiError('invalid_request', 'The request target cannot be read.'), randomUUID());

function refuseUnread(error: NodeJS.ErrnoException, socket: Socket): void {
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  if (error.code === 'ECONNRESET') socket.destroy();
  else endWith(socket, status, 'invalid_request', error.code === 'HPE_INVALID_URL' ? ENCODE : undefined);
}

const TITLE = 'The request cannot be read';
const ENCODE = 'The request target cannot be read: encode what is not ASCII in percent.';

/** Answers a request that could not be read. */
function endWith(socket: Socket, status: number, code: string, detail = TITLE): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({ type: `urn:paysaga:error:${code}`, title: TITLE, status, code, detail, requestId: '' });
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cutOff);
}
