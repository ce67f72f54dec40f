import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { booksOf } from '../support/books.js';
import { until } from '../support/caller.js';
import { useStack } from '../support/dev-stack.js';
import { holdCall, holdWrite, type HeldPoint } from '../support/hold-points.js';
import { holdWrites, type HeldWrites, type Write } from '../support/hold-writes.js';
import {
  expectRefundedOnce,
  moneyBackStories,
  settleRefund,
  type MoneyBack,
  type MoneyBackName,
  type Reality,
} from '../support/money-back.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';

/** Refunds are settled when the test says so. */
const LONG_MS = 86_400_000;

/** Where the worker is when it dies. */
type Point =
  | { readonly at: 'write'; readonly write: (orderNo: string) => Write }
  | { readonly at: 'gateway'; readonly on: 'refund' | 'refundQuery'; readonly kind: 'timeoutBefore' | 'timeoutAfter' }
  | { readonly at: 'shop'; readonly type: string }
  /** It has done all there is to do now. */
  | { readonly at: 'rest' }
  /** It is dead already when it begins. */
  | { readonly at: 'dead' };

type Row = {
  readonly name: string;
  readonly story: MoneyBackName;
  readonly point: Point;
  /** When WeChat Pay pays it back: before the kill, or while nobody is there; else afterwards. */
  readonly settled?: 'before' | 'meanwhile';
};

const write = (table: Write['table'], moment: Write['moment'], row: Write['row'], changes?: string): Point => ({
  at: 'write',
  write: (orderNo) => ({ table, moment, row: { order_no: orderNo, ...row }, ...(changes && { changes }) }),
});
const refunds = (moment: Write['moment'], state: string) => write('refunds', moment, { state });
const told = (moment: Write['moment'], type: string) => write('merchant_events', moment, { type, status: 'delivered' });
const claim = (moment: Write['moment']) => write('attempts', moment, {}, 'refund_applied_at');
const paidAttempt = (moment: Write['moment']) => write('attempts', moment, { state: 'succeeded', number: 1 });
const rejected = (moment: Write['moment']) => write('orders', moment, { fulfilment: 'rejected' });
const gateway = (on: 'refund' | 'refundQuery', kind: 'timeoutBefore' | 'timeoutAfter'): Point => ({
  at: 'gateway',
  on,
  kind,
});

type PartName = 'worker' | 'ingress' | 'temporal' | 'postgres';
type Round = { readonly name: string; readonly parts: readonly PartName[]; readonly rows: readonly Row[] };

const row = (name: string, story: MoneyBackName, point: Point, settled?: Row['settled']): Row => ({
  ...{ name, story, point },
  ...(settled && { settled }),
});

/** Of each round all are brought to their points, and then one kill meets them all. */
const rounds: readonly Round[] = [
  {
    name: 'until WeChat Pay has taken it',
    parts: ['worker'],
    rows: [
      row('its apply is about to be noted', 'refund', claim('before')),
      row('its apply is noted, and nothing sent', 'refund', claim('commit')),
      row('its apply is on its way', 'refund', gateway('refund', 'timeoutBefore')),
      row('its apply has arrived, and no answer', 'refund', gateway('refund', 'timeoutAfter')),
      row('it was taken, and is about to be written', 'refund', refunds('before', 'processing')),
      row('it was taken and written, and nobody heard', 'refund', refunds('commit', 'processing')),
      row('it waits for WeChat Pay', 'refund', { at: 'rest' }),
      row('it waits for WeChat Pay, which pays it meanwhile', 'refund', { at: 'rest' }, 'meanwhile'),
      row('nobody has asked for it', 'refund', { at: 'dead' }),
    ],
  },
  {
    name: 'until the shop knows',
    parts: ['worker'],
    rows: [
      row('it is asked what became of it', 'refund', gateway('refundQuery', 'timeoutBefore'), 'before'),
      row('its end is about to be written', 'refund', refunds('before', 'succeeded'), 'before'),
      row('its end is written, and nobody heard', 'refund', refunds('commit', 'succeeded'), 'before'),
      row('the shop is being told', 'refund', { at: 'shop', type: 'refund.succeeded' }, 'before'),
      row('the shop was told, and that is about to be written', 'refund', told('before', 'refund.succeeded'), 'before'),
      row(
        'the shop was told, that is written, and nobody heard',
        'refund',
        told('commit', 'refund.succeeded'),
        'before',
      ),
    ],
  },
  {
    name: 'of goods that do not come',
    parts: ['worker'],
    rows: [
      row('nobody has said so', 'rejected', { at: 'dead' }),
      row('the rejection is about to be written', 'rejected', rejected('before')),
      row('the rejection is written, and nobody heard', 'rejected', rejected('commit')),
      row('the shop is being told that the money goes back', 'rejected', { at: 'shop', type: 'order.compensating' }),
      row('the shop was told so, and that is about to be written', 'rejected', told('before', 'order.compensating')),
      row('the shop was told so, that is written, and nobody heard', 'rejected', told('commit', 'order.compensating')),
      row('the refund is about to be reserved', 'rejected', refunds('before', 'requested')),
      row('the refund is reserved, and not started', 'rejected', refunds('commit', 'requested')),
      row('its apply has arrived, and no answer', 'rejected', gateway('refund', 'timeoutAfter')),
    ],
  },
  {
    name: 'of money that nobody expected',
    parts: ['worker'],
    rows: [
      row('nobody has paid yet', 'late', { at: 'dead' }),
      row('money after closing is about to be written', 'late', paidAttempt('before')),
      row('money after closing is written, and nobody heard', 'late', paidAttempt('commit')),
      row('the refund of it is about to be reserved', 'late', refunds('before', 'requested')),
      row('the refund of it is reserved, and not started', 'late', refunds('commit', 'requested')),
      row('a second payment is about to be written', 'second', paidAttempt('before')),
      row('its refund is reserved, and not started', 'second', refunds('commit', 'requested')),
    ],
  },
  {
    name: 'of any cause',
    parts: ['worker', 'ingress', 'temporal', 'postgres'],
    rows: [
      row('WeChat Pay has yet to pay it', 'refund', { at: 'rest' }),
      row('WeChat Pay pays it meanwhile', 'refund', { at: 'rest' }, 'meanwhile'),
      row('its apply is on its way', 'rejected', gateway('refund', 'timeoutBefore')),
      row('its apply has arrived, and no answer', 'second', gateway('refund', 'timeoutAfter')),
      row('it is asked what became of it', 'refund', gateway('refundQuery', 'timeoutBefore'), 'before'),
      row('the shop is being told', 'late', { at: 'shop', type: 'refund.succeeded' }, 'before'),
    ],
  },
];

