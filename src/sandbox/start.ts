import { serve, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { once } from 'node:events';
import { Server } from 'node:http';
import { faultRoutes, observationRoutes } from './control/behaviour.js';
import { controlGuard } from './control/guard.js';
import { merchantRoutes } from './control/merchants.js';
import { outsideRoutes } from './control/outside.js';
import { paymentRoutes } from './control/trades.js';
import { refundRoutes } from './control/refunds.js';
import { createFaults } from './fault/fault.js';
import { createMerchants } from './identity/merchants.js';
import { createDeliver } from './notify/deliver.js';
import { createNotifyQueue } from './notify/queue.js';
import { createAccounts } from './accounts.js';
import { createRefundLife } from './refund/life.js';
import { createRefunds } from './refund/refund.js';
import { createClock } from './store/clock.js';
import { openStore, type Store } from './store/store.js';
import { phoneRoutes } from './phone/page.js';
import { createPay } from './trade/pay.js';
import { createTrades } from './trade/trade.js';
import { createCounters } from './wire/limits.js';
import { wireRoutes } from './wire/v3/routes.js';

export interface SandboxOptions {
  /** 0, the default, takes any free one. */
  port?: number;
  /** default 127.0.0.1 */
  host?: string;
  /** Further names, with or without a port, under which the control plane may be reached. */
  allowHost?: readonly string[];
  /** Keeps everything in this folder; without it, in memory. */
  dir?: string;
  /** Notify retry intervals are divided by it; default 1. */
  timeScale?: number;
  /** Unexpected failures; default standard error. */
  onError?: (error: unknown) => void;
}

export interface Sandbox {
  url: string;
  /** Ends open connections at once, the held ones too. */
  close(): Promise<void>;
}

/** A prepay with 6000 goods is about 1 MB. */
const maxBodyBytes = 4 * 1024 * 1024;

/** Starts the WeChat Pay simulator. Throws when the port is taken or the folder cannot be read. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const host = options.host ?? '127.0.0.1';
  const store = await openStore(options.dir);
  const stopping = new AbortController();
  const onError = options.onError ?? ((error: unknown) => console.error(error));
  const { app, stop } = await createApp(store, { ...options, onError }, stopping.signal);
  const release = () => {
    stop();
    stopping.abort();
    store.close();
  };
  const server = await listen(app.fetch, options.port ?? 0, host).catch((error: unknown) => {
    release();
    throw error;
  });
  return {
    url: urlOf(server, host),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      release();
    },
  };
}

type Fetch = Hono<{ Bindings: HttpBindings }>['fetch'];

async function listen(fetch: Fetch, port: number, hostname: string): Promise<Server> {
  const server = serve({ fetch, port, hostname });
  if (!(server instanceof Server)) throw new Error('not a plain HTTP server');
  // Longer than clients keep idle connections, so that none is closed under a request.
  server.keepAliveTimeout = 65_000;
  await once(server, 'listening');
  return server;
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the server has no port');
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

async function createApp(
  store: Store,
  options: SandboxOptions & { onError: (error: unknown) => void },
  stopped: AbortSignal,
) {
  const clock = createClock(store, Date.now);
  const merchants = await createMerchants(store, clock, options.dir);
  const faults = createFaults();
  const trades = createTrades(store, clock);
  const deliver = createDeliver({ clock, merchants, faults, stopped });
  const notifies = createNotifyQueue({
    store,
    clock,
    deliver,
    timeScale: options.timeScale ?? 1,
    onError: options.onError,
  });
  const pay = createPay({ store, clock, trades, notifies });
  const refunds = createRefunds(store);
  const accounts = createAccounts(store);
  const refundLife = createRefundLife({ store, clock, trades, refunds, accounts, notifies });
  const counters = createCounters();
  const wire = { clock, merchants, faults, counters, trades, pay, stopped, probed: new Set<string>() };
  const ledger = { store, clock, trades, refunds, accounts, refundLife };
  const control = { ...ledger, merchants, notifies, faults, counters, pay };

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(bodyLimit({ maxSize: maxBodyBytes, onError: (c) => c.body(null, 413) }));
  app.route('/', wireRoutes(ledger, wire));
  app.use(
    '/sandbox/*',
    controlGuard([...(options.allowHost ?? []), ...(options.host === undefined ? [] : [options.host])]),
  );
  app.route('/sandbox', merchantRoutes(control));
  app.route('/sandbox', paymentRoutes(control));
  app.route('/sandbox', refundRoutes(control));
  app.route('/sandbox', outsideRoutes(control));
  app.route('/sandbox', faultRoutes(control));
  app.route('/sandbox', observationRoutes(control));
  app.route('/sandbox', phoneRoutes(control));
  app.notFound((c) => c.body(null, 404));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    options.onError(error);
    return c.json({ code: 'SYSTEM_ERROR', message: 'the sandbox itself failed' }, 500);
  });
  const stop = () => {
    refundLife.stop();
    notifies.stop();
  };
  return { app, stop };
}
