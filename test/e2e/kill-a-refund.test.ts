import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { booksOf } from '../support/books.js';
import { until } from '../support/caller.js';
import { startTestStack, type TestStack } from '../support/dev-stack.js';
import { holdWrites, type HeldWrites, type Write } from '../support/hold-writes.js';
import {
  expectRefundedOnce,
  moneyBackStories,
  settleRefund,
  type MoneyBack,
  type MoneyBackName,
  type Reality,
} from '../support/money-back.js';
import { startShopEndpoint, type ShopEndpoint } from '../support/shop-endpoint.js';

/** Refunds are settled when the test says so. */
const LONG_MS = 86_400_000;

/** Where the worker is when it dies. */
type Point =
  | { readonly at: 'write'; readonly write: (orderNo: string) => Write }
  | { readonly at: 'gateway'; readonly on: 'refund' | 'refundQuery'; readonly kind: 'timeoutBefore' | 'timeoutAfter' }
  | { readonly at: 'shop'; readonly type: string }
  | { readonly at: 'rest' };

type Row = {
  readonly name: string;
  readonly story: MoneyBackName;
  readonly point: Point;
  /** WeChat Pay has paid it back before the worker dies. */
  readonly settled?: true;
};

const write = (table: Write['table'], moment: Write['moment'], row: Write['row'], changes?: string): Point => ({
  at: 'write',
  write: (orderNo) => ({ table, moment, row: { order_no: orderNo, ...row }, ...(changes && { changes }) }),
});
const refunds = (moment: Write['moment'], state: string) => write('refunds', moment, { state });
const told = (moment: Write['moment'], type: string) => write('merchant_events', moment, { type, status: 'delivered' });
const claim = (moment: Write['moment']) => write('attempts', moment, {}, 'refund_applied_at');
const paidAttempt = (moment: Write['moment']) => write('attempts', moment, { state: 'succeeded', number: 1 });
const gateway = (on: 'refund' | 'refundQuery', kind: 'timeoutBefore' | 'timeoutAfter'): Point => ({
  at: 'gateway',
  on,
  kind,
});

/** Of each round all are brought to their points, and then one kill meets them all. */
const rounds: readonly (readonly [string, readonly Row[]])[] = [
  [
    'until WeChat Pay has taken it',
    [
      { name: 'its apply is about to be noted', story: 'refund', point: claim('before') },
      { name: 'its apply is noted, and nothing sent', story: 'refund', point: claim('commit') },
      { name: 'its apply is on its way', story: 'refund', point: gateway('refund', 'timeoutBefore') },
      { name: 'its apply has arrived, and no answer', story: 'refund', point: gateway('refund', 'timeoutAfter') },
      { name: 'it was taken, and is about to be written', story: 'refund', point: refunds('before', 'processing') },
      { name: 'it was taken and written, and nobody heard', story: 'refund', point: refunds('commit', 'processing') },
      { name: 'it waits for WeChat Pay', story: 'refund', point: { at: 'rest' } },
    ],
  ],
  [
    'until the shop knows',
    [
      {
        ...{ name: 'it is asked what became of it', story: 'refund', settled: true },
        point: gateway('refundQuery', 'timeoutBefore'),
      },
      {
        ...{ name: 'its end is about to be written', story: 'refund', settled: true },
        point: refunds('before', 'succeeded'),
      },
      {
        ...{ name: 'its end is written, and nobody heard', story: 'refund', settled: true },
        point: refunds('commit', 'succeeded'),
      },
      {
        ...{ name: 'the shop is being told', story: 'refund', settled: true },
        point: { at: 'shop', type: 'refund.succeeded' },
      },
      {
        ...{ name: 'the shop was told, and that is about to be written', story: 'refund', settled: true },
        point: told('before', 'refund.succeeded'),
      },
      {
        ...{ name: 'the shop was told and that is written, and nobody heard', story: 'refund', settled: true },
        point: told('commit', 'refund.succeeded'),
      },
    ],
  ],
  [
    'of goods that do not come',
    [
      {
        ...{ name: 'the rejection is about to be written', story: 'rejected' },
        point: write('orders', 'before', { fulfilment: 'rejected' }),
      },
      {
        ...{ name: 'the rejection is written, and nobody heard', story: 'rejected' },
        point: write('orders', 'commit', { fulfilment: 'rejected' }),
      },
      {
        ...{ name: 'the shop is being told that the money goes back', story: 'rejected' },
        point: { at: 'shop', type: 'order.compensating' },
      },
      {
        ...{ name: 'the shop was told so, and that is about to be written', story: 'rejected' },
        point: told('before', 'order.compensating'),
      },
      { name: 'the refund is about to be reserved', story: 'rejected', point: refunds('before', 'requested') },
      { name: 'the refund is reserved, and not started', story: 'rejected', point: refunds('commit', 'requested') },
      { name: 'its apply has arrived, and no answer', story: 'rejected', point: gateway('refund', 'timeoutAfter') },
    ],
  ],
  [
    'of money that nobody expected',
    [
      { name: 'money after closing is about to be written', story: 'late', point: paidAttempt('before') },
      { name: 'money after closing is written, and nobody heard', story: 'late', point: paidAttempt('commit') },
      { name: 'the refund of it is about to be reserved', story: 'late', point: refunds('before', 'requested') },
      { name: 'the refund of it is reserved, and not started', story: 'late', point: refunds('commit', 'requested') },
      { name: 'a second payment is about to be written', story: 'second', point: paidAttempt('before') },
      { name: 'its refund is reserved, and not started', story: 'second', point: refunds('commit', 'requested') },
    ],
  ],
];