const shop = useShopEndpoint();
const stack = useStack(() => ({ durable: true, webhookUrl: shop.url, timeScale: 40 }));
let writes: HeldWrites;
let reality: Reality;
let stories: Readonly<Record<MoneyBackName, MoneyBack>>;
let unstarted: string;
beforeAll(async () => {
  shop.expectSecret(() => stack.dev.merchants[0]?.webhookSecret ?? '');
  writes = await holdWrites(stack.dev.databaseUrl);
  reality = { stack, shop, temporal: await Connection.connect({ address: stack.dev.temporalAddress }) };
  stories = moneyBackStories(reality);
  await stack.control('PUT', '/settings', { refundDelayMs: LONG_MS });
  unstarted = await reservedAlone();
});
afterAll(async () => {
  await reality.temporal.close();
  await writes.close();
});

/** The ingress dies between its commit and the start of the refund's workflow, and the shop never asks again. */
async function reservedAlone(): Promise<string> {
  const orderNo = await stories.refund.begin();
  const write = { table: 'refunds', row: { order_no: orderNo }, moment: 'commit' } as const;
  const held = await writes.hold(write);
  const asking = stories.refund.act(orderNo).catch(() => undefined);
  await until(async () => ({ seen: 'the commit', met: await held.isReached() }));
  await stack.ingress.kill('SIGKILL');
  expect(await held.release()).toBe(true);
  await stack.ingress.restart();
  await asking;
  return orderNo;
}

type Told = Row & { readonly orderNo: string };

const nothing = (): Promise<void> => Promise.resolve();

async function hold({ name, point, orderNo, story }: Told): Promise<HeldPoint> {
  switch (point.at) {
    case 'write':
      return holdWrite(writes, name, point.write(orderNo));
    case 'gateway':
      return holdCall(stack, { on: point.on, kind: point.kind, outTradeNo: orderNo });
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
    case 'dead':
      return { isReached: () => Promise.resolve(true), release: nothing };
    default:
      return point satisfies never;
  }
}

/** What waits longest without help of others goes first: a shop that hangs is waited for a second and a half. */
const ORDER: readonly Point['at'][] = ['rest', 'write', 'gateway', 'shop'];

async function bring(all: readonly Told[], at: Point['at'], acts: Promise<unknown>[]): Promise<HeldPoint[]> {
  const rows = all.filter(({ point }) => point.at === at);
  const held = await Promise.all(rows.map(hold));
  for (const told of rows) acts.push(...begin(told));
  await untilReached(held, rows);
  return held;
}

/** Nobody who asks while things are killed may count on an answer. */
function begin({ orderNo, story, settled }: Told): Promise<unknown>[] {
  const acting = stories[story].act(orderNo).catch(() => undefined);
  return settled === 'before' ? [acting, settleRefund(stack, orderNo)] : [acting];
}

const untilReached = (held: readonly HeldPoint[], rows: readonly Row[]) =>
  until(async () => {
    const reached = await Promise.all(held.map((it) => it.isReached()));
    return { seen: rows.filter((_, n) => reached[n] !== true).map(({ name }) => name), met: !reached.includes(false) };
  });

const named = rounds.map((round) => [round.name, round.parts.join(', '), round] as const);

describe.each(named)('a refund %s survives a kill of %s while', (_name, _parts, round) => {
  const { parts, rows } = round;
  let all: readonly Told[] = [];
  beforeAll(async () => {
    all = await Promise.all(rows.map(async (row) => ({ ...row, orderNo: await stories[row.story].begin() })));
    const acts: Promise<unknown>[] = [];
    const held: HeldPoint[] = [];
    for (const at of ORDER) held.push(...(await bring(all, at, acts)));
    await Promise.all(parts.map((part) => stack[part].kill('SIGKILL')));
    await Promise.all(held.map((it) => it.release()));
    await bring(all, 'dead', acts);
    for (const { orderNo, settled } of all) if (settled === 'meanwhile') await settleRefund(stack, orderNo);
    await Promise.all(parts.map((part) => stack[part].restart()));
    await Promise.all(acts);
    await Promise.all(all.map(({ story, orderNo }) => stories[story].act(orderNo)));
  });

  test.concurrent.each(rows.map(({ name }) => [name]))('%s', async (name) => {
    const told = all.find((row) => row.name === name);
    if (told === undefined) throw new Error('there is no such row');
    await settleRefund(stack, told.orderNo);
    await expectRefundedOnce(reality, stories[told.story], told.orderNo);
  });
});

test('a refund of which only the row was written before the ingress died is found by the sweeper', async () => {
  await settleRefund(stack, unstarted);
  await expectRefundedOnce(reality, stories.refund, unstarted);
});

test('and all the books agree', async () => {
  expect(await booksOf(stack)).toEqual({ differenceFen: 0, differing: [] });
});
