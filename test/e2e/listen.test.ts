import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ORDER_EVENT_TYPES } from '../../src/shop-events/rules/event.js';
import { run } from '../cli/support/run.js';
import { until } from '../support/caller.js';
import { startEntry, type Command } from '../support/command.js';
import { stackEnvironment, useStack } from '../support/dev-stack.js';
import { onDatabase } from '../support/services.js';
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

/** What a worker writes while there is no ingress. */
async function written({ id }: { id: string }): Promise<string> {
  const [row] = await onDatabase(
    stack.dev.databaseUrl,
    (sql) => sql<{ id: string }[]>`
      insert into merchant_events (mchid, order_no, type, body, created_at)
      select mchid, order_no, 'order.review', body, now() from merchant_events where id = ${id} returning id`,
  );
  return row?.id ?? '';
}

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
    const missed = await written(first);
    await stack.ingress.restart();
    const second = await trigger('order.closed');
    await when(listener, () => shop.of(second.orderNo).length > 0);

    listener.signal('SIGINT');
    expect((await listener.exited).code).toBe(0);
    const { body } = await stack.api<{ items: { id: string; status: string }[] }>('GET', '/v1/events');
    expect(shop.events.map(({ id, verified }) => [id, verified])).toEqual(body.items.map(({ id }) => [id, true]));
    expect(body.items.map(({ id }) => id)).toEqual([first.id, missed, second.id]);
    expect(body.items.map(({ status }) => status)).not.toContain('delivered');
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
