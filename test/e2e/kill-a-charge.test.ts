import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { booksOf } from '../support/books.js';
import { until } from '../support/caller.js';
import { newOrderNo, useStack } from '../support/dev-stack.js';
import { holdCall, holdWrite, type HeldPoint } from '../support/hold-points.js';
import { holdWrites, type HeldWrites, type Write } from '../support/hold-writes.js';
import type { SandboxTrade, ShownCode } from '../support/sandbox-control.js';

/** Where the worker is when it dies. */
type Point = (name: string, orderNo: string) => Promise<HeldPoint>;

type Row = {
  readonly name: string;
  readonly point: Point;
  /** Default: pays at once. */
  readonly shown?: ShownCode;
  /** The payer pays while nobody is there. */
  readonly isPaidMeanwhile?: boolean;
  /** What it comes to, in PaySaga and at WeChat Pay. */
  readonly end: readonly ['paid', 'SUCCESS'] | readonly ['closed', 'REVOKED' | undefined];
  /** How often the code was charged: one that was claimed and did not leave never is. */
  readonly charges: 0 | 1;
};

const write =
  (moment: Write['moment'], row: Write['row']): Point =>
  (name, orderNo) =>
    holdWrite(writes, name, { table: 'attempts', moment, row: { order_no: orderNo, ...row } });
const claim = (moment: Write['moment']) => write(moment, { prepay_unknown: true });
const call =
  (on: 'charge' | 'query' | 'reverse', kind: 'timeoutBefore' | 'timeoutAfter'): Point =>
  (_name, outTradeNo) =>
    holdCall(stack, { on, kind, outTradeNo });

const row = (name: string, point: Point, end: Row['end'], more: Partial<Row> = {}): Row => ({
  ...{ name, point, end, charges: 1 },
  ...more,
});
const PAID = ['paid', 'SUCCESS'] as const;
const REVERSED = ['closed', 'REVOKED'] as const;
const NEVER_THERE = ['closed', undefined] as const;
const silent = (name: string, point: Point, end: Row['end'], isPaidMeanwhile = false): Row =>
  row(name, point, end, { shown: { payer: 'silent' }, isPaidMeanwhile });

/** Of each round all are brought to their points, and then one kill meets them all. */
const rounds: readonly (readonly [string, readonly Row[]])[] = [
  [
    'a charge',
    [
      row('the claim is about to be committed', claim('before'), PAID),
      row('the claim is committed, and nothing sent', claim('commit'), NEVER_THERE, { charges: 0 }),
      row('the answer is about to be written', write('before', { state: 'open' }), PAID),
      row('the answer is written, and nobody heard', write('commit', { state: 'open' }), PAID),
      row('the payment is about to be written', write('before', { state: 'succeeded' }), PAID),
      row('the payment is written, and nobody heard', write('commit', { state: 'succeeded' }), PAID),
      row('the charge is on its way', call('charge', 'timeoutBefore'), NEVER_THERE),
      row('the charge has arrived, and no answer', call('charge', 'timeoutAfter'), PAID),
      row('it is asked what became of it', call('query', 'timeoutBefore'), PAID),
    ],
  ],
  [
    'a reversal',
    [
      silent('the decision is about to be written', write('before', { reversing: true }), REVERSED),
      silent(
        'the decision is about to be written, and the payer pays',
        write('before', { reversing: true }),
        REVERSED,
        true,
      ),
      silent('the decision is written, and nobody heard', write('commit', { reversing: true }), REVERSED),
      silent('the decision is written, and the payer pays', write('commit', { reversing: true }), REVERSED, true),
      silent('the end is about to be written', write('before', { state: 'closed' }), REVERSED),
      silent('the end is written, and nobody heard', write('commit', { state: 'closed' }), REVERSED),
      silent('the reverse is on its way', call('reverse', 'timeoutBefore'), REVERSED),
      silent('the reverse has arrived, and no answer', call('reverse', 'timeoutAfter'), REVERSED),
    ],
  ],
];

