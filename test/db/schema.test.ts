import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import { describe, expect, test } from 'vitest';
import { guarded } from '../../src/db/failure.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import * as schema from '../../src/db/schema.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import {
  ATTEMPT_STATES,
  ATTEMPT_TRANSITIONS,
  FULFILMENT_TRANSITIONS,
  ORDER_STATES,
  ORDER_TRANSITIONS,
} from '../../src/orders/rules/states.js';
import { DISCREPANCY_TRANSITIONS } from '../../src/reconciliation/rules/classes.js';
import { REFUND_TRANSITIONS } from '../../src/refunds/rules/states.js';

import { fileDatabase } from './database.js';
import { LATER, paid } from './fixtures.js';

const database = fileDatabase();
const tables = Object.values(schema)
  .filter((value) => is(value, PgTable))
  .map(getTableConfig);

/** One statement about an order, written as `$1`, past everything the program would check itself. */
const write = (statement: string, { orderNo }: Pick<OrderRecord, 'orderNo'>) =>
  guarded(() => database.connection.sql.unsafe(statement, [orderNo]));

async function paidOrder(): Promise<OrderRecord> {
  return (await projectOrder(database.db, paid(await database.place()), LATER)).record;
}

const moves = (table: Readonly<Record<string, readonly string[]>>): string[] =>
  Object.entries(table)
    .flatMap(([from, allowed]) => allowed.map((to) => `${from} → ${to}`))
    .sort();

async function storedMoves(table: string): Promise<string[]> {
  const rows = await database.connection.sql`select from_state, to_state from ${database.connection.sql(table)}`;
  return rows.map((row) => `${String(row['from_state'])} → ${String(row['to_state'])}`).sort();
}

async function definitionOf(constraint: string): Promise<string> {
  const [row] = await database.connection.sql`
    select pg_get_constraintdef(oid) as definition from pg_constraint where conname = ${constraint}`;
  return String(row?.['definition']);
}

describe('words', () => {
  const columns = tables.flatMap(({ name, columns }) =>
    columns.flatMap((column) => (column.enumValues === undefined ? [] : [{ table: name, column }])),
  );

  test('every column of words is found', () => expect(columns.length).toBeGreaterThan(20));

  test.each(columns.map(({ table, column }) => [`${table}.${column.name}`, column.enumValues ?? []] as const))(
    '%s takes exactly the words the program knows',
    async (path, words) => {
      const definition = await definitionOf(`${path.replace('.', '_')}_known`);
      const allowed = [...definition.matchAll(/'([^']*)'::text/g)].map(([, word]) => word);
      expect(allowed.length === 0 ? [/= '([^']*)'/.exec(definition)?.[1]] : allowed).toEqual(words);
    },
  );

  test('any other word is refused', async () => {
    await expect(
      write("update orders set stuck_reason = 'lost', stuck_since = now() where order_no = $1", await database.place()),
    ).rejects.toMatchObject({
      constraint: 'orders_stuck_reason_known',
    });
  });
});

describe('closing', () => {
  test('an order stops closing only by being closed, or by money', async () => {
    const order = await database.place();
    await write(`update orders set ending = 'cancelled' where order_no = $1`, order);
    const stop = write('update orders set ending = null where order_no = $1', order);
    await expect(stop).rejects.toMatchObject({ code: 'transition_refused', rule: 'state' });
    const review = `state = 'review', review_reason = 'late_payment', ending = null`;
    await write(`update orders set ${review} where order_no = $1`, order);
  });

  test('a closed order is not closing', async () => {
    const order = await database.place();
    const closing = `state = 'closed', closed_reason = 'expired', closed_at = now(), ending = 'expired'`;
    await expect(write(`update orders set ${closing} where order_no = $1`, order)).rejects.toMatchObject({
      constraint: 'orders_ending_is_open',
    });
  });
});

