import type { Sql } from 'postgres';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Mchid } from '../../src/base/ids.js';
import type { Db } from '../../src/db/connection.js';
import { listRefunds, type RefundFilter, type RefundPage } from '../../src/refunds/store/list.js';
import { loadRefund, recordRefundDetails } from '../../src/refunds/store/record.js';
import type { RefundRecord } from '../../src/refunds/rules/record.js';
import { recordExternalRefund } from '../../src/refunds/store/external.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { onDatabase } from '../support/services.js';
import { fileDatabase } from './database.js';
import { CREATED_AT, fen, LATER, mchid, outTradeNo, paid } from './fixtures.js';
import { plansOf } from './plan.js';
import { moved, outRefundNo, refundNo, reserved, succeeded } from './refunds.js';

const database = fileDatabase();
/** Has the six refunds of two orders. */
const SHOP = mchid('1900000031');
/** Has 20,000 refunds of 2,000 orders, each tenth PaySaga's own; few of them abnormal, few external. */
const BUSY = mchid('1900000032');

/** The seconds after LATER at which it was asked for, accepted and done; newest first. */
const refunds: { readonly refund: RefundRecord; readonly accepted?: number; readonly succeeded?: number }[] = [];
const at = (seconds: number): Date => new Date(LATER.getTime() + seconds * 1_000);

beforeAll(async () => {
  const [first, second] = [await paidOrder(), await paidOrder()];
  const reserve = (of: typeof first, number: string, seconds: number) =>
    reserved(database.db, of, { outRefundNo: refundNo(number), amountFen: fen(100), now: at(seconds) });
  const accept = async (refund: RefundRecord, seconds: number) => {
    const details = { channel: 'ORIGINAL', receivedAccount: null, acceptedAtMs: at(seconds).getTime() };
    const { outTradeNo, amountFen: refundFen } = refund;
    await recordRefundDetails(database.db, refund, { refund: { outTradeNo, refundFen }, details });
  };
  await reserve(first, 'r-1', 0);
  // Two of one millisecond: only the number tells them apart.
  const [two, three] = [await reserve(first, 'r-2', 1), await reserve(second, 'r-3', 1)];
  await accept(two, 50);
  await moved(database.db, two, { state: 'processing', refundId: '502' });
  await accept(three, 40);
  await moved(database.db, three, { ...succeeded(at(60)), refundId: '503' });
  const four = await reserve(first, 'r-4', 2);
  await moved(database.db, four, { state: 'rejected' });
  const five = await reserve(second, 'r-5', 3);
  await accept(five, 45);
  await moved(database.db, five, { state: 'closed', refundId: '505' });
  await recordExternalRefund(database.db, {
    ...{ mchid: SHOP, orderNo: second.orderNo, now: at(70) },
    fact: {
      ...{ outRefundNo: 'mp|6', outTradeNo: outTradeNo(second), transactionId: `wx-${second.orderNo}` },
      ...{ refundId: '506', refundFen: fen(7), totalFen: second.paidFen },
      ...{ status: 'succeeded', successAtMs: at(30).getTime() },
    },
    details: { channel: null, receivedAccount: null, acceptedAtMs: null },
  });
  const times = [['mp|6', 30, 30], ['r-5', 45], ['r-4'], ['r-3', 40, 60], ['r-2', 50], ['r-1']] as const;
  for (const [number, accepted, done] of times) {
    const refund = await loadRefund(database.db, { mchid: SHOP, outRefundNo: outRefundNo(number) });
    if (refund === undefined) throw new Error('the refund is there');
    const known = accepted === undefined ? {} : { accepted };
    refunds.push({ refund, ...known, ...(done === undefined ? {} : { succeeded: done }) });
  }
  await onDatabase(database.url, placeMany);
});

async function paidOrder() {
  const placed = await database.place({ mchid: SHOP });
  return (await projectOrder(database.db, paid(placed), LATER)).record;
}

