import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect as connectSocket, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { served } from '../../src/entries/served.js';
import { startIngress, type Ingress } from '../../src/http/start.js';
import { readEvents } from './support/event-reader.js';
import { json, orderBody, useTestApp } from './support/test-app.js';

const test = useTestApp();

const start = () => startIngress(test.deps(), served, { port: 0, host: '127.0.0.1' });
const headers = () => ({ Authorization: `Bearer ${test.merchantKey}`, 'Content-Type': 'application/json' });

/** A creation that waits inside the workflow until the test lets it go. */
async function createHeld(ingress: Ingress) {
  const usual = test.orders.answers.create;
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  test.orders.answers.create = async () => {
    arrive();
    await held;
    return usual === undefined ? 'pending' : 'answered';
  };
  const body = JSON.stringify(orderBody(test.newOrderNo()));
  const answer = fetch(`${ingress.url}/v1/orders`, { method: 'POST', headers: headers(), body });
  await arrived;
  return { release, answer };
}

describe('starting', () => {
  it('answers on the address it names', async () => {
    const ingress = await start();
    expect(ingress.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await json(await fetch(`${ingress.url}/healthz`))).toEqual({ status: 'ok' });
    await ingress.close(1_000);
  });

  it('rejects when the port is taken', async () => {
    const ingress = await start();
    const port = Number(new URL(ingress.url).port);
    await expect(startIngress(test.deps(), served, { port, host: '127.0.0.1' })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await ingress.close(1_000);
  });

  it('limits a body by the bytes that come, not by what they are said to be', async () => {
    const ingress = await start();
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(Buffer.alloc(8192, 0x20)),
    });
    const sent = { method: 'POST', headers: headers(), body, duplex: 'half' } as RequestInit;
    const answer = await fetch(`${ingress.url}/v1/orders`, sent);
    expect(answer.status).toBe(413);
    await ingress.close(1_000);
  });
});

describe('connections', () => {
  /** Asks once and keeps its connection; whether there was an answer. */
  async function enter({ url }: Ingress): Promise<{ socket: Socket; answered: boolean }> {
    const { port, hostname } = new URL(url);
    const socket = connectSocket(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(`GET /healthz HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
    const answered = await Promise.race([
      once(socket, 'data').then(() => true),
      once(socket, 'close').then(() => false),
    ]);
    return { socket, answered };
  }

  it('of one network, if it is not a near one, are a quarter of all, and the rest get in', async () => {
    let isStranger = true;
    const ingress = await startIngress(test.deps(), served, {
      ...{ port: 0, host: '127.0.0.1', maxConnections: 8 },
      isNear: () => !isStranger,
    });
    const [first, second, third] = [await enter(ingress), await enter(ingress), await enter(ingress)];
    expect([first, second, third].map(({ answered }) => answered)).toEqual([true, true, false]);
    isStranger = false;
    const near = [await enter(ingress), await enter(ingress), await enter(ingress)];
    expect(near.map(({ answered }) => answered)).toEqual([true, true, true]);
    isStranger = true;
    const gone = once(first.socket, 'close');
    first.socket.end();
    await gone;
    await expect.poll(async () => (await enter(ingress)).answered).toBe(true);
    await ingress.close(0);
  });

  it('are not more than there is memory for, wherever they come from', async () => {
    const ingress = await startIngress(test.deps(), served, { port: 0, host: '127.0.0.1', maxConnections: 3 });
    const all = [await enter(ingress), await enter(ingress), await enter(ingress), await enter(ingress)];
    expect(all.map(({ answered }) => answered)).toEqual([true, true, true, false]);
    await ingress.close(0);
  });
});

describe('stopping', () => {
  it('says first that it is not ready, and serves what comes nevertheless, streams too, until it is closed', async () => {
    const ingress = await start();
    const number = await test.placeOrder();
    ingress.drain();
    expect((await fetch(`${ingress.url}/readyz`)).status).toBe(503);
    const read = await fetch(`${ingress.url}/v1/orders/${number}`, { headers: headers() });
    expect([read.status, read.headers.get('Connection')]).toEqual([200, 'close']);
    const stream = readEvents((await fetch(`${ingress.url}/v1/orders/${number}/stream`, { headers: headers() })).body);
    expect((await stream.nextEvent())?.event).toBe('order');
    const closed = ingress.close(600_000);
    expect(await stream.nextEvent()).toBeUndefined();
    await closed;
  });

  it('finishes what is in flight, and takes nothing new', async () => {
    const ingress = await start();
    const { release, answer } = await createHeld(ingress);
    const closed = ingress.close(30_000);
    await expect(fetch(`${ingress.url}/healthz`)).rejects.toThrow();
    release();
    expect((await answer).status).toBe(202);
    await closed;
  });

  it('does not wait for connections that are kept alive', async () => {
    const ingress = await start();
    await (await fetch(`${ingress.url}/healthz`)).text();
    const { release, answer } = await createHeld(ingress);
    const closed = ingress.close(30_000);
    release();
    expect((await answer).headers.get('Connection')).toBe('close');
    await closed;
  });

  it('ends streams, and the connections they came on even where the client would keep them', async () => {
    const ingress = await start();
    const number = await test.placeOrder();
    const agent = new Agent({ keepAlive: true });
    const request = get(`${ingress.url}/v1/orders/${number}/stream`, { agent, headers: headers() });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    const ended = Promise.all([once(response, 'end'), once(response.socket, 'close')]);
    await ingress.close(600_000);
    await ended;
    agent.destroy();
  });

  it('cuts off what is left after its grace', async () => {
    const ingress = await start();
    const { release, answer } = await createHeld(ingress);
    const failed = expect(answer).rejects.toThrow();
    await ingress.close(50);
    await failed;
    release();
  });

  it('cuts off a client that never sends its request', async () => {
    const ingress = await start();
    const socket = connectSocket(Number(new URL(ingress.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.write('POST /v1/orders HTTP/1.1\r\nHost: x\r\n');
    const ended = once(socket, 'close');
    await ingress.close(50);
    await ended;
  });
});
