import type { Sql } from 'postgres';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Mchid } from '../../src/base/ids.js';
import type { Db } from '../../src/db/connection.js';
import {
  listOrders,
  listPaidOrders,
  type OrderFilter,
  type OrderPage,
  type PaidFilter,
} from '../../src/orders/store/list.js';
import { nthOutTradeNo, reserveAttempt } from '../../src/orders/store/attempt.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { PRODUCTS, type Product } from '../../src/orders/rules/product.js';
import { onDatabase } from '../support/services.js';
import { fileDatabase } from './database.js';
import { CREATED_AT, LATER, mchid, orderNo, paid, projectionOf, TILL } from './fixtures.js';
import { plansOf } from './plan.js';

const database = fileDatabase();
/** Has the orders of the first tests: of each product and each appid two that are paid and one that is not. */
const SHOP = mchid('1900000021');
/** Has 20,000 orders, nine of ten paid; few of them in the app, of each product of one appid in ten. */
const BUSY = mchid('1900000022');
const APPIDS = ['wx01', 'wx02'] as const;

type Sold = { readonly order: OrderRecord; readonly product: Product; readonly appid: string };
const sold: Sold[] = [];
const at = (ms: number): Date => new Date(LATER.getTime() + ms);

beforeAll(async () => {
  const kinds = PRODUCTS.flatMap((product) => APPIDS.map((appid) => ({ product, appid })));
  for (const [index, { product, appid }] of [...kinds, ...kinds, ...kinds].entries()) {
    const number = orderNo(`sold-${String(index).padStart(4, '0')}`);
    const till = product === 'codeScan' ? TILL : null;
    const placed = await database.place({ mchid: SHOP, orderNo: number, product, appid, till, createdAt: CREATED_AT });
    // Three at a time in one millisecond, and the last placed paid first.
    const paidAtMs = at(-Math.floor(index / 3)).getTime();
    const order = index < 2 * kinds.length ? await pay(placed, paidAtMs) : placed;
    sold.push({ order, product, appid });
  }
  // No statement is too slow to prepare a test.
  await onDatabase(database.url, placeMany);
});

async function pay(placed: OrderRecord, paidAtMs: number): Promise<OrderRecord> {
  return (await projectOrder(database.db, { ...paid(placed), paidAtMs }, LATER)).record;
}

async function placeMany(sql: Sql): Promise<void> {
  await sql`
    insert into orders (mchid, order_no, product, appid, amount_fen, description, policy, body_hash, expires_in_seconds,
                        expires_at, created_at)
    select ${BUSY}, 'busy-' || lpad(n::text, 8, '0'),
           case when n % 1000 = 0 then 'app' when n % 3 = 0 then 'jsapi' else 'native' end,
           case when n % 10 < 5 then 'wx01' when n % 10 < 9 then 'wx02' else 'wx03' end,
           100, 'tea', '{"latePayment":"refund","fulfilment":{"required":false}}', 'hash', 7200,
           ${LATER.toISOString()}::timestamptz, ${CREATED_AT.toISOString()}::timestamptz + n * interval '1 s'
    from generate_series(1, 20000) n`;
  await sql`vacuum (analyze) orders`;
  await sql`
    insert into attempts (mchid, order_no, out_trade_no, number, product, appid, state, transaction_id, paid_fen)
    select mchid, order_no, order_no, 1, product, appid, 'succeeded', order_no, 100 from orders where mchid = ${BUSY}`;
  await sql`vacuum (analyze) attempts`;
  await sql`
    update orders set state = 'paid', paid_attempt = order_no, paid_fen = 100, paid_at = created_at
    where mchid = ${BUSY} and right(order_no, 1) <> '7'`;
  await sql`vacuum (full, analyze) orders`;
  await sql`vacuum (analyze) orders`;
}

type Filter<F> = Partial<Omit<F, 'mchids'>>;

async function page(filter: Filter<PaidFilter>, of: Mchid = SHOP): Promise<OrderPage> {
  const answer = await listPaidOrders(database.db, { mchids: [of], limit: 50, ...filter });
  if (answer === 'bad_cursor') throw new Error(answer);
  return answer;
}

const numbers = (orders: readonly OrderRecord[]): string[] => orders.map((order) => order.orderNo);

