import { serve, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { once } from 'node:events';
import { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { behaviourRoutes } from './control/behaviour.js';
import { codeRoutes } from './control/codes.js';
import { merchantRoutes } from './control/merchants.js';
import { refundRoutes } from './control/refunds.js';
import { controlGuard } from './control/request.js';
import { tradeRoutes } from './control/trades.js';
import { openGateway, type Gateway } from './gateway.js';
import { generateKeys, type NewKeyPair } from './identity/issue.js';
import { FIRST_MCHID } from './identity/merchants.js';
import { phoneRoutes } from './phone/page.js';
import { startSecapi } from './secapi.js';
import { v2Routes } from './wire/v2/serve.js';
import { v3Routes } from './wire/v3/serve.js';

export interface SandboxOptions {
  /** 0, the default, takes any free one. */
  port?: number;
  /** Of API v2's calls that want a client certificate. 0, the default: the folder's last one, if it is free, else any free one. */
  secapiPort?: number;
  host?: string;
  /** Further names, with or without a port, under which the control plane may be reached. */
  allowHost?: readonly string[];
  /** Keeps everything in this folder; without it, in memory. */
  dir?: string;
  /** Notify retry intervals are divided by it; default 1. */
  timeScale?: number;
  /** Seconds by which business time begins before real time; the sign does not matter. A folder keeps its first one. */
  clockOffset?: number;
  /** Of the merchants made without a number, the first one's; default 1600000001. Sandboxes beside one Temporal need different ones. */
  firstMchid?: number;
  /** Default: generates them. */
  newKeyPair?: NewKeyPair;
  /** Unexpected failures; default standard error. */
  onError?: (error: unknown) => void;
}

export interface Sandbox {
  url: string;
  /** Of API v2's calls that want a client certificate. */
  secapiUrl: string;
  /** Ends open connections at once, the held ones too. */
  close(): Promise<void>;
}

/** Starts the WeChat Pay simulator. Throws when the port is taken or the folder cannot be read. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, host = '127.0.0.1', timeScale = 1, clockOffset = 0, dir } = options;
  const { firstMchid = FIRST_MCHID, newKeyPair = generateKeys } = options;
  const onError = options.onError ?? ((error: unknown) => console.error(error));
  const { allowHost = [], secapiPort = 0 } = options;
  const gateway = await openGateway({ dir, timeScale, clockOffset, firstMchid, newKeyPair, onError });
  const opened: (Server | TlsServer)[] = [];
  const close = async () => {
    await Promise.all(opened.map(closeServer));
    gateway.close();
  };
  try {
    const secapi = await startSecapi(gateway, { host, port: secapiPort, allowHost, onError });
    opened.push(secapi.server);
    const knownHosts = [...allowHost, ...(options.host === undefined ? [] : [options.host])];
    const server = await listen(createApp(gateway, secapi.port, knownHosts, onError).fetch, port, host);
    opened.push(server);
    return { url: urlOf('http', server, host), secapiUrl: urlOf('https', secapi.server, host), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function closeServer(server: Server | TlsServer): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

type App = Hono<{ Bindings: HttpBindings }>;

/** A prepay with 6000 goods is about 1 MB. */
const maxBodyBytes = 4 * 1024 * 1024;

function createApp(
  gateway: Gateway,
  secapiPort: number,
  knownHosts: readonly string[],
  onError: (error: unknown) => void,
): App {
  const app: App = new Hono();
  app.use(bodyLimit({ maxSize: maxBodyBytes, onError: (c) => c.body(null, 413) }));
  app.route('/', v3Routes(gateway));
  app.route('/', v2Routes(gateway));
  app.use('/sandbox/*', controlGuard(knownHosts));
  app.route('/sandbox', merchantRoutes(gateway, secapiPort));
  for (const routes of [tradeRoutes, codeRoutes, refundRoutes, behaviourRoutes, phoneRoutes]) {
    app.route('/sandbox', routes(gateway));
  }
  app.notFound((c) => c.body(null, 404));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    onError(error);
    return c.json({ code: 'SYSTEM_ERROR', message: 'the sandbox itself failed' }, 500);
  });
  return app;
}

async function listen(fetch: App['fetch'], port: number, hostname: string): Promise<Server> {
  const server = serve({ fetch, port, hostname });
  if (!(server instanceof Server)) throw new Error('not a plain HTTP server');
  // Longer than clients keep idle connections, so that none is closed under a request.
  server.keepAliveTimeout = 65_000;
  await once(server, 'listening');
  return server;
}

function urlOf(scheme: 'http' | 'https', server: Server | TlsServer, host: string): string {
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the server has no port');
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