async function placeMany(sql: Sql): Promise<void> {
  await sql`
    insert into orders (mchid, order_no, state, closed_reason, closed_at, amount_fen, description, policy, body_hash,
                        expires_in_seconds, expires_at, created_at)
    select ${BUSY}, 'busy-' || lpad(n::text, 8, '0'), 'closed', 'expired', now(), 100, 'tea',
           '{"latePayment":"refund","fulfilment":{"required":false}}', 'hash', 7200, now(), now()
    from generate_series(1, 2000) n`;
  await sql`vacuum (analyze) orders`;
  await sql`
    insert into attempts (mchid, order_no, out_trade_no, number, product, appid, state, transaction_id, paid_fen)
    select mchid, order_no, order_no, 1, 'native', 'wx', 'succeeded', order_no, 100 from orders where mchid = ${BUSY}`;
  await sql`vacuum (analyze) attempts`;
  await sql`
    insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, cause, body_hash, state,
                         refund_id, created_at, applied_at, succeeded_at)
    select mchid, order_no || case when n = 10 then '@return' else '-' || n end, order_no, order_no, 1, 100,
           case when external then 'external' when n = 10 then 'operator' else 'shop' end,
           case when external or n = 10 then null else 'hash' end,
           case when abnormal then 'abnormal' else 'succeeded' end, order_no || n, asked, asked,
           case when abnormal then null else asked + interval '1 min' end
    from orders, generate_series(1, 10) n,
         lateral (select right(order_no, 2) = '00' and n = 1 as abnormal, right(order_no, 2) = '01' and n < 3 as external,
                         ${CREATED_AT.toISOString()}::timestamptz + (right(order_no, 5)::int * 10 + n) * interval '1 s' as asked) x
    where mchid = ${BUSY}`;
  await sql`vacuum (analyze) refunds`;
}

type Filter = Partial<Omit<RefundFilter, 'mchids'>>;

async function page(filter: Filter, of: Mchid = SHOP): Promise<RefundPage> {
  const answer = await listRefunds(database.db, { mchids: [of], limit: 50, time: 'created', ...filter });
  if (answer === 'bad_cursor') throw new Error(answer);
  return answer;
}

const numbers = (items: readonly RefundRecord[]): string[] => items.map((refund) => refund.outRefundNo);

describe('refunds', () => {
  test('are listed newest first, whole, those that somebody else made, too', async () => {
    expect(await page({})).toEqual({ items: refunds.map(({ refund }) => refund), nextCursor: null });
  });

  test.each<[string, Filter, string[]]>([
    ['of a state', { state: 'processing' }, ['r-2']],
    ['of a cause', { cause: 'external' }, ['mp|6']],
    ['of a state and a cause', { state: 'succeeded', cause: 'shop' }, ['r-3']],
    ['that are not settled', { state: 'unsettled' }, ['r-2', 'r-1']],
    ['of an amount', { amountFen: 7 }, ['mp|6']],
    ['of an amount and a state', { amountFen: 100, state: 'succeeded' }, ['r-3']],
    ['of an amount, not settled', { amountFen: 100, state: 'unsettled' }, ['r-2', 'r-1']],
    ['of a state that none has', { state: 'abnormal' }, []],
    ['created then or later', { from: at(2) }, ['mp|6', 'r-5', 'r-4']],
    ['created before', { to: at(2) }, ['r-3', 'r-2', 'r-1']],
    ['of a cause, created between', { cause: 'shop', from: at(1), to: at(3) }, ['r-4', 'r-3', 'r-2']],
    ['by acceptance', { time: 'accepted' }, ['r-2', 'r-5', 'r-3', 'mp|6']],
    ['accepted between', { time: 'accepted', from: at(40), to: at(50) }, ['r-5', 'r-3']],
    ['by success', { time: 'succeeded' }, ['r-3', 'mp|6']],
    ['succeeded before', { time: 'succeeded', to: at(60) }, ['mp|6']],
  ])('can be those %s', async (_what, filter, expected) => {
    expect(numbers((await page(filter)).items)).toEqual(expected);
  });

  test('can be those of one order, with all else beside it', async () => {
    const orderNo = refunds[0]?.refund.orderNo;
    expect(numbers((await page({ orderNo })).items)).toEqual(['mp|6', 'r-5', 'r-3']);
    const done = { orderNo, state: 'succeeded', time: 'accepted' } as const;
    expect(numbers((await page(done)).items)).toEqual(['r-3', 'mp|6']);
    expect(numbers((await page({ ...done, cause: 'external', from: at(30) })).items)).toEqual(['mp|6']);
  });

  test("are never another merchant's", async () => {
    expect((await page({}, mchid('1900000039'))).items).toEqual([]);
  });

  test.each<Filter>([{}, { cause: 'shop' }, { state: 'succeeded' }, { time: 'accepted' }, { time: 'succeeded' }])(
    'of %j are each on one page',
    async (filter) => {
      const whole = numbers((await page(filter)).items);
      for (const limit of [1, 2, 5]) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const { items, nextCursor } = await page({ ...filter, limit, cursor });
          expect(items.length).toBeLessThanOrEqual(limit);
          seen.push(...numbers(items));
          cursor = nextCursor ?? undefined;
        } while (cursor !== undefined);
        expect(seen).toEqual(whole);
      }
    },
  );

  test('have a cursor for each kind of time', async () => {
    const { nextCursor } = await page({ limit: 1 });
    const cursor = nextCursor ?? '';
    for (const time of ['accepted', 'succeeded'] as const)
      expect(await listRefunds(database.db, { mchids: [SHOP], limit: 1, time, cursor })).toBe('bad_cursor');
    expect(await listRefunds(database.db, { mchids: [SHOP], limit: 1, time: 'created', cursor: 'x' })).toBe(
      'bad_cursor',
    );
  });
});