const orderNos = new Map(rounds.flatMap(([, rows]) => rows.map(({ name }) => [name, newOrderNo()])));

const stack = useStack({ durable: true });
let writes: HeldWrites;
beforeAll(async () => {
  writes = await holdWrites(stack.dev.databaseUrl);
});
afterAll(() => writes.close());

/** What the till does, and does again where it got no answer; nobody who asks while things are killed may count on one. */
async function sold({ shown = {} }: Row, orderNo: string, authCode: string): Promise<void> {
  const till = { device: { ip: '203.0.113.7' }, store: { outId: 'shop-7' } };
  const order = { orderNo, amountFen: 1234, description: 'Two cups', product: 'codeScan', ...till };
  await stack.api('POST', '/v1/orders', { ...order, payer: { authCode } });
  if (shown.payer === 'silent') await stack.api('POST', `/v1/orders/${orderNo}/close`);
}

const charges = async (): Promise<number> => {
  const { mchid } = stack.dev;
  const calls = await stack.control<Record<string, Record<string, { count: number }>>>('GET', '/calls');
  return calls[mchid]?.['charge']?.count ?? 0;
};

describe.each(rounds)('%s survives a kill of the worker while', (_name, rows) => {
  let before = 0;
  beforeAll(async () => {
    before = await charges();
    const all = await Promise.all(
      rows.map(async (row) => {
        const orderNo = orderNos.get(row.name) ?? '';
        const { authCode } = await stack.control<{ authCode: string }>('POST', '/codes', row.shown ?? {});
        return { row, orderNo, authCode, held: await row.point(row.name, orderNo) };
      }),
    );
    const selling = all.map(({ row, orderNo, authCode }) => sold(row, orderNo, authCode).catch(() => undefined));
    await until(async () => {
      const reached = await Promise.all(all.map(({ held }) => held.isReached()));
      return {
        seen: rows.filter((_, n) => reached[n] !== true).map(({ name }) => name),
        met: !reached.includes(false),
      };
    });
    await stack.worker.kill('SIGKILL');
    await Promise.all(all.map(({ held }) => held.release()));
    for (const { row, orderNo } of all)
      if (row.isPaidMeanwhile === true) await stack.control('POST', '/pay', { outTradeNo: orderNo });
    await stack.worker.restart();
    await Promise.all(selling);
    await Promise.all(all.map(({ row, orderNo, authCode }) => sold(row, orderNo, authCode)));
  });

  test.concurrent.each(rows.map((row) => [row.name, row] as const))('%s', async (name, { end }) => {
    const orderNo = orderNos.get(name) ?? '';
    const [state, tradeState] = end;
    const order = await stack.orderWhen(orderNo, (it) => it.state === 'paid' || it.state === 'closed');
    const trades = await stack.control<SandboxTrade[]>('GET', '/trades');
    const trade = trades.find((it) => it.out_trade_no === orderNo);
    expect([order.state, trade?.trade_state]).toEqual([state, tradeState]);
    expect(order).toMatchObject(
      state === 'paid'
        ? { paidFen: 1234, attempts: [{ state: 'succeeded' }] }
        : { paidFen: 0, closedReason: 'reversed', returnedFen: 0 },
    );
  });

  test('and every code is charged once at most', async () => {
    expect((await charges()) - before).toBe(rows.reduce((sum, row) => sum + row.charges, 0));
  });
});

test('and the books differ by no money: WeChat Pay knows every charge but those that never came to it', async () => {
  const { differenceFen, differing } = await booksOf(stack);
  const lost = rounds.flatMap(([, rows]) => rows.filter(({ end }) => end === NEVER_THERE));
  expect(differenceFen).toBe(0);
  expect(differing.toSorted()).toEqual(lost.map(({ name }) => orderNos.get(name)).toSorted());
});
