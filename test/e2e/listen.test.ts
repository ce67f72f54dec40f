import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ORDER_EVENT_TYPES } from '../../src/shop-events/rules/event.js';
import { run } from '../cli/support/run.js';
import { until } from '../support/caller.js';
import { startEntry, type Command } from '../support/command.js';
import { stackEnvironment, useStack } from '../support/dev-stack.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';

/** As `npm start` makes it without a webhook: nobody is told anything yet. */
const stack = useStack();
const shop = useShopEndpoint();

const trigger = async (type: string): Promise<{ id: string; orderNo: string }> => {
  const ran = await run(['trigger', type, '--json'], {
    config: { home: stack.home },
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  if (ran.code !== 0) throw new Error(`${type}: ${ran.err}`);
  return JSON.parse(ran.out) as { id: string; orderNo: string };
};

const when = (listener: Command, wished: () => boolean) =>
  until(() => Promise.resolve({ seen: `${listener.stdout()}\n${listener.stderr()}`, met: wished() }), 180_000);

describe('a shop under development', () => {
  test('is told by paysaga listen what the sandbox makes happen, across a killed ingress, until Ctrl-C', async () => {
    const file = join(stack.home, 'listen.secret');
    const args = ['listen', '--forward', shop.url, '--secret-file', file];
    const listener = startEntry('cli', args, stackEnvironment(stack.home));
    await when(listener, () => listener.stderr().includes('Listening at'));
    const secret = (await readFile(file, 'utf8')).trim();
    shop.expectSecret(() => secret);

    const first = await trigger('order.paid');
    await when(listener, () => shop.of(first.orderNo).length > 0 && listener.stdout().includes('→ 204'));
    await stack.ingress.kill('SIGKILL');
    await stack.ingress.restart();
    const second = await trigger('order.closed');
    await when(listener, () => shop.of(second.orderNo).length > 0);

    listener.signal('SIGINT');
    expect((await listener.exited).code).toBe(0);
    expect(shop.events.map(({ id, type, verified }) => [id, type, verified])).toEqual([
      [first.id, 'order.paid', true],
      [second.id, 'order.closed', true],
    ]);
    const { body } = await stack.api<{ items: { status: string }[] }>('GET', '/v1/events');
    expect(body.items.map(({ status }) => status)).toEqual(['unaddressed', 'unaddressed']);
  });

  test('is driven to every event of an order by paysaga trigger', async () => {
    const types: string[] = [];
    // Those of refunds change how long the sandbox's refunds take.
    for (const type of ORDER_EVENT_TYPES) {
      const { id, orderNo } = await trigger(type);
      const { body } = await stack.api<{ items: { id: string; type: string; body: string }[] }>(
        'GET',
        `/v1/events?orderNo=${orderNo}&type=${type}`,
      );
      expect(body.items.map((event) => event.id)).toEqual([id]);
      types.push((JSON.parse(body.items[0]?.body ?? '') as { type: string }).type);
    }
    expect(types).toEqual([...ORDER_EVENT_TYPES]);
  });
});
