import { describe, expect, test } from 'vitest';
import { guarded } from '../../src/db/failure.js';
import { listEvents } from '../../src/shop-events/store/outbox.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { FULFILMENT_STATES, FULFILMENT_TRANSITIONS } from '../../src/orders/rules/states.js';
import { REFUND_STATES, REFUND_TRANSITIONS } from '../../src/refunds/rules/states.js';
import { fileDatabase } from './database.js';
import { paidOrder, reserved, standing } from './refunds.js';

const database = fileDatabase();

/** One statement about an order, written as `$1`, past everything the program would check itself. */
const write = (statement: string, { orderNo }: Pick<OrderRecord, 'orderNo'>) =>
  guarded(() => database.connection.sql.unsafe(statement, [orderNo]));

async function refundedOrder(): Promise<OrderRecord> {
  const order = await paidOrder(database);
  await reserved(database.db, order);
  return standing(database.db, order);
}

const insert = (columns: Readonly<Record<string, string>>): string => {
  const row: Record<string, string> = {
    mchid: 'mchid',
    out_refund_no: `order_no || '-r'`,
    order_no: 'order_no',
    out_trade_no: 'out_trade_no',
    amount_fen: '100',
    total_fen: '1200',
    cause: `'shop'`,
    body_hash: `'hash'`,
    created_at: 'now()',
    ...columns,
  };
  return `insert into refunds (${Object.keys(row).join(', ')})
          select ${Object.values(row).join(', ')} from attempts where order_no = $1`;
};

const own = { cause: `'operator'`, body_hash: 'null' };

describe('refunds in Postgres', () => {
  const moves = REFUND_STATES.flatMap((from) => REFUND_STATES.map((to) => ({ from, to })));
  const as = (state: string): string =>
    `update refunds set state = '${state}', succeeded_at = ${state === 'succeeded' ? `'epoch'` : 'null'} where order_no = $1`;

  test.each(moves)('go from $from to $to only as the domain allows', async ({ from, to }) => {
    const order = await refundedOrder();
    if (from !== 'requested') await write(as(from), order);

    if (from === to || REFUND_TRANSITIONS[from].includes(to)) await write(as(to), order);
    else await expect(write(as(to), order)).rejects.toMatchObject({ code: 'transition_refused' });
  });

  test.each([
    ['its amount', 'amount_fen = 499', 'money'],
    ['the total it is part of', 'total_fen = 1300', 'money'],
    ['its cause', `cause = 'operator'`, 'terms'],
    ['its reason', `reason = 'other'`, 'terms'],
    ['its attempt', `out_trade_no = order_no || '*2'`, 'terms'],
    ['what the shop asked', `body_hash = 'other'`, 'terms'],
  ])('never change %s', async (_what, change, rule) => {
    const order = await refundedOrder();
    await expect(write(`update refunds set ${change} where order_no = $1`, order)).rejects.toMatchObject({ rule });
  });

  test('never change when they were first applied for, or how they succeeded', async () => {
    const order = await refundedOrder();
    await write(`update refunds set applied_at = 'epoch' where order_no = $1`, order);
    await write(as('succeeded'), order);

    const applied = write('update refunds set applied_at = now() where order_no = $1', order);
    await expect(applied).rejects.toMatchObject({ rule: 'terms' });
    for (const change of ['succeeded_at = now()', 'offline = true']) {
      const ended = write(`update refunds set ${change} where order_no = $1`, order);
      await expect(ended).rejects.toMatchObject({ rule: 'money' });
    }
  });

  test.each<[string, Record<string, string>, string]>([
    ['of nothing', { amount_fen: '0' }, 'refunds_amount_fen_range'],
    ['of more than its attempt was paid', { amount_fen: '1201' }, 'refunds_amount_within_total'],
    ['of a total its attempt was not paid', { total_fen: '1300' }, 'refunds_attempt_fkey'],
    ['of the shop under a number of ours', { out_refund_no: `order_no || '@return'` }, 'refunds_own_number'],
    ['of ours under a number of the shop', own, 'refunds_own_number'],
    [
      'of ours under the number of another attempt',
      { ...own, out_refund_no: `order_no || '*2@return'` },
      'refunds_own_number_derived',
    ],
    [
      'of ours under a second number that follows nothing',
      { ...own, out_refund_no: `order_no || '@return*2'` },
      'refunds_successor_is_own',
    ],
    ['of the shop without what it asked', { body_hash: 'null' }, 'refunds_shop_has_body'],
    ['that succeeded at no time', { state: `'succeeded'` }, 'refunds_succeeded_has_time'],
    ['paid by hand that did not succeed', { offline: 'true' }, 'refunds_offline_has_succeeded'],
    [
      'that is over and in trouble',
      { state: `'closed'`, trouble: `'merchant_balance'` },
      'refunds_trouble_is_unsettled',
    ],
  ])('are never %s', async (_what, columns, constraint) => {
    await expect(write(insert(columns), await paidOrder(database))).rejects.toMatchObject({ constraint });
  });

  test('of ours are at most one an attempt that is not over, and one a predecessor', async () => {
    const order = await paidOrder(database);
    const first = { ...own, out_refund_no: `order_no || '@return'` };
    const next = { ...own, predecessor: `order_no || '@return'`, out_refund_no: `order_no || '@return*2'` };
    await write(insert(first), order);

    await expect(write(insert(next), order)).rejects.toMatchObject({ constraint: 'refunds_own_key' });
    await write(`update refunds set state = 'rejected' where order_no = $1`, order);
    await write(insert(next), order);
    await write(`update refunds set state = 'rejected' where order_no = $1 and state = 'requested'`, order);
    const third = { ...next, out_refund_no: `order_no || '@return*3'` };
    await expect(write(insert(third), order)).rejects.toMatchObject({ constraint: 'refunds_predecessor_key' });
  });
});