describe('with many refunds', () => {
  const hour = { from: CREATED_AT, to: new Date(CREATED_AT.getTime() + 3_600_000) };

  test.each<[string, string, Filter]>([
    ['all', 'refunds_list', {}],
    ['those of an hour', 'refunds_list', hour],
    ['those of an amount and a state', 'refunds_list_amount', { amountFen: 1, state: 'abnormal', ...hour }],
    ['those not settled', 'refunds_list_state', { state: 'unsettled' }],
    ['those of a state', 'refunds_list_state', { state: 'abnormal' }],
    ['those of a cause', 'refunds_list_state', { cause: 'external', ...hour }],
    ['those of a state and a cause', 'refunds_list_state', { state: 'succeeded', cause: 'external', ...hour }],
    ['those accepted', 'refunds_list_accepted', { time: 'accepted' }],
    ['those accepted in an hour', 'refunds_list_accepted', { time: 'accepted', ...hour }],
    ['those succeeded', 'refunds_list_succeeded', { time: 'succeeded' }],
    ['those succeeded in an hour', 'refunds_list_succeeded', { time: 'succeeded', ...hour }],
    ['those of an order', 'refunds_of_order', { orderNo: 'busy-00000007' }],
  ])('a page of %s is read from the index %s alone, in its order', async (_what, index, filter) => {
    const first = await page({ ...filter, limit: 1 }, BUSY);
    expect(first.items).toHaveLength(1);
    const asked = { mchids: [BUSY], limit: 50, time: 'created', ...filter } as const;
    for (const cursor of [undefined, first.nextCursor ?? undefined]) {
      const run = (db: Db) => listRefunds(db, { ...asked, cursor });
      for (const nodes of await plansOf(database, run)) {
        expect(nodes).toContainEqual(expect.objectContaining({ 'Node Type': 'Index Only Scan', 'Index Name': index }));
        expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
        expect(nodes.filter((node) => /Sort|Hash|Bitmap/.test(node['Node Type']))).toEqual([]);
      }
    }
  });

  test("an order's refunds are found by its number, whatever else is asked of them", async () => {
    const asked = { mchids: [BUSY], limit: 50, orderNo: 'busy-00000007', state: 'succeeded', ...hour } as const;
    for (const time of ['created', 'accepted', 'succeeded'] as const)
      for (const nodes of await plansOf(database, (db) => listRefunds(db, { ...asked, time })))
        expect(nodes).toContainEqual(expect.objectContaining({ 'Index Name': 'refunds_of_order' }));
  });
});
