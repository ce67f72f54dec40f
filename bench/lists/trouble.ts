import type { Sql } from 'postgres';
import { MCHIDS, linesOf, waitingOf, type World } from './world.js';

/** Of the newest orders that do not wait for their payers, one in so many is stuck. */
const STUCK_EVERY = 20;

/**
 * What goes wrong, of eight stuck orders: four that WeChat Pay cannot be asked about, one a person has to decide, one whose refund
 * waits for the balance, one whose shop hears nothing, one that was never sent. Beyond those that are stuck `before`.
 */
export async function writeTrouble(sql: Sql, world: World, before: number): Promise<void> {
  const last = world.rows - waitingOf(world.rows);
  const [from, to] = [Math.max(1, last - world.stuck * STUCK_EVERY + 1), last - before * STUCK_EVERY];
  await sql`drop table if exists pg_temp.stuck`;
  await sql`
    create temp table stuck as select *, n / ${STUCK_EVERY} % 8 as how from ${linesOf(sql, world, from, to)} l where n % ${STUCK_EVERY} = 3`;
  await sql`create index on stuck (mchid, no)`;
  await sql`analyze stuck`;
  await stickOrders(sql);
  await stickRefunds(sql);
  await stickEvents(sql);
  await stickNotifies(sql);
  await stickRequests(sql);
  await stickDiscrepancies(sql);
}

/** Nothing was paid of these. */
const UNPAID = [0, 1, 2, 3, 4, 7];

async function stickOrders(sql: Sql): Promise<void> {
  for (const table of ['deliveries', 'merchant_events', 'evidence']) {
    const isTheirs =
      table === 'deliveries'
        ? sql`event_id in (select id from merchant_events e join stuck s on s.mchid = e.mchid and s.no = e.order_no where how in ${sql(UNPAID)})`
        : sql`(mchid, order_no) in (select mchid, no from stuck where how in ${sql(UNPAID)})`;
    await sql`delete from ${sql(table)} where ${isTheirs} ${table === 'evidence' ? sql`and source = 'query'` : sql``}`;
  }
  await sql`
    update attempts a set state = case how when 7 then 'preparing' else 'open' end, transaction_id = null, paid_fen = 0, paid_at = null, payment = null
    from stuck s where s.mchid = a.mchid and s.no = a.order_no and how in ${sql(UNPAID)}`;
  await sql`
    update orders o set state = case how when 4 then 'review' when 7 then 'creating' else 'awaitingPayment' end,
      review_reason = case how when 4 then 'evidence_conflict' end, paid_attempt = null, paid_fen = 0, paid_at = null, found_by = null
    from stuck s where s.mchid = o.mchid and s.no = o.order_no and how in ${sql(UNPAID)}`;
  await sql`
    update orders o set stuck_reason = reason, own_stuck_reason = case when how in (5, 6) then null else reason end, stuck_since = at + interval '3 hours',
      next_due_at = case when how in (5, 6) then null else at + interval '3 hours' end, due_at = case how when 5 then at + interval '3 hours' end
    from (select *, (array['gateway_unreachable', 'gateway_unreachable', 'gateway_unreachable', 'close_unconfirmed', 'review', 'merchant_balance',
      'shop_unreachable', 'not_written'])[1 + how] as reason from stuck) s where s.mchid = o.mchid and s.no = o.order_no`;
}

const stickRefunds = (sql: Sql) => sql`
  insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, state, cause, reason, trouble, body_hash, created_at,
    applied_at, next_due_at)
  select mchid, no || '-b', no, no, 20, fen, 'requested', 'shop', '少一件', 'merchant_balance', md5(no), at + interval '1 hour', at + interval '2 hours',
    at + interval '3 hours' from stuck where how = 5`;

/** One that was tried in vain to the last, and one that is due. */
const stickEvents = (sql: Sql) => sql`
  insert into merchant_events (mchid, order_no, type, body, status, tries, next_at, created_at)
  select mchid, no, case how when 4 then 'order.review' else 'order.compensating' end, '{"data":{}}', case how when 4 then 'pending' else 'exhausted' end, 9,
    case how when 4 then at + interval '3 hours' end, at from stuck where how in (4, 6)`;

/** Of numbers that nobody has, and of those that nobody was told of. */
const stickNotifies = (sql: Sql) => sql`
  insert into notify_inbox (mchid, protocol, kind, event_type, key, status, out_trade_no, order_no, evidence, serial_no, raw_body, headers, received_at)
  select mchid, 'v3', 'payment', 'TRANSACTION.SUCCESS', 'stuck-' || no, case how when 4 then 'verified' else 'unmatched' end,
    case how when 4 then no else 'other' || no end, case how when 4 then no end, jsonb_build_object('transactionId', '43000' || no, 'mchid', mchid,
    'appid', 'wx', 'tradeType', 'NATIVE', 'totalFen', fen, 'currency', 'CNY'), 'PUB_KEY_ID_0119', '{}', '{}', at from stuck where how in (0, 4)`;

async function stickRequests(sql: Sql): Promise<void> {
  await sql`
    insert into operator_actions (mchid, order_no, action, parameters, reason, actor, requested_at)
    select mchid, no, 'recheck', '{}', 'the payer called', 'operator Li Lei', at from stuck where how in (0, 4)`;
  await sql`
    insert into approvals (mchid, order_no, out_refund_no, amount_fen, reason, body_hash, created_at, asked_by_key, asked_by_name)
    select mchid, no, no || '-a', 50, '少一件', md5(no), at, '00000000-0000-4000-8000-000000000001', 'Li Lei' from stuck where how = 6`;
  const [bulk] = await sql<{ id: string }[]>`
    insert into bulks (mchid, action, filter, reason, actor, created_at)
    values (${MCHIDS[0] ?? ''}, 'recheck', '{"stuckReason":"gateway_unreachable"}', 'after the outage', 'operator Li Lei', now() - interval '1 hour') returning id`;
  await sql`
    insert into bulk_orders (bulk_id, seq, order_no) select ${bulk?.id ?? ''}::uuid, row_number() over (order by n), no from stuck where how < 4`;
}

/** A discrepancy is of a day that was run: of the last ninety of its merchant, in turns. */
const stickDiscrepancies = (sql: Sql) => sql`
  insert into discrepancies (mchid, date, class, subject_key, subject, order_no, out_trade_no, bill_fen, own_fen, differences, opened_at)
  select r.mchid, r.date, 'amount', 'payment:stuck-' || s.no, 'payment', s.no, s.no, s.fen + 1, s.fen, '{}', s.at
  from stuck s join reconciliations r on r.mchid = s.mchid and r.date = (select max(date) from reconciliations) - (s.n / ${STUCK_EVERY} % 80) where how < 2`;
