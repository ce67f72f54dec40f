import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { served } from '../../src/entries/served.js';
import type { IngressDeps } from '../../src/http/kit/route.js';
import { startIngress, type Ingress, type Listening } from '../../src/http/start.js';
import { insertOrder } from '../../src/orders/store/order.js';
import { newOrder } from '../db/fixtures.js';
import { readEvents, type EventReader } from './support/event-reader.js';
import type { Heard, ToFollow } from './support/stream-readers.js';
import { json, MCHID, useTestApp } from './support/test-app.js';

const test = useTestApp();
const started: Ingress[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(started.splice(0).map((ingress) => ingress.close(0)));
});

async function start(change: Partial<IngressDeps> = {}, bounds: Partial<Listening> = {}): Promise<Ingress> {
  const deps = test.deps({ registry: new Registry(), ...change });
  const ingress = await startIngress(deps, served, { port: 0, host: '127.0.0.1', ...bounds });
  started.push(ingress);
  return ingress;
}

const ask = ({ url }: Ingress, path: string, key: string, method = 'GET'): Promise<Response> =>
  fetch(url + path, { method, headers: { Authorization: `Bearer ${key}` } });

async function streamsOpen({ url }: Ingress): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^paysaga_streams_open (\d+)$/m.exec(text)?.[1]);
}

