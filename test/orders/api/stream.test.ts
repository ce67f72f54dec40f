import { request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { revokeApiKey } from '../../../src/access/store/api-key.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import type { IngressDeps } from '../../../src/http/kit/route.js';
import type { OrderView } from '../../../src/orders/api/order-schema.js';
import { served } from '../../../src/entries/served.js';
import { startIngress, type Ingress, type Listening } from '../../../src/http/start.js';
import { paid, projectionOf } from '../../db/fixtures.js';
import { readEvents, type EventReader } from '../../http/support/event-reader.js';
import { json, MCHID, OTHER_MCHID, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

const running: Ingress[] = [];
const readers: EventReader[] = [];

async function start(change: Partial<IngressDeps> = {}, limits: Pick<Listening, 'stalledMs'> = {}): Promise<Ingress> {
  const ingress = await startIngress(test.deps(change), served, { port: 0, host: '127.0.0.1', ...limits });
  running.push(ingress);
  return ingress;
}

async function follow(ingress: Ingress, number: string, headers: Record<string, string> = {}): Promise<EventReader> {
  const auth = { Authorization: `Bearer ${test.merchantKey}` };
  const answer = await fetch(`${ingress.url}/v1/orders/${number}/stream`, { headers: { ...auth, ...headers } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('Content-Type')).toBe('text/event-stream');
  const reader = readEvents(answer.body);
  readers.push(reader);
  return reader;
}

async function change(number: string, minutes: number): Promise<number> {
  const order = await test.load(number);
  const moved = projectionOf(order, { expiresAtMs: order.expiresAt.getTime() + minutes * 60_000 });
  return (await projectOrder(test.connection.db, moved, test.clock.now)).record.version;
}

let ingress: Ingress;
beforeEach(async () => {
  ingress = await start();
});
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.cancel()));
  await Promise.all(running.splice(0).map((one) => one.close(0)));
});