describe('money', () => {
  const amounts = tables.flatMap(({ name, columns }) =>
    columns.filter((column) => column.name.endsWith('_fen')).map((column) => `${name}_${column.name}_range`),
  );

  test.each(amounts)('%s: never negative, never more than a number holds exactly', async (constraint) => {
    expect(await definitionOf(constraint)).toMatch(/>= \(?[01]\)?.*<= '?9007199254740991/);
  });

  test.each(['-1', '9007199254740992'])('%s fen is refused', async (amount) => {
    await expect(
      write(`update orders set returned_fen = ${amount} where order_no = $1`, await database.place()),
    ).rejects.toMatchObject({ constraint: 'orders_returned_fen_range' });
  });

  test('an order is paid by exactly what its attempt was paid', async () => {
    const order = await database.place();
    await write(
      `update attempts set state = 'succeeded', transaction_id = $1, paid_fen = 1300 where order_no = $1`,
      order,
    );

    await expect(
      write(
        `update orders set state = 'paid', paid_attempt = $1, paid_fen = 1200, paid_at = now() where order_no = $1`,
        order,
      ),
    ).rejects.toMatchObject({ constraint: 'orders_paid_attempt_fkey' });
  });

  test('one transaction pays one attempt', async () => {
    const [one, other] = [await paidOrder(), await database.place()];

    await expect(projectOrder(database.db, paid(other, `wx-${one.orderNo}`), LATER)).rejects.toMatchObject({
      code: 'database_refused',
      constraint: 'attempts_transaction_key',
    });
  });
});

const orderAs: Readonly<Record<(typeof ORDER_STATES)[number], string>> = {
  creating: '',
  awaitingPayment: '',
  paid: `, paid_attempt = $1, paid_fen = 1200, paid_at = 'epoch', review_reason = null`,
  closed: `, closed_reason = 'expired', closed_at = now(), review_reason = null`,
  review: `, review_reason = 'late_payment'`,
};

describe('moves', () => {
  test("Postgres allows exactly the domain's", async () => {
    expect(await storedMoves('order_transitions')).toEqual(moves(ORDER_TRANSITIONS));
    expect(await storedMoves('attempt_transitions')).toEqual(moves(ATTEMPT_TRANSITIONS));
    expect(await storedMoves('fulfilment_transitions')).toEqual(moves(FULFILMENT_TRANSITIONS));
    expect(await storedMoves('refund_transitions')).toEqual(moves(REFUND_TRANSITIONS));
    expect(await storedMoves('discrepancy_transitions')).toEqual(moves(DISCREPANCY_TRANSITIONS));
  });

  const orderMoves = ORDER_STATES.flatMap((from) => ORDER_STATES.map((to) => ({ from, to })));
  test.each(orderMoves)('an order from $from to $to', async ({ from, to }) => {
    const order = await database.place();
    await write(
      `update attempts set state = 'succeeded', transaction_id = $1, paid_fen = 1200 where order_no = $1`,
      order,
    );
    const go = (state: keyof typeof orderAs) =>
      write(`update orders set state = '${state}'${orderAs[state]} where order_no = $1`, order);
    if (from !== 'creating') await go(from);

    if (from === to || ORDER_TRANSITIONS[from].includes(to)) await go(to);
    else await expect(go(to)).rejects.toMatchObject({ code: 'transition_refused', rule: 'state' });
  });

  const attemptMoves = ATTEMPT_STATES.flatMap((from) => ATTEMPT_STATES.map((to) => ({ from, to })));
  test.each(attemptMoves)('an attempt from $from to $to', async ({ from, to }) => {
    const order = await database.place();
    const go = (state: (typeof ATTEMPT_STATES)[number]) => {
      const money = state === 'succeeded' ? ', transaction_id = $1, paid_fen = 1200' : '';
      return write(`update attempts set state = '${state}'${money} where order_no = $1`, order);
    };
    if (from !== 'preparing') await go(from);

    if (from === to || ATTEMPT_TRANSITIONS[from].includes(to)) await go(to);
    else await expect(go(to)).rejects.toMatchObject({ code: 'transition_refused', rule: 'state' });
  });
});

describe('what is settled', () => {
  test.each([
    ['its version goes back', 'update orders set version = version - 1 where order_no = $1', 'version'],
    ['its price changes', 'update orders set amount_fen = 1 where order_no = $1', 'terms'],
    ['its body changes', `update orders set body_hash = 'other' where order_no = $1`, 'terms'],
    ['what a paid order was paid changes', 'update orders set paid_fen = 1 where order_no = $1', 'money'],
    [
      'when a paid order was paid changes',
      `update orders set paid_at = paid_at + interval '1 s' where order_no = $1`,
      'money',
    ],
    ['the transaction of its attempt changes', `update attempts set transaction_id = 'x' where order_no = $1`, 'money'],
    ['the money of its attempt changes', 'update attempts set paid_fen = 1 where order_no = $1', 'money'],
    ['the product of its attempt changes', `update attempts set product = 'app' where order_no = $1`, 'terms'],
  ])('stays: refused when %s', async (_what, statement, rule) => {
    await expect(write(statement, await paidOrder())).rejects.toMatchObject({ code: 'transition_refused', rule });
  });

  test('stays: refused when the body of a prepay changes', async () => {
    const order = await database.place();
    await write(`update attempts set prepay_body = 'one', prepay_started_at = now() where order_no = $1`, order);

    for (const other of [`'two'`, 'null']) {
      await expect(
        write(`update attempts set prepay_body = ${other} where order_no = $1`, order),
      ).rejects.toMatchObject({ rule: 'terms' });
    }
  });

  test.each([
    ['closed without a reason', `state = 'closed', closed_at = now()`, 'orders_closed_has_reason'],
    [
      'waiting, with a reason for closing',
      `closed_reason = 'expired', closed_at = now()`,
      'orders_waiting_was_not_closed',
    ],
    ['in review without a reason', `state = 'review'`, 'orders_review_has_reason'],
    ['paid by nothing', `state = 'paid'`, 'orders_paid_has_attempt'],
    ['stuck since never', `stuck_reason = 'review'`, 'orders_stuck_has_time'],
  ])('an order is never %s', async (_what, change, constraint) => {
    await expect(
      write(`update orders set ${change} where order_no = $1`, await database.place()),
    ).rejects.toMatchObject({ code: 'database_refused', constraint });
  });

  test('an attempt number is what its order and its place make it', async () => {
    const insert = (outTradeNo: string, number: number) =>
      `insert into attempts (mchid, order_no, out_trade_no, number, product, appid)
       select mchid, order_no, ${outTradeNo}, ${String(number)}, 'native', 'wx' from orders where order_no = $1`;
    const order = await database.place();

    await write(insert(`order_no || '*2'`, 2), order);
    for (const [outTradeNo, number] of [
      [`order_no || '*4'`, 3],
      [`order_no`, 3],
    ] as const) {
      await expect(write(insert(outTradeNo, number), order)).rejects.toMatchObject({
        code: 'database_refused',
      });
    }
    await expect(write(insert(`order_no || '*21'`, 21), order)).rejects.toMatchObject({
      constraint: 'attempts_number_range',
    });
  });
});