let stack: TestStack;
let shop: ShopEndpoint;
let writes: HeldWrites;
let reality: Reality;
let stories: Readonly<Record<MoneyBackName, MoneyBack>>;
beforeAll(async () => {
  shop = await startShopEndpoint();
  stack = await startTestStack({ webhookUrl: shop.url, timeScale: 40 });
  shop.expectSecret(() => stack.dev.merchants[0]?.webhookSecret ?? '');
  writes = await holdWrites(stack.dev.databaseUrl);
  reality = { stack, shop, temporal: await Connection.connect({ address: stack.dev.temporalAddress }) };
  stories = moneyBackStories(reality);
  await stack.control('PUT', '/settings', { refundDelayMs: LONG_MS });
});
afterAll(async () => {
  await reality.temporal.close();
  await writes.close();
  await stack.stop();
  await shop.close();
});

type Told = Row & { readonly orderNo: string };
type Held = { isReached(): Promise<boolean>; release(): Promise<void> };

const nothing = (): Promise<void> => Promise.resolve();

async function hold({ name, point, orderNo, story }: Told): Promise<Held> {
  switch (point.at) {
    case 'write': {
      const write = point.write(orderNo);
      const held = await writes.hold(write);
      const release = async () => expect([name, await held.release()]).toEqual([name, write.moment === 'commit']);
      return { ...held, release };
    }
    case 'gateway': {
      const { on, kind } = point;
      const fault = { on, kind, outTradeNo: orderNo };
      const [placed] = await stack.control<{ id: string }[]>('POST', '/faults', [fault]);
      const struck = async (): Promise<boolean> => {
        const faults = await stack.control<{ id: string; left: number | null }[]>('GET', '/faults');
        return faults.find(({ id }) => id === placed?.id)?.left === 0;
      };
      return { isReached: struck, release: nothing };
    }
    case 'shop': {
      const waiting: (() => void)[] = [];
      shop.answer((event) => {
        if (event.type !== point.type || event.order.orderNo !== orderNo) return 204;
        return new Promise((resolve) => waiting.push(() => resolve(204)));
      });
      const release = (): Promise<void> => {
        shop.answer(204);
        for (const answer of waiting) answer();
        return Promise.resolve();
      };
      return { isReached: () => Promise.resolve(waiting.length > 0), release };
    }
    case 'rest': {
      const path = `/v1/refunds/${stories[story].refundNo(orderNo)}`;
      const isReached = async () => (await stack.api<{ state: string }>('GET', path)).body.state === 'processing';
      return { isReached, release: nothing };
    }
    default:
      return point satisfies never;
  }
}

/** What waits longest without help of others goes first: a shop that hangs is waited for a second and a half. */
const ORDER: readonly Point['at'][] = ['rest', 'write', 'gateway', 'shop'];

async function bring(all: readonly Told[], at: Point['at'], acts: Promise<unknown>[]): Promise<Held[]> {
  const rows = all.filter(({ point }) => point.at === at);
  const held = await Promise.all(rows.map(hold));
  for (const { orderNo, story, settled } of rows) {
    acts.push(stories[story].act(orderNo).catch(() => undefined));
    if (settled === true) acts.push(settleRefund(stack, orderNo).catch(() => undefined));
  }
  await untilReached(held, rows);
  return held;
}

const untilReached = (held: readonly Held[], rows: readonly Row[]) =>
  until(async () => {
    const reached = await Promise.all(held.map((it) => it.isReached()));
    return { seen: rows.filter((_, n) => reached[n] !== true).map(({ name }) => name), met: !reached.includes(false) };
  });

describe.each(rounds)('a refund %s survives that the worker is killed while', { timeout: 300_000 }, (_round, rows) => {
  let all: readonly Told[] = [];
  beforeAll(async () => {
    all = await Promise.all(rows.map(async (row) => ({ ...row, orderNo: await stories[row.story].begin() })));
    const acts: Promise<unknown>[] = [];
    const held: Held[] = [];
    for (const at of ORDER) held.push(...(await bring(all, at, acts)));
    await stack.worker.kill('SIGKILL');
    await Promise.all(held.map((it) => it.release()));
    await stack.worker.restart();
    await Promise.all(acts);
    await Promise.all(all.map(({ story, orderNo }) => stories[story].act(orderNo)));
  });

  test.each(rows)('$name', async ({ name }) => {
    const told = all.find((row) => row.name === name);
    if (told === undefined) throw new Error('there is no such row');
    await settleRefund(stack, told.orderNo);
    await expectRefundedOnce(reality, stories[told.story], told.orderNo);
  });
});

test('and all the books agree', async () => {
  expect(await booksOf(stack)).toEqual({ differenceFen: 0, differing: [] });
});