describe('the stream of an order', () => {
  it('tells its state first, then each change, as the order every call answers', async () => {
    const number = await test.placeOrder();
    const reader = await follow(ingress, number);
    const first = await reader.nextEvent();
    expect(first).toMatchObject({ event: 'order', id: '2' });
    expect(JSON.parse(first?.data ?? '')).toEqual(
      await json<OrderView>(await test.send('POST', `/v1/orders/${number}/sync`)),
    );
    await projectOrder(test.connection.db, paid(await test.load(number)), test.clock.now);
    const second = await reader.nextEvent();
    expect(second?.id).toBe('3');
    expect(JSON.parse(second?.data ?? '')).toMatchObject({ state: 'paid', version: 3 });
  });

  it('tells only changes of its own order', async () => {
    const [number, other] = [await test.placeOrder(), await test.placeOrder()];
    const reader = await follow(ingress, number);
    await reader.nextEvent();
    await change(other, 1);
    const version = await change(number, 1);
    const event = await reader.nextEvent();
    expect(event?.id).toBe(String(version));
    expect((JSON.parse(event?.data ?? '') as OrderView).orderNo).toBe(number);
  });

  it('leaves out the first for a client that has it, and not for one that has an older', async () => {
    const number = await test.placeOrder();
    const known = await follow(ingress, number, { 'Last-Event-ID': '2' });
    const older = await follow(ingress, number, { 'Last-Event-ID': '1' });
    expect((await older.nextEvent())?.id).toBe('2');
    expect(await known.next()).toBe(': connected');
    const version = await change(number, 1);
    expect(await known.nextEvent()).toMatchObject({ id: String(version) });
  });

  it('tells many changes at once by the latest, and never an older after a newer', async () => {
    const number = await test.placeOrder();
    const reader = await follow(ingress, number);
    await reader.nextEvent();
    let last = 0;
    for (let n = 1; n <= 30; n += 1) last = await change(number, n);
    const seen: number[] = [];
    while (seen.at(-1) !== last) seen.push(Number((await reader.nextEvent())?.id));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('sends a comment while nothing happens', async () => {
    const quick = await start({ streamHeartbeatMs: 20 });
    const reader = await follow(quick, await test.placeOrder());
    await reader.nextEvent();
    expect([await reader.next(), await reader.next()]).toEqual([': heartbeat', ': heartbeat']);
  });

  it('stays open past the limit of a connection on which nothing moves, since heartbeats move', async () => {
    const stalledMs = 4_000;
    const quick = await start({ streamHeartbeatMs: 200 }, { stalledMs });
    const number = await test.placeOrder();
    const reader = await follow(quick, number);
    await reader.nextEvent();
    const openedAt = performance.now();
    while (performance.now() - openedAt < 2 * stalledMs) expect(await reader.next()).toBe(': heartbeat');
    const version = await change(number, 1);
    expect(await reader.nextEvent()).toMatchObject({ id: String(version) });
  });

  it('ends when its key is revoked', async () => {
    const quick = await start({ streamHeartbeatMs: 20 });
    const { key, record } = await test.newKey('merchant', [MCHID]);
    const reader = await follow(quick, await test.placeOrder(), { Authorization: `Bearer ${key}` });
    await reader.nextEvent();
    await revokeApiKey(test.connection.db, record.id, test.clock.now);
    expect(await reader.nextEvent()).toBeUndefined();
  });

  it('ends, and says so in the log, when its row cannot be read any more', async () => {
    const number = await test.placeOrder();
    let isBroken = false;
    const publicUrl = () => {
      if (isBroken) throw new Error('broken');
      return 'https://pay.example.com';
    };
    const reader = await follow(await start({ publicUrl }), number);
    await reader.nextEvent();
    isBroken = true;
    await change(number, 1);
    expect(await reader.nextEvent()).toBeUndefined();
    expect(test.logLines.join('')).toContain('event stream ended early');
  });

  it('stops listening when its client has gone', async () => {
    const left = vi.fn();
    const { changes } = test.deps();
    const watched = await start({
      changes: {
        ...changes,
        subscribe: (ref, listener) => {
          const unsubscribe = changes.subscribe(ref, listener);
          return () => {
            unsubscribe();
            left();
          };
        },
      },
    });
    const reader = await follow(watched, await test.placeOrder());
    await reader.nextEvent();
    expect(left).not.toHaveBeenCalled();
    await reader.cancel();
    await expect.poll(() => left.mock.calls.length).toBe(1);
  });

  it('answers HEAD without opening a stream', async () => {
    const subscribe = vi.fn(() => () => undefined);
    const number = await test.placeOrder();
    const answer = await test.send('HEAD', `/v1/orders/${number}/stream`, {
      deps: { changes: { ...test.deps().changes, subscribe } },
    });
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'text/event-stream']);
    expect(subscribe).not.toHaveBeenCalled();
  });

  it.each([
    ['nobody', 401, {}],
    ['another merchant', 404, { other: true }],
  ])('is not for %s', async (_, status, { other }: { other?: boolean }) => {
    const number = await test.placeOrder();
    const key = other === true ? (await test.newKey('merchant', [OTHER_MCHID])).key : null;
    expect((await test.send('GET', `/v1/orders/${number}/stream`, { key })).status).toBe(status);
  });

  it('holds one state, not a queue, for a client that does not read', async () => {
    const number = await test.placeOrder();
    let reads = 0;
    const slow = await start({
      publicUrl: () => {
        reads += 1;
        return `https://pay.example.com/${'x'.repeat(2_000_000)}`;
      },
    });
    const stalled = await stall(`${slow.url}/v1/orders/${number}/stream`);
    const live = await follow(ingress, number);
    await live.nextEvent();
    const changeUntilLive = async (minutes: number): Promise<void> => {
      const version = await change(number, minutes);
      while ((await live.nextEvent())?.id !== String(version));
    };
    // Enough to fill every buffer between here and the client; then not one more row is read.
    let before = -1;
    let minutes = 0;
    while (before !== reads && minutes < 400) {
      before = reads;
      for (let n = 0; n < 10; n += 1) await changeUntilLive((minutes += 1));
    }
    expect(minutes).toBeLessThan(400);
    stalled.destroy();
  });
});

/** Asks for a stream and never reads its answer. */
function stall(url: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { headers: { Authorization: `Bearer ${test.merchantKey}` } }, (response) => {
      response.pause();
      response.socket.pause();
      resolve(response.socket);
    });
    request.on('error', reject);
    request.end();
  });
}
