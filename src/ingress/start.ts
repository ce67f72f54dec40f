import { createAdaptorServer } from '@hono/node-server';
import type { Server } from 'node:http';
import { createApp } from './app.js';
import type { IngressDeps } from './deps.js';

export type Ingress = {
  readonly url: string;
  /** `/readyz` says no from now on, so that nothing new is sent here; what comes nevertheless is served. */
  drain(): void;
  /**
   * Takes no more connections, ends streams, waits for requests in flight, and cuts off what is left after `graceMs`.
   * Dependencies are the caller's to close, afterwards.
   */
  close(graceMs: number): Promise<void>;
};

/** A request whose headers and body have not arrived by then is answered 408: slow senders hold no sockets. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Longer than load balancers keep theirs (60 s is usual), so that they never send on a connection that is just ending. */
const KEEP_ALIVE_MS = 65_000;

/** Serves {@link createApp}; port 0 means any free one. Rejects when the address is taken. */
export async function startIngress(
  deps: Omit<IngressDeps, 'draining' | 'stopping'>,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<Ingress> {
  const draining = new AbortController();
  const stopping = new AbortController();
  const app = createApp({ ...deps, draining: draining.signal, stopping: stopping.signal });
  const server = createAdaptorServer({
    fetch: async (request, env) => {
      const response = await app.fetch(request, env);
      // So that connections kept alive end with the answer they wait for, and the next request goes elsewhere.
      if (draining.signal.aborted) response.headers.set('Connection', 'close');
      return response;
    },
    serverOptions: { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
  }) as Server;
  // A stream's connection is kept alive past its end, since it began before anybody knew of the end.
  server.on('request', (_, response) => {
    response.once('close', () => {
      if (stopping.signal.aborted) setImmediate(() => server.closeIdleConnections());
    });
  });
  await listen(server, port, host);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${portOf(server)}`,
    drain: () => draining.abort(),
    close: (graceMs) => {
      draining.abort();
      return close(server, stopping, graceMs);
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}

async function close(server: Server, stopping: AbortController, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  stopping.abort();
  server.closeIdleConnections();
  const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cutOff);
}