describe('the sums of an attempt in Postgres', () => {
  const sums = async ({ orderNo }: OrderRecord) => {
    const [row] = await database.connection.sql`
      select refunding_fen, refunded_fen from attempts where order_no = ${orderNo}`;
    return [Number(row?.['refunding_fen']), Number(row?.['refunded_fen'])];
  };

  test('follow its refunds, whoever writes them', async () => {
    const order = await refundedOrder();
    await write(insert({ amount_fen: '700' }), order);
    expect(await sums(order)).toEqual([1_200, 0]);

    await write(`update refunds set state = 'rejected' where order_no = $1 and amount_fen = 700`, order);
    expect(await sums(order)).toEqual([500, 0]);

    await write(
      `update refunds set state = 'succeeded', succeeded_at = now() where amount_fen = 500 and order_no = $1`,
      order,
    );
    expect(await sums(order)).toEqual([0, 500]);

    await write('delete from refunds where order_no = $1', order);
    expect(await sums(order)).toEqual([0, 0]);
  });

  test('stop what would take more than was paid', async () => {
    const order = await refundedOrder();

    await expect(write(insert({ amount_fen: '701' }), order)).rejects.toMatchObject({
      constraint: 'attempts_refunds_within_paid',
    });
    expect(await sums(order)).toEqual([500, 0]);
  });

  test('cannot be written by hand, nor begin with anything', async () => {
    const order = await refundedOrder();

    for (const change of ['refunding_fen = 0', 'refunded_fen = 100']) {
      const written = write(`update attempts set ${change} where order_no = $1`, order);
      await expect(written).rejects.toMatchObject({ rule: 'money' });
    }
    const begun = `insert into attempts (mchid, order_no, out_trade_no, number, product, appid, refunded_fen)
                   select mchid, order_no, order_no || '*2', 2, 'native', 'wx', 1 from orders where order_no = $1`;
    await expect(write(begun, order)).rejects.toMatchObject({ rule: 'money' });
  });

  test('are right after two writers who did not lock the order', async () => {
    const order = await paidOrder(database);
    const numbers = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => ({ out_refund_no: `order_no || '-${letter}'` }));

    const done = await Promise.allSettled(numbers.map((it) => write(insert({ ...it, amount_fen: '300' }), order)));

    expect(done.filter((it) => it.status === 'fulfilled')).toHaveLength(4);
    expect(await sums(order)).toEqual([1_200, 0]);
  });
});

describe('fulfilment in Postgres', () => {
  const moves = FULFILMENT_STATES.flatMap((from) => FULFILMENT_STATES.map((to) => ({ from, to })));
  const way: Readonly<Record<string, readonly string[]>> = {
    none: [],
    pending: ['pending'],
    fulfilled: ['pending', 'fulfilled'],
    rejected: ['pending', 'rejected'],
    overdue: ['pending', 'overdue'],
  };

  test.each(moves)('goes from $from to $to only as the domain allows', async ({ from, to }) => {
    const order = await paidOrder(database);
    const go = (state: string) => write(`update orders set fulfilment = '${state}' where order_no = $1`, order);
    for (const state of way[from] ?? []) await go(state);

    if (from === to || FULFILMENT_TRANSITIONS[from].includes(to)) await go(to);
    else await expect(go(to)).rejects.toMatchObject({ code: 'transition_refused', rule: 'state' });
  });
});

const OF_DAY = { order_no: null, date: '2026-03-01', subject: 'run 1', type: 'reconciliation.completed' };