const expected = (fits: (it: Sold) => boolean): OrderRecord[] =>
  sold
    .filter((it) => it.order.state === 'paid' && fits(it))
    .map(({ order }) => order)
    .toSorted((a, b) => timeOf(b) - timeOf(a) || (a.orderNo < b.orderNo ? 1 : -1));
const timeOf = (order: OrderRecord): number => order.paidAt?.getTime() ?? 0;

describe('what is paid', () => {
  test.each<[string, Filter<PaidFilter>, (it: Sold) => boolean]>([
    ['all of it', {}, () => true],
    ['a time from, inclusive', { paidFrom: at(-2) }, ({ order }) => timeOf(order) >= at(-2).getTime()],
    ['a time to, exclusive', { paidTo: at(-2) }, ({ order }) => timeOf(order) < at(-2).getTime()],
    ['a product', { product: 'h5' }, (it) => it.product === 'h5'],
    ['an appid', { appid: 'wx02' }, (it) => it.appid === 'wx02'],
    ['an amount', { amountFen: 1_200, paidTo: at(-2) }, ({ order }) => timeOf(order) < at(-2).getTime()],
    ['an amount that none has', { amountFen: 1_201 }, () => false],
    ['both', { product: 'app', appid: 'wx01' }, (it) => it.product === 'app' && it.appid === 'wx01'],
    [
      'an appid and a time',
      { appid: 'wx01', paidFrom: at(-4), paidTo: at(0) },
      (it) => it.appid === 'wx01' && timeOf(it.order) >= at(-4).getTime() && timeOf(it.order) < at(0).getTime(),
    ],
    ['an appid of nobody', { appid: 'wx03' }, () => false],
  ])('is listed by the time of its payment, newest first: %s', async (_what, filter, fits) => {
    expect(await page(filter)).toEqual({ items: expected(fits), nextCursor: null });
  });

  test.each<Filter<PaidFilter>>([{}, { product: 'native' }, { appid: 'wx02' }])(
    'has every order of %j once over its pages',
    async (filter) => {
      const whole = numbers((await page(filter)).items);
      for (const limit of [1, 2, 7]) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const { items, nextCursor } = await page({ ...filter, limit, ...(cursor === undefined ? {} : { cursor }) });
          expect(items.length).toBeLessThanOrEqual(limit);
          seen.push(...numbers(items));
          cursor = nextCursor ?? undefined;
        } while (cursor !== undefined);
        expect(seen).toEqual(whole);
      }
    },
  );

  test('has cursors of its own', async () => {
    const { nextCursor } = await page({ limit: 1 });
    const created = await listOrders(database.db, { mchids: [SHOP], limit: 1 });
    const other = created === 'bad_cursor' ? '' : (created.nextCursor ?? '');
    expect(await listOrders(database.db, { mchids: [SHOP], limit: 1, cursor: nextCursor ?? '' })).toBe('bad_cursor');
    expect(await listPaidOrders(database.db, { mchids: [SHOP], limit: 1, cursor: other })).toBe('bad_cursor');
  });
});

