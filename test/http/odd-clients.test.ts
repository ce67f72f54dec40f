import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { served } from '../../src/entries/served.js';
import { startIngress, type Ingress } from '../../src/http/start.js';
import type { IngressDeps } from '../../src/http/kit/route.js';
import { useTestApp } from './support/test-app.js';

const test = useTestApp();
const started: Ingress[] = [];
const clients: Socket[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(started.splice(0).map((ingress) => ingress.close(1_000)));
});

async function start(change: Partial<IngressDeps> = {}): Promise<Ingress> {
  const ingress = await startIngress(test.deps(change), served, { port: 0, host: '127.0.0.1' });
  started.push(ingress);
  return ingress;
}

type Client = { readonly socket: Socket; readonly heard: () => string; readonly closed: Promise<unknown> };

/** A connection whose every byte is the test's own. */
async function open({ url }: Ingress): Promise<Client> {
  const socket = connectSocket({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  clients.push(socket);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  return { socket, heard: () => text, closed };
}

const HOST = 'Host: 127.0.0.1\r\n';
const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\n${HOST}${headers}\r\n`;
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

describe('bytes that are no request, on a connection that has an answer under way', () => {
  const NONSENSE = '\0\x01 no request\r\n\r\n';

  it('end it, and are never answered in the middle of a stream', async () => {
    const client = await open(await start());
    const number = await test.placeOrder();
    client.socket.write(get(`/v1/orders/${number}/stream`, `Authorization: Bearer ${test.merchantKey}\r\n`));
    await expect.poll(client.heard).toContain('event: order');
    client.socket.write(NONSENSE);
    client.socket.end();
    await client.closed;
    expect(statuses(client.heard())).toEqual([200]);
  });

  it('are never taken for the answer to the request before them', async () => {
    let release: () => void = () => undefined;
    const ready = () =>
      new Promise<Record<string, boolean>>((resolve) => (release = () => resolve({ temporal: true })));
    const client = await open(await start({ ready }));
    client.socket.write(get('/readyz') + NONSENSE);
    await pause(300);
    release();
    client.socket.end();
    await client.closed;
    expect(statuses(client.heard())).not.toContain(400);
  });
});

describe('requests sent one behind the other', () => {
  it('are answered in their order, all of them', async () => {
    const client = await open(await start());
    const paths = Array.from({ length: 500 }, (_, n) =>
      n % 3 === 0 ? '/healthz' : n % 3 === 1 ? '/nowhere' : '/v1/orders',
    );
    client.socket.write(paths.map((path) => get(path)).join(''));
    await expect.poll(() => statuses(client.heard()).length).toBe(500);
    expect(statuses(client.heard())).toEqual(paths.map((_, n) => [200, 404, 401][n % 3]));
  });
});