describe('events in Postgres', () => {
  test.each([
    ['what they say', `body = '{}'`, 'terms'],
    ['what they are', `type = 'order.closed'`, 'terms'],
    ['whose they are', `mchid = '1900000777'`, 'terms'],
    ['when they happened', 'created_at = now()', 'terms'],
  ])('never change %s', async (_what, change, rule) => {
    const order = await paidOrder(database);
    const changed = write(`update merchant_events set ${change} where order_no = $1`, order);
    await expect(changed).rejects.toMatchObject({ code: 'transition_refused', rule });
  });

  test('stay delivered, and stay withdrawn', async () => {
    const order = await paidOrder(database);
    const set = (change: string) => write(`update merchant_events set ${change} where order_no = $1`, order);
    await set(`status = 'delivered', delivered_at = 'epoch'`);

    await expect(set(`delivered_at = now()`)).rejects.toMatchObject({ rule: 'terms' });
    await expect(set(`status = 'pending', delivered_at = null`)).rejects.toMatchObject({ rule: 'terms' });
    await set(`status = 'withdrawn'`);
    await expect(set(`status = 'pending'`)).rejects.toMatchObject({ rule: 'state' });
  });

  test.each([
    ['delivered at no time', `status = 'delivered'`, 'merchant_events_delivered_is_dated'],
    ['tried again when they are over', `status = 'exhausted', next_at = now()`, 'merchant_events_next_is_pending'],
    ['tried less than never', 'tries = -1', 'merchant_events_tries_range'],
  ])('are never %s', async (_what, change, constraint) => {
    const order = await paidOrder(database);
    const changed = write(`update merchant_events set ${change} where order_no = $1`, order);
    await expect(changed).rejects.toMatchObject({ constraint });
  });

  test.each([
    ['are of an order or of a day', { type: 'reconciliation.completed' }, 'merchant_events_is_of_order_or_day'],
    ['say once what they say', { date: '2026-03-01' }, 'merchant_events_is_of_order_or_day'],
    ['are of a day that there is', { ...OF_DAY, date: '2026-03-02' }, 'merchant_events_day_fkey'],
    ['say of a day the same once', OF_DAY, 'merchant_events_day_key'],
  ])('%s', async (_what, change, constraint) => {
    const { sql } = database.connection;
    const order = await paidOrder(database);
    await sql`
      insert into reconciliations (mchid, date, started_at) values (${order.mchid}, '2026-03-01', now()) on conflict do nothing`;
    const ofOrder = {
      mchid: order.mchid,
      order_no: order.orderNo,
      type: 'order.review',
      body: '{}',
      created_at: 'now',
    };
    const ofDay = { ...ofOrder, ...OF_DAY };
    await sql`insert into merchant_events ${sql(ofOrder)}`;
    await sql`insert into merchant_events ${sql(ofDay)} on conflict do nothing`;

    const broken = { ...ofOrder, ...change };
    await expect(sql`insert into merchant_events ${sql(broken)}`).rejects.toMatchObject({
      constraint_name: constraint,
    });
  });

  test('of a day never change what they are about, and write no timeline', async () => {
    const { sql } = database.connection;
    const order = await paidOrder(database);
    await sql`
      insert into reconciliations (mchid, date, started_at) values (${order.mchid}, '2026-03-01', now()) on conflict do nothing`;
    const row = { mchid: order.mchid, body: '{}', created_at: 'now', ...OF_DAY, subject: 'run 9' };
    const [event] = await sql<{ id: string }[]>`insert into merchant_events ${sql(row)} returning id`;
    const id = event?.id ?? '';

    await expect(sql`update merchant_events set subject = 'run 10' where id = ${id}`).rejects.toMatchObject({
      code: 'PS003',
    });
    await expect(sql`update merchant_events set date = '2026-03-02' where id = ${id}`).rejects.toMatchObject({
      code: 'PS003',
    });
    await expect(sql`update merchant_events set resent_by = 'Li Lei' where id = ${id}`).rejects.toMatchObject({
      constraint_name: 'merchant_events_resend_is_whole',
    });
    await sql`update merchant_events set status = 'exhausted' where id = ${id}`;
    expect(await sql`select from timeline where subject = ${id}`).toEqual([]);
  });

  test('of order.paid are one an order; those of refunds name one', async () => {
    const order = await paidOrder(database);
    const copy = (type: string) =>
      write(
        `insert into merchant_events (mchid, order_no, type, body, created_at)
         select mchid, order_no, '${type}', '{}', now() from orders where order_no = $1`,
        order,
      );

    await expect(copy('order.paid')).rejects.toMatchObject({ constraint: 'merchant_events_paid_key' });
    await expect(copy('refund.closed')).rejects.toMatchObject({ constraint: 'merchant_events_refund_is_named' });
    await copy('order.review');
    await copy('order.review');
    expect(await listEvents(database.db, order)).toHaveLength(3);
  });
});
