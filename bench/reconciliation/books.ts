import type { Sql } from 'postgres';
import { startOf } from '../../src/reconciliation/rules/day.js';
import { onServer } from '../database.js';
import { APPID, PLANT_EVERY, PLANTS, REFUND_FEN, REFUNDED, type GeneratedDay } from './day.js';

/** Rows of one statement. */
const BATCH = 50_000;

/**
 * Our books of a day, as orders that were placed, paid and told leave them: an order and an attempt for each payment of the bill but the
 * `foreign` ones, and the refunds. Of the planted, `paid_not_here` is closed unpaid, `refund_not_here` is not there.
 */
export async function writeBooks(databaseUrl: string, day: GeneratedDay): Promise<void> {
  await onServer(databaseUrl, async (sql) => {
    // What happens when an order is paid is not what is looked at.
    await sql`set session_replication_role = replica`;
    for (let from = 1; from <= day.lines; from += BATCH) {
      const to = Math.min(day.lines, from + BATCH - 1);
      await writeOrders(sql, day, from, to);
      await writeAttempts(sql, day, from, to);
      await writeRefunds(sql, day, from, to);
    }
    for (const table of ['orders', 'attempts', 'refunds']) await sql.unsafe(`vacuum (analyze) ${table}`);
  });
}

/** The lines `n` of a day with what the bill prints of each; `plant` is null where the line is as our books have it. */
const linesOf = (sql: Sql, { date, lines }: GeneratedDay, from: number, to: number) => sql`
  (select n, replace(${date}, '-', '') || lpad((case when n % ${REFUNDED} = 0 then n - 1 else n end)::text, 10, '0') as no,
    ${REFUND_FEN} + (n::bigint * 7919) % 49901 as fen,
    date_trunc('second', ${startOf(date).toISOString()}::timestamptz + n * interval '1 day' / (${lines} + 1)) as at,
    case when n % ${PLANT_EVERY} in (1, ${REFUNDED})
      then (array[${sql.unsafe(PLANTS.map((name) => `'${name}'`).join(', '))}])[1 + (n - 1) / ${PLANT_EVERY} % ${PLANTS.length}] end as plant
  from generate_series(${from}::int, ${to}::int) n)`;

const isPayment = (sql: Sql) => sql`n % ${REFUNDED} <> 0 and not (n % ${PLANT_EVERY} = 1 and plant = 'foreign')`;
const isPaid = (sql: Sql) => sql`not (n % ${PLANT_EVERY} = 1 and plant = 'paid_not_here')`;

const writeOrders = (sql: Sql, day: GeneratedDay, from: number, to: number) => sql`
  insert into orders (mchid, order_no, version, state, closed_reason, closed_at, amount_fen, product, appid, paid_attempt, paid_fen, paid_at,
    found_by, description, attach, metadata, policy, body_hash, expires_in_seconds, expires_at, created_at)
  select ${day.mchid}, no, 5, case when ${isPaid(sql)} then 'paid' else 'closed' end, case when not ${isPaid(sql)} then 'expired' end,
    case when not ${isPaid(sql)} then at end, fen, 'native', ${APPID}, case when ${isPaid(sql)} then no end,
    case when ${isPaid(sql)} then fen else 0 end, case when ${isPaid(sql)} then at end, case when ${isPaid(sql)} then 'notify' end,
    '明前龙井, 礼盒装 250 克', 'shop=17&table=4', '{"shop":17,"table":4}', '{"latePayment":"refund","fulfilment":{"required":false}}',
    md5(no), 7200, at + interval '2 hours', at - interval '20 seconds'
  from ${linesOf(sql, day, from, to)} l where ${isPayment(sql)} order by n`;

const writeAttempts = (sql: Sql, day: GeneratedDay, from: number, to: number) => sql`
  insert into attempts (mchid, order_no, out_trade_no, number, product, appid, state, code_url, code_expires_at, code_given_at,
    prepay_body, prepay_started_at, transaction_id, paid_fen, payment, paid_at, attempt_key, body_hash)
  select ${day.mchid}, no, no, 1, 'native', ${APPID}, case when ${isPaid(sql)} then 'succeeded' else 'closed' end,
    'weixin://wxpay/bizpayurl?pr=' || left(md5(no), 9), at + interval '2 hours', at - interval '19 seconds',
    ${`{"appid":"${APPID}","mchid":"${day.mchid}","description":"明前龙井, 礼盒装 250 克","notify_url":"https://pay.example.com/notify/wechatpay/v3/${day.mchid}","out_trade_no":"`}
      || no || '","time_expire":"' || at || '","amount":{"total":' || fen || ',"currency":"CNY"}}', at - interval '20 seconds',
    case when ${isPaid(sql)} then '42000' || no end, case when ${isPaid(sql)} then fen else 0 end,
    jsonb_build_object('openid', 'oUpF8uMuAJO_M2pxb' || lpad(n::text, 11, '0'), 'tradeType', 'NATIVE', 'bankType', 'CMB_DEBIT', 'payerFen', fen),
    case when ${isPaid(sql)} then at end, 'first', md5(no)
  from ${linesOf(sql, day, from, to)} l where ${isPayment(sql)} order by n`;

const writeRefunds = (sql: Sql, day: GeneratedDay, from: number, to: number) => sql`
  insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, state, cause, reason, refund_id, channel,
    accepted_at, body_hash, created_at, applied_at, succeeded_at)
  select ${day.mchid}, no || '-r', no, no, ${REFUND_FEN}, ${REFUND_FEN} + ((n - 1)::bigint * 7919) % 49901, 'succeeded', 'shop', '少一件',
    '50300' || no, 'ORIGINAL', at, md5(no), at - interval '2 seconds', at - interval '1 second', at + interval '3 seconds'
  from ${linesOf(sql, day, from, to)} l
  where n % ${REFUNDED} = 0 and not (n % ${PLANT_EVERY} = ${REFUNDED} and plant = 'refund_not_here') order by n`;

/** The fund-flow bill of an imported day: what the account books for each line of its trade bill, and the fee. */
export async function writeFundBill(databaseUrl: string, { mchid, date }: GeneratedDay): Promise<void> {
  await onServer(databaseUrl, async (sql) => {
    await sql`
      insert into bill_lines (mchid, date, kind, line_no, type, at, number, flow_no, fund_name, fund_type, voucher_no, amount_fen,
        account_balance)
      select ${mchid}, ${date}, 'fundflow', no, type, at, number, '1000' || no, name, fund_type, out_trade_no, fen,
        1000000000 + sum(case type when 'in' then fen else -fen end) over (order by no)
      from (
        select row_number() over (order by l.line_no, m.type) as no, m.*, l.at, l.number, l.out_trade_no,
          case l.type when 'refund' then '退款' else '交易' end as name
        from bill_lines l cross join lateral (
          select case l.type when 'refund' then 'out' else 'in' end as type,
            case l.type when 'refund' then '退款' else '交易' end as fund_type, l.settled_fen as fen
          union all select 'out', '扣除交易手续费', l.fee_millifen / 1000 where l.fee_millifen >= 1000) m
        where l.mchid = ${mchid} and l.date = ${date} and l.kind = 'trade') it`;
    await sql`
      insert into bills (mchid, date, kind, state, sha1, lines, last_line, summary)
      select mchid, date, 'fundflow', 'imported', 'generated', count(*), count(*), '{}' from bill_lines
      where mchid = ${mchid} and date = ${date} and kind = 'fundflow' group by mchid, date`;
    await sql`select analyze_bills(${date}::date)`;
  });
}
