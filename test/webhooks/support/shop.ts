import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { parseMchid, type Mchid } from '../../../src/base/ids.js';
import {
  type ShopWebhook,
  type WebhookEndpoint,
  createShopWebhooks,
  type ShopWebhooksDeps,
  type Delivery,
} from '../../../src/webhooks/webhooks.js';

/** Generous: only what hangs meets it. */
export const PATIENT = { timeoutMs: 60_000 };

export type Seen = {
  readonly method: string | undefined;
  readonly target: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Answer = (response: ServerResponse, seen: Seen) => void;

export type Listening = { readonly port: number; readonly connections: () => number };

export type Shop = Listening & { readonly seen: Seen[] };

/** A shop on a free port of this machine; ends with the test. */
export async function startShop(answer: Answer, host = '127.0.0.1'): Promise<Shop> {
  const seen: Seen[] = [];
  return { ...(await listen(createServer(recorder(seen, answer)), host)), seen };
}

export async function startSecureShop(tls: { key: string; cert: string }, answer: Answer): Promise<Shop> {
  const seen: Seen[] = [];
  return { ...(await listen(createSecureServer(tls, recorder(seen, answer)), '127.0.0.1')), seen };
}

/** Speaks whatever the test makes it speak. */
export const startTcp = (onConnection: (socket: Socket) => void): Promise<Listening> =>
  listen(createTcpServer(onConnection), '127.0.0.1');

async function listen(server: Server, host: string): Promise<Listening> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

function recorder(seen: Seen[], answer: Answer): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url: target } = request;
      const call = { method, target, headers: headersOf(request), body: Buffer.concat(chunks).toString() };
      seen.push(call);
      answer(response, call);
    });
  };
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

export function newDelivery(change: Partial<Delivery> = {}): Delivery {
  const body = JSON.stringify({ type: 'order.paid', data: { order: { orderNo: 'A-1001', description: '一碗面' } } });
  return { id: `evt_${randomUUID()}`, timestamp: new Date(), body, ...change };
}

export const MCHID: Mchid = mchidOf('1900000001');

/** The webhook of a shop that may be on this machine, unless the test says otherwise. */
export function webhookTo(
  url: string,
  change: Partial<WebhookEndpoint> = {},
  deps: ShopWebhooksDeps = {},
): ShopWebhook {
  const endpoint = { url, secrets: [newSecret()], allowedPrivateRanges: ['127.0.0.0/8', '::1/128'], ...change };
  const webhook = createShopWebhooks(() => endpoint, deps).for(MCHID);
  if (webhook === undefined) throw new Error('the shop has no webhook');
  return webhook;
}

export function mchidOf(text: string): Mchid {
  const parsed = parseMchid(text);
  if (!parsed.ok) throw new Error('not a mchid');
  return parsed.value;
}