describe('the streams of one API key', () => {
  async function follow(ingress: Ingress, path: string, key: string): Promise<EventReader> {
    const answer = await ask(ingress, path, key);
    expect(answer.status).toBe(200);
    const reader = readEvents(answer.body);
    expect(await reader.next()).toBe(': connected');
    return reader;
  }

  it('are bounded, of orders and of events together; other keys and other calls are not', async () => {
    const ingress = await start({ streamsPerKey: 2 });
    const [one, two] = [await test.placeOrder(), await test.placeOrder()];
    const { key: other } = await test.newKey('merchant', [MCHID]);
    const readers = [
      await follow(ingress, `/v1/orders/${one}/stream`, test.merchantKey),
      await follow(ingress, '/v1/events/stream', test.merchantKey),
    ];
    for (const path of [`/v1/orders/${one}/stream`, `/v1/orders/${two}/stream`, '/v1/events/stream']) {
      const refused = await ask(ingress, path, test.merchantKey);
      expect([path, refused.status, refused.headers.get('Retry-After')]).toEqual([path, 429, '15']);
      expect(await json(refused)).toMatchObject({
        code: 'rate_limited',
        detail: expect.stringContaining('2') as string,
      });
    }
    expect((await ask(ingress, `/v1/orders/${one}`, test.merchantKey)).status).toBe(200);
    readers.push(await follow(ingress, `/v1/orders/${one}/stream`, other));
    await readers[1]?.cancel();
    await expect.poll(() => streamsOpen(ingress)).toBe(2);
    readers.push(await follow(ingress, `/v1/orders/${two}/stream`, test.merchantKey));
    for (const reader of readers) await reader.cancel();
    await expect.poll(() => streamsOpen(ingress)).toBe(0);
  });

  it('are not those that were refused, nor HEAD requests', async () => {
    const ingress = await start({ streamsPerKey: 1 });
    const path = `/v1/orders/${await test.placeOrder()}/stream`;
    for (let n = 0; n < 3; n += 1) {
      expect((await ask(ingress, path, test.merchantKey, 'HEAD')).status).toBe(200);
      expect((await ask(ingress, '/v1/events/stream', test.merchantKey, 'HEAD')).status).toBe(200);
      expect((await ask(ingress, '/v1/orders/A-NOWHERE/stream', test.merchantKey)).status).toBe(404);
      expect((await ask(ingress, '/v1/events/stream?after=x', test.merchantKey)).status).toBe(404);
    }
    await (await follow(ingress, path, test.merchantKey)).cancel();
  });

  it('are all free again once their one connection is gone, though they were asked for one behind the other', async () => {
    const ingress = await start({ streamsPerKey: 3 });
    const path = `/v1/orders/${await test.placeOrder()}/stream`;
    const socket = connectSocket(Number(new URL(ingress.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const request = (target: string) =>
      `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${test.merchantKey}\r\n\r\n`;
    socket.write(request(path) + request('/v1/events/stream') + request(path));
    await expect.poll(() => streamsOpen(ingress)).toBe(3);
    socket.destroy();
    await expect.poll(() => streamsOpen(ingress), { timeout: 5_000 }).toBe(0);
    await (await follow(ingress, path, test.merchantKey)).cancel();
  });
});

describe('a thousand streams', () => {
  const STREAMS = 1_000;
  const ORDERS = 250;
  const MOST_BYTES = 100_000;

  it('all tell their change, over one connection that listens, take little memory each, and leave nothing', async () => {
    // On a loaded machine the heartbeats of a thousand wait long for Postgres: what ends silence has a test of its own.
    const bounds = { stalledMs: 600_000, requestTimeoutMs: 600_000 };
    const ingress = await start({ rateLimit: { burst: 10_000, intervalMs: 1 } }, bounds);
    const numbers: string[] = [];
    while (numbers.length < ORDERS) {
      const order = newOrder();
      await insertOrder(test.connection.db, order);
      numbers.push(order.orderNo);
    }
    const path = (number = '') => `/v1/orders/${number}/stream`;
    const warm = readEvents((await ask(ingress, path(numbers[0]), test.merchantKey)).body);
    await warm.nextEvent();
    await warm.cancel();
    await expect.poll(() => streamsOpen(ingress)).toBe(0);
    const before = memoryAfterCollection();

    const urls = Array.from({ length: STREAMS }, (_, at) => ingress.url + path(numbers[at % ORDERS]));
    const { child, next } = readersOf({ urls, key: test.merchantKey });
    expect(await next()).toEqual(urls.map(() => ['1']));
    expect(await streamsOpen(ingress)).toBe(STREAMS);
    const open = memoryAfterCollection();
    await test.connection
      .sql`update orders set version = version + 1 where order_no in ${test.connection.sql(numbers)}`;
    expect(await next()).toEqual(urls.map(() => ['1', '2']));
    const told = memoryAfterCollection();
    expect(await listening()).toBe(1);

    child.kill('SIGKILL');
    await expect.poll(() => streamsOpen(ingress)).toBe(0);
    const after = memoryAfterCollection();
    for (const { heap, rss } of [open, told]) {
      expect((heap - before.heap) / STREAMS).toBeLessThan(MOST_BYTES);
      expect((rss - before.rss) / STREAMS).toBeLessThan(MOST_BYTES);
    }
    expect((after.heap - before.heap) / STREAMS).toBeLessThan((told.heap - before.heap) / STREAMS / 4);
  });

  /** The next answer tells what all have heard, once each has heard one more. */
  function readersOf(toFollow: ToFollow): { child: ChildProcess; next: () => Promise<Heard> } {
    const program = fileURLToPath(new URL('./support/stream-readers.ts', import.meta.url));
    const child = fork(program, { execArgv: ['--import', import.meta.resolve('tsx')] });
    children.push(child);
    const told: Heard[] = [];
    child.on('message', (heard: Heard) => told.push(heard));
    child.send(toFollow);
    const next = async (): Promise<Heard> => {
      await expect.poll(() => told.length > 0 || child.exitCode !== null).toBe(true);
      const heard = told.shift();
      const said = () => test.logLines.filter((line) => /early|not heard/.test(line)).slice(-3);
      if (heard === undefined) throw new Error(`a stream has ended, since ${said().join('') || 'nothing is logged'}`);
      return heard;
    };
    return { child, next };
  }

  /** By its last statement: the one that listens is also asked now and then what it may have missed. */
  async function listening(): Promise<number> {
    const rows = await test.connection.sql`
      select 1 from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and query ~ '^listen|as followed\\('`;
    return rows.length;
  }

  function memoryAfterCollection(): { readonly heap: number; readonly rss: number } {
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed + external, rss };
  }
});
