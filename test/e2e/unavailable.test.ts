import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { spawnService } from '../../src/embedded/children.js';
import { nodeArguments, type Part } from '../../src/entries/stack/processes.js';
import { freePorts } from '../../src/embedded/machine.js';
import { readEvents } from '../http/support/event-reader.js';
import { callerOf, until, type Problem } from '../support/caller.js';
import { newOrderNo, stackEnvironment, type TestStack, useStack } from '../support/dev-stack.js';

/** More than a process takes to stop of its own accord on any machine; after it, it is killed, which shows. */
const GRACE_MS = 60_000;

const body = () => ({ orderNo: newOrderNo(), amountFen: 800, description: 'A bowl of rice', product: 'native' });

describe('a service PaySaga depends on is down', () => {
  const forgotten = body();
  const stack = useStack({ durable: true });
  beforeAll(async () => {
    await whileDown([stack.temporal], () => stack.api('POST', '/v1/orders', forgotten));
  });

  async function whileDown<T>(parts: readonly Part[], work: () => Promise<T>): Promise<T> {
    await Promise.all(parts.map((part) => part.kill('SIGKILL')));
    try {
      return await work();
    } finally {
      await Promise.all(parts.map((part) => part.restart()));
    }
  }

  const readiness = async (apiUrl: string) => {
    const response = await fetch(`${apiUrl}/readyz`);
    const { dependencies } = (await response.json()) as { dependencies: Record<string, string> };
    return { status: response.status, dependencies };
  };
  const untilReady = (apiUrl: string) =>
    until(async () => {
      const seen = await readiness(apiUrl);
      return { seen, met: seen.status === 200 };
    });

  test('Temporal: an order is kept whole, joined by the repeat, and opens by itself', async () => {
    const order = body();
    await whileDown([stack.temporal], async () => {
      const taken = await stack.api('POST', '/v1/orders', order);
      expect(taken).toMatchObject({ status: 202, body: { orderNo: order.orderNo, state: 'creating' } });
      const kept = await stack.api('GET', `/v1/orders/${order.orderNo}`);
      expect(kept).toMatchObject({ status: 200, body: { state: 'creating', attempts: [{ state: 'preparing' }] } });
      const conflict = await stack.api<Problem>('POST', '/v1/orders', { ...order, amountFen: 801 });
      expect(conflict).toMatchObject({ status: 409, body: { code: 'order_conflict' } });
      await expect
        .poll(() => readiness(stack.dev.apiUrl))
        .toMatchObject({
          status: 200,
          dependencies: { database: 'ok', temporal: 'unreachable' },
        });
      expect((await fetch(kept.body.checkoutUrl)).status).toBe(200);
      expect((await operatorPage(stack, '/ops')).status).toBe(200);
      expect((await operatorPage(stack, `/ops/orders/${stack.dev.mchid}/${order.orderNo}`)).status).toBe(200);
    });
    await untilReady(stack.dev.apiUrl);
    const joined = await stack.api('POST', '/v1/orders', order);
    expect(joined.status).toBeOneOf([200, 202]);
    const open = await stack.orderWhen(order.orderNo, ({ state }) => state === 'awaitingPayment');
    expect(open.attempts).toMatchObject([{ outTradeNo: order.orderNo, state: 'open' }]);
  });

  test('Postgres: nothing is done and everybody is told to come again', async () => {
    const order = body();
    await whileDown([stack.postgres], async () => {
      for (const [method, path, sent] of [
        ['POST', '/v1/orders', order],
        ['GET', `/v1/orders/${order.orderNo}`, undefined],
        ['GET', '/v1/orders', undefined],
      ] as const) {
        const refused = await stack.api<Problem>(method, path, sent);
        expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      expect(await readiness(stack.dev.apiUrl)).toMatchObject({
        status: 503,
        dependencies: { database: 'unreachable' },
      });
    });
    await untilReady(stack.dev.apiUrl);
    await stack.place(order);
  });

  test('an ingress that starts before Postgres and Temporal is alive, not ready, and catches up', async () => {
    const [port = 0] = await freePorts(1);
    const apiUrl = `http://127.0.0.1:${port}`;
    await whileDown([stack.postgres, stack.temporal], async () => {
      const second = await spawnService({
        name: 'a second ingress',
        command: process.execPath,
        args: nodeArguments('serve'),
        env: environmentOf(stack, { PORT: String(port) }),
        logFile: join(stack.home, 'logs', 'second.log'),
        ready: /^ingress listening on /,
      });
      onTestFinished(async () => {
        expect(await second.stop(GRACE_MS)).toEqual({ code: 0, signal: null });
      });
      expect((await fetch(`${apiUrl}/healthz`)).status).toBe(200);
      expect(await readiness(apiUrl)).toMatchObject({
        status: 503,
        dependencies: { database: 'unreachable', temporal: 'unreachable' },
      });
    });
    await untilReady(apiUrl);
    const shop = callerOf({ ...stack.dev, apiUrl });
    const order = body();
    await shop.place(order);
    const headers = { authorization: `Bearer ${stack.dev.apiKey}` };
    const stream = readEvents((await fetch(`${apiUrl}/v1/orders/${order.orderNo}/stream`, { headers })).body);
    onTestFinished(() => stream.cancel());
    expect((await stream.nextEvent())?.data).toContain('"state":"awaitingPayment"');
    await stack.control('POST', '/pay', { outTradeNo: order.orderNo });
    expect((await stream.nextEvent())?.data).toContain('"state":"paid"');
  });

  test('an ingress that is asked to stop says so first, and serves until its delay is over', async () => {
    const [port = 0] = await freePorts(1);
    const apiUrl = `http://127.0.0.1:${port}`;
    const leaving = await spawnService({
      name: 'an ingress that leaves',
      command: process.execPath,
      args: nodeArguments('serve'),
      env: environmentOf(stack, { PORT: String(port), PAYSAGA_DRAIN_SECONDS: '3600' }),
      logFile: join(stack.home, 'logs', 'leaving.log'),
      ready: /^ingress listening on /,
    });
    await untilReady(apiUrl);
    const ended = leaving.stop(GRACE_MS * 5);
    await expect.poll(() => readiness(apiUrl)).toMatchObject({ status: 503, dependencies: { database: 'ok' } });
    const shop = callerOf({ ...stack.dev, apiUrl });
    expect((await shop.api('POST', '/v1/orders', body())).status).toBeOneOf([201, 202]);
    process.kill(leaving.pid, 'SIGTERM');
    expect(await ended).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('a worker that starts before Temporal says what it waits for, and works once it is there', async () => {
    const [port = 0] = await freePorts(1);
    const health = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    const log = join(stack.home, 'logs', 'early-worker.log');
    await whileDown([stack.worker], async () => {
      const { starting } = await whileDown([stack.temporal], async () => {
        const worker = spawnService({
          name: 'an early worker',
          command: process.execPath,
          args: nodeArguments('worker'),
          env: environmentOf(stack, { PAYSAGA_WORKER_HEALTH_PORT: String(port) }),
          logFile: log,
          ready: /^worker running$/,
        });
        await until(async () => {
          const seen = await readFile(log, 'utf8');
          return { seen, met: seen.split('waiting for Temporal').length > 2 };
        });
        expect((await health('/healthz')).status).toBe(200);
        expect(await (await health('/metrics')).text()).toContain('process_cpu_seconds_total');
        const waiting = await health('/readyz');
        expect([waiting.status, await waiting.json()]).toMatchObject([
          503,
          { dependencies: { database: 'ok', temporal: 'unreachable', workers: 'unreachable' } },
        ]);
        return { starting: worker };
      });
      const worker = await starting;
      await until(async () => ({ seen: null, met: (await health('/readyz')).ok }));
      await untilReady(stack.dev.apiUrl);
      const order = body();
      await stack.api('POST', '/v1/orders', order);
      await stack.orderWhen(order.orderNo, ({ state }) => state === 'awaitingPayment');
      expect(await worker.stop(GRACE_MS)).toEqual({ code: 0, signal: null });
    });
  });

  test('an order that nobody asked for again is opened by the sweeper', async () => {
    const opened = await stack.orderWhen(forgotten.orderNo, ({ state }) => state === 'awaitingPayment');
    expect(opened.attempts).toMatchObject([{ outTradeNo: forgotten.orderNo, state: 'open' }]);
  });
});

/** A page as a signed-in operator sees it. */
async function operatorPage({ dev }: TestStack, path: string): Promise<Response> {
  const body = new URLSearchParams({ key: dev.operatorKey });
  const entered = await fetch(`${dev.apiUrl}/ops/login`, { method: 'POST', body, redirect: 'manual' });
  const cookie = entered.headers
    .getSetCookie()
    .map((text) => text.split(';')[0])
    .join('; ');
  return fetch(`${dev.apiUrl}${path}`, { headers: { cookie }, redirect: 'manual' });
}

/** What the processes of the stack were started with. */
function environmentOf({ dev, home }: TestStack, changed: Record<string, string>): Record<string, string> {
  return {
    ...stackEnvironment(home),
    DATABASE_URL: dev.databaseUrl,
    TEMPORAL_ADDRESS: dev.temporalAddress,
    TEMPORAL_NAMESPACE: 'paysaga',
    PAYSAGA_MERCHANTS: join(home, 'merchants.json'),
    PAYSAGA_PUBLIC_URL: dev.apiUrl,
    PAYSAGA_CHECKOUT_KEY_FILE: join(home, 'checkout.key'),
    HOST: '127.0.0.1',
    ...changed,
  };
}