describe('product and appid', () => {
  const listed = async (filter: Filter<OrderFilter>, of: Mchid) => {
    const answer = await listOrders(database.db, { mchids: [of], limit: 50, ...filter });
    if (answer === 'bad_cursor') throw new Error(answer);
    return numbers(answer.items);
  };

  test('are filters of all orders, too', async () => {
    const placed = (fits: (it: Sold) => boolean) =>
      numbers(sold.filter(fits).map(({ order }) => order))
        .toSorted()
        .reverse();
    expect(await listed({ product: 'h5' }, SHOP)).toEqual(placed((it) => it.product === 'h5'));
    expect(await listed({ appid: 'wx02' }, SHOP)).toEqual(placed((it) => it.appid === 'wx02'));
    const both = { product: 'app', appid: 'wx02', createdTo: at(1) } as const;
    expect(await listed(both, SHOP)).toEqual(placed((it) => it.product === 'app' && it.appid === 'wx02'));
    expect(await listed({ product: 'h5', createdFrom: at(1) }, SHOP)).toEqual([]);
  });

  test('are those of the first attempt, and of the one that made the order paid once it is', async () => {
    const of = mchid('1900000023');
    const placed = await database.place({ mchid: of, product: 'native', appid: 'wx01' });
    const other = { product: 'jsapi', appid: 'wx02', openid: 'o1', clientIp: null, h5Type: null } as const;
    const { orderNo } = placed;
    const reserved = await reserveAttempt(database.db, {
      mchid: of,
      orderNo,
      ...other,
      attemptKey: 'k',
      bodyHash: 'h',
    });
    if (typeof reserved === 'string') throw new Error(reserved);
    expect(await listed({ product: 'native', appid: 'wx01' }, of)).toEqual([orderNo]);
    expect(await listed({ product: 'jsapi' }, of)).toEqual([]);

    const paidAttempt = nthOutTradeNo(orderNo, 2);
    const money = { transactionId: 'wx-2', paidFen: placed.amountFen, paidAtMs: LATER.getTime() };
    const { attempts } = projectionOf({ ...placed, attempts: [...placed.attempts, reserved.attempt] });
    const { record } = await projectOrder(
      database.db,
      projectionOf(placed, {
        ...{ state: 'paid', paidAttempt, paidFen: money.paidFen, paidAtMs: money.paidAtMs },
        attempts: attempts.map((it) => (it.outTradeNo === paidAttempt ? { ...it, state: 'succeeded', ...money } : it)),
      }),
      LATER,
    );

    expect(record.state).toBe('paid');
    expect(await listed({ product: 'native' }, of)).toEqual([]);
    expect(await listed({ product: 'jsapi' }, of)).toEqual([orderNo]);
    expect(numbers((await page({ product: 'jsapi', appid: 'wx02' }, of)).items)).toEqual([orderNo]);
    expect((await page({ product: 'native' }, of)).items).toEqual([]);
  });
});

describe('with many orders', () => {
  const day = { paidFrom: CREATED_AT, paidTo: new Date(CREATED_AT.getTime() + 3_600_000) };
  const created = (filter: Filter<OrderFilter>) => (db: Db, cursor?: string) =>
    listOrders(db, { mchids: [BUSY], limit: 50, cursor, ...filter });
  const paidOnes = (filter: Filter<PaidFilter>) => (db: Db, cursor?: string) =>
    listPaidOrders(db, { mchids: [BUSY], limit: 50, cursor, ...filter });

  test.each<[string, string, (db: Db, cursor?: string) => Promise<OrderPage | 'bad_cursor'>]>([
    ['paid', 'orders_list_paid', paidOnes({})],
    ['paid in an hour', 'orders_list_paid', paidOnes(day)],
    ['paid of an amount', 'orders_list_paid_amount', paidOnes({ amountFen: 100 })],
    ['paid of an amount in an hour', 'orders_list_paid_amount', paidOnes({ amountFen: 100, ...day })],
    ['paid by a product', 'orders_list_paid_product', paidOnes({ product: 'app' })],
    ['paid by a product in an hour', 'orders_list_paid_product', paidOnes({ product: 'jsapi', ...day })],
    ['paid to an appid', 'orders_list_paid_appid', paidOnes({ appid: 'wx03' })],
    ['paid to an appid in an hour', 'orders_list_paid_appid', paidOnes({ appid: 'wx01', ...day })],
    ['paid by a product to an appid', 'orders_list_paid_appid', paidOnes({ appid: 'wx01', product: 'app' })],
    ['of a product', 'orders_list_product', created({ product: 'app' })],
    ['of an appid', 'orders_list_appid', created({ appid: 'wx03' })],
    ['of a product and an appid', 'orders_list_appid', created({ appid: 'wx01', product: 'native' })],
  ])('a page of those %s is read from the index %s alone, in its order', async (_what, index, run) => {
    const first = await run(database.db);
    const next = first === 'bad_cursor' ? undefined : (first.nextCursor ?? undefined);
    for (const cursor of [undefined, next]) {
      for (const nodes of await plansOf(database, (db) => run(db, cursor))) {
        expect(nodes).toContainEqual(expect.objectContaining({ 'Node Type': 'Index Only Scan', 'Index Name': index }));
        expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
        expect(nodes.filter((node) => /Sort|Hash|Bitmap/.test(node['Node Type']))).toEqual([]);
      }
    }
  });
});
