import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { networkInterfaces } from 'node:os';
import { z } from 'zod';
import type { Gateway } from './gateway.js';
import { issueServer } from './identity/issue.js';
import { secapiRoutes } from './wire/v2/serve.js';

interface SecapiOptions {
  host: string;
  /** 0: the one that the folder had before, if it is free, else any free one. */
  port: number;
  /** Further names, with or without a port, under which clients come. */
  allowHost: readonly string[];
  onError: (error: unknown) => void;
}

/**
 * The TLS port of API v2. A caller without a client certificate is let in, and then told by HTTP what is missing, as by WeChat
 * Pay. The server's own certificate is issued at every start, by the authority that clients know.
 */
export async function startSecapi(gateway: Gateway, options: SecapiOptions) {
  const { merchants, clock, store } = gateway;
  const ports = store.table('secapi', z.object({ port: z.number() }));
  const certificate = await issueServer(merchants.authority, hostsOf(options), new Date(clock.realNow()));
  const listener = getRequestListener(createApp(gateway, options).fetch);
  const server = createServer(
    {
      key: certificate.privateKeyPem,
      cert: certificate.certificatePem,
      ca: merchants.authority.certificatePem,
      requestCert: true,
      rejectUnauthorized: false,
      keepAliveTimeout: 65_000,
    },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  const last = options.port === 0 ? (ports.get('port')?.port ?? 0) : options.port;
  await listen(server, last, options.host).catch((error: unknown) => {
    if (options.port !== 0 || last === 0) throw error;
    return listen(server, 0, options.host);
  });
  const port = portOf(server);
  if (ports.get('port')?.port !== port) store.write(ports.put('port', { port }));
  return { port, server };
}

function createApp(gateway: Gateway, { onError }: SecapiOptions): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(bodyLimit({ maxSize: 1024 * 1024, onError: (c) => c.body(null, 413) }));
  app.route('/', secapiRoutes(gateway));
  app.notFound((c) => c.body(null, 404));
  app.onError((error, c) => {
    onError(error);
    return c.body(null, 500);
  });
  return app;
}

/** The names and addresses that its certificate is good for. */
function hostsOf({ host, allowHost }: SecapiOptions): string[] {
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []);
  const names = [host, ...allowHost].map((name) => name.replace(/:\d+$/, ''));
  return [...new Set(['localhost', '127.0.0.1', ...own, ...names])];
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the TLS server has no port');
  return address.port;
}
