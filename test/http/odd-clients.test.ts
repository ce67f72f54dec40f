import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { served } from '../../src/entries/served.js';
import { startIngress, type Ingress, type Listening } from '../../src/http/start.js';
import type { IngressDeps } from '../../src/http/kit/route.js';
import { MCHID, useTestApp } from './support/test-app.js';

const test = useTestApp();
const started: Ingress[] = [];
const clients: Socket[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(started.splice(0).map((ingress) => ingress.close(1_000)));
});

async function start(change: Partial<IngressDeps> = {}, bounds: Partial<Listening> = {}): Promise<Ingress> {
  const ingress = await startIngress(test.deps(change), served, { port: 0, host: '127.0.0.1', ...bounds });
  started.push(ingress);
  return ingress;
}

type Client = {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly closed: Promise<unknown>;
  /** The other side sends no more; whether it took its connection back is not to be seen from here. */
  readonly ended: Promise<unknown>;
};

/** A connection whose every byte is the test's own, and which it never ends by itself. */
async function open({ url }: Ingress): Promise<Client> {
  const socket = connectSocket({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  clients.push(socket);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const ended = Promise.race([closed, new Promise((resolve) => socket.once('end', resolve))]);
  await once(socket, 'connect');
  return { socket, heard: () => text, closed, ended };
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

describe('a client that is slow, silent or talks nonsense', () => {
  const BOUND_MS = 3_000;
  const BOUNDS = { stalledMs: BOUND_MS, requestTimeoutMs: BOUND_MS };
  /** For a machine that does a dozen other things; less than any bound that is not made small here. */
  const SLACK_MS = 15_000;
  const EACH = 20;

  it('is ended within its bound, whole, and keeps nobody else waiting meanwhile', async () => {
    const ingress = await start({ notifyDeadlineMs: BOUND_MS / 3 }, BOUNDS);
    await fetch(`${ingress.url}/healthz`);
    const before = socketsOfProcess();
    const create = `POST /v1/orders HTTP/1.1\r\n${HOST}Authorization: Bearer ${test.merchantKey}\r\n`;
    const notify = `POST /notify/wechatpay/v3/${MCHID} HTTP/1.1\r\n${HOST}`;
    const body = 'Content-Length: 500\r\n\r\n{';
    const chunked = 'Transfer-Encoding: chunked\r\n\r\n';
    const kinds: Readonly<Record<string, Behaviour>> = {
      silent: { first: '', answer: /^408$/ },
      headersThatStop: { first: 'GET /healthz HTTP/1.1\r\nX', answer: /^408$/ },
      headersWithoutEnd: { first: 'GET /healthz HTTP/1.1\r\n', drip: 'X', answer: /^408$/ },
      bodyByteByByte: { first: create + body, drip: ' ', answer: /^408$/ },
      // The request and the silence have the same bound: either may come first.
      bodyThatStops: { first: create + body, answer: /^(408)?$/ },
      bodyHalfClosed: { first: create + body, isHalfClosed: true, answer: /^400$/ },
      chunkByteByByte: { first: `${create}${chunked}1f4\r\n{`, drip: ' ', answer: /^408$/ },
      chunkedNonsense: { first: `${create}${chunked}zz\r\n`, answer: /^400$/ },
      notifyByteByByte: { first: notify + body, drip: ' ', answer: /^503$/ },
      notifyThatStops: { first: notify + body, answer: /^503$/ },
    };
    const endings: { readonly kind: string; readonly answer: string }[] = [];
    for (const [kind, behaviour] of Object.entries(kinds)) {
      for (let n = 0; n < EACH; n += 1) {
        void behave(await open(ingress), behaviour).then((answer) => endings.push({ kind, answer }));
      }
    }
    const begunAt = performance.now();
    let slowestMs = 0;
    while (endings.length < clients.length && performance.now() - begunAt < 2 * BOUND_MS + SLACK_MS) {
      const askedAt = performance.now();
      expect((await fetch(`${ingress.url}/healthz`)).status).toBe(200);
      slowestMs = Math.max(slowestMs, performance.now() - askedAt);
      await pause(200);
    }
    for (const [kind, { answer }] of Object.entries(kinds)) {
      const answers = endings.filter((ending) => ending.kind === kind).map((ending) => ending.answer);
      expect([kind, answers]).toEqual([
        kind,
        Array.from({ length: EACH }, () => expect.stringMatching(answer) as string),
      ]);
    }
    expect(slowestMs).toBeLessThan(SLACK_MS);
    // The clients keep their side: what is left in this process is theirs alone.
    const theirs = () => clients.filter(({ destroyed }) => !destroyed).length;
    await expect.poll(() => socketsOfProcess() - theirs(), { timeout: SLACK_MS }).toBeLessThan(before + EACH);
  });

  it('that reads slowly is not ended before it has read all', async () => {
    const ingress = await start({}, BOUNDS);
    const path = '/docs/swagger-ui-bundle.js';
    const { byteLength } = await (await fetch(ingress.url + path)).arrayBuffer();
    const client = await open(ingress);
    const askedAt = performance.now();
    let budget = 0;
    const reading = setInterval(() => {
      budget = 1_000_000;
      client.socket.resume();
    }, 250);
    client.socket.on('data', (chunk: Buffer) => {
      budget -= chunk.length;
      if (budget <= 0) client.socket.pause();
    });
    // More than the system's buffers take by themselves.
    client.socket.write(get(path).repeat(11) + get(path, 'Connection: close\r\n'));
    await client.ended;
    clearInterval(reading);
    expect(client.heard().length).toBeGreaterThan(12 * byteLength);
    expect(performance.now() - askedAt).toBeGreaterThan(BOUND_MS);
  });

  type Behaviour = {
    readonly first: string;
    /** Sent again and again. */
    readonly drip?: string;
    readonly isHalfClosed?: boolean;
    /** The statuses it hears. */
    readonly answer: RegExp;
  };

  async function behave(client: Client, { first, drip, isHalfClosed = false }: Behaviour): Promise<string> {
    client.socket.write(first);
    if (isHalfClosed) client.socket.end();
    const dripping = setInterval(() => drip !== undefined && client.socket.write(drip), 200);
    await client.ended;
    clearInterval(dripping);
    return statuses(client.heard()).join();
  }

  const socketsOfProcess = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
});
