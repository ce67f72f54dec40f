import type { PendingQuery, Row, Sql } from 'postgres';
import { parseMchid, type Mchid } from '../../src/base/ids.js';
import { onServer } from '../database.js';
import { writeDays } from './days.js';
import { writeTrouble } from './trouble.js';

/** A database as so many orders leave it, the same number a day: more of them reach further back. */
export type World = {
  readonly databaseUrl: string;
  readonly rows: number;
  /** Of these, that many are stuck; refunds, events, notifies and requests wait in proportion. */
  readonly stuck: number;
  /** When the last one was placed. */
  readonly now: Date;
};

/** A bench has room for seven tenths of its orders with the first merchant. */
export const MCHIDS: readonly Mchid[] = ['1900000001', '1900000002', '1900000003', '1900000004'].map((text) => {
  const mchid = parseMchid(text);
  if (!mchid.ok) throw new Error(`${text} is no mchid`);
  return mchid.value;
});

export const APPID = 'wx8888888888888888';

/** One order every so many seconds: 2,000 a day. */
export const EVERY_SECONDS = 43.2;

/** The newest orders wait for their payers, none of them past its deadline of two hours. */
export const waitingOf = (rows: number): number => Math.min(150, Math.floor(rows / 10));

/** Rows of one statement. */
const BATCH = 50_000;

const TABLES = [
  ...['orders', 'attempts', 'refunds', 'evidence', 'notify_inbox', 'gateway_calls', 'merchant_events', 'deliveries'],
  ...['operator_actions', 'approvals', 'timeline', 'search_texts', 'search_terms'],
];

/**
 * Indexes are made once all rows are there: kept up to date with each row they would take thrice as long. What happens as an order is
 * placed or paid is not looked at, so triggers are off.
 */
export async function writeWorld(world: World, onProgress: (line: string) => void): Promise<void> {
  await onServer(world.databaseUrl, async (sql) => {
    await sql`set session_replication_role = replica`;
    await sql`set synchronous_commit = off`;
    await sql`set maintenance_work_mem = '512MB'`;
    const indexes = await droppedIndexes(sql);
    await writeKeys(sql);
    await writeGoods(sql);
    for (let from = 1; from <= world.rows; from += BATCH) {
      const to = Math.min(world.rows, from + BATCH - 1);
      for (const write of WRITES) await write(sql, linesOf(sql, world, from, to));
      if (world.rows > BATCH) onProgress(`  ${to} orders`);
    }
    for (const definition of indexes) await sql.unsafe(definition);
    await writeDays(sql, world);
    await addTrouble(sql, world, 0);
  });
}

/** The same world with more that is stuck. */
export async function stickMore(world: World, before: number): Promise<void> {
  await onServer(world.databaseUrl, async (sql) => {
    await sql`set session_replication_role = replica`;
    await addTrouble(sql, world, before);
  });
}

async function addTrouble(sql: Sql, world: World, before: number): Promise<void> {
  await writeTrouble(sql, world, before);
  await sql`vacuum (analyze)`;
  await sql`checkpoint`;
}

async function droppedIndexes(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string; definition: string }[]>`
    select indexname as name, indexdef as definition from pg_indexes where schemaname = 'public' and tablename in ${sql(TABLES)}
      and not exists (select from pg_constraint where conname = indexname)`;
  for (const { name } of rows) await sql`drop index ${sql(name)}`;
  return rows.map(({ definition }) => definition);
}

/** Two people: who asks for a refund, and who approves it. */
const writeKeys = (sql: Sql) => sql`
  insert into api_keys (id, kind, name, mchids, hash, created_at)
  select id::uuid, 'operator', name, array[${sql.unsafe(MCHIDS.map((mchid) => `'${mchid}'`).join(', '))}], md5(name), now()
  from (values ('00000000-0000-4000-8000-000000000001', 'Li Lei'), ('00000000-0000-4000-8000-000000000002', 'Han Meimei')) it(id, name)`;

const GOODS = [
  ...[
    '明前龙井, 礼盒装 250 克',
    '大红袍 武夷山 100 克',
    '茉莉花茶 三罐',
    'Earl Grey, 50 bags',
    'Assam leaf tea',
    '普洱熟茶 357 克',
  ],
  '紫砂壶',
];

const writeGoods = (sql: Sql) => sql`
  create temp table goods as select goods, search_text(goods) as goods_text, search_terms_in(search_text(goods)) as goods_terms
  from unnest(array[${sql.unsafe(GOODS.map((it) => `'${it}'`).join(', '))}]) goods`;

export type Lines = ReturnType<typeof linesOf>;

/** Each order `n` with what all its rows have of it. `kind`: how it ended. */
export const linesOf = (sql: Sql, { rows, now }: World, from: number, to: number) => sql`
  (select *, to_char(at at time zone 'Asia/Shanghai', 'YYYYMMDD') || lpad(n::text, 10, '0') as no from (
    select n, case n % 10 when 7 then ${MCHIDS[1] ?? ''} when 8 then ${MCHIDS[2] ?? ''} when 9 then ${MCHIDS[3] ?? ''} else ${MCHIDS[0] ?? ''} end as mchid,
      100 + (n::bigint * 7919) % 49901 as fen,
      date_trunc('second', ${now.toISOString()}::timestamptz - (${rows} - n) * ${EVERY_SECONDS}::float8 * interval '1 second') as at,
      case when n > ${rows - waitingOf(rows)} then 'waiting' when n % 100 < 85 then 'paid' when n % 100 < 98 then 'expired'
        when n % 100 = 98 then 'cancelled' else 'rejected' end as kind,
      (array[${sql.unsafe(GOODS.map((it) => `'${it}'`).join(', '))}])[1 + n % ${GOODS.length}] as goods,
      (array['native', 'jsapi', 'miniProgram', 'h5'])[1 + n % 4] as product
    from generate_series(${from}::int, ${to}::int) n) numbered)`;

type Write = (sql: Sql, lines: Lines) => Promise<unknown>;

type Fragment = PendingQuery<Row[]>;

const phoneOf = (sql: Sql): Fragment => sql`('138' || lpad((n::bigint * 7919 % 100000000)::text, 8, '0'))`;

const reasonOf = (sql: Sql): Fragment => sql`(array['少一件', '重复购买', 'changed my mind'])[1 + n / 10 % 3]`;

const isRefunded = (sql: Sql) => sql`kind = 'paid' and n % 10 = 4`;

const WRITES: readonly Write[] = [
  (sql, lines) => sql`
    insert into orders (mchid, order_no, version, state, closed_reason, closed_at, amount_fen, product, appid, paid_attempt, paid_fen, paid_at,
      found_by, description, attach, metadata, policy, body_hash, expires_in_seconds, expires_at, created_at)
    select mchid, no, 5, case kind when 'waiting' then 'awaitingPayment' when 'paid' then kind else 'closed' end,
      case when kind not in ('waiting', 'paid') then kind end, case when kind not in ('waiting', 'paid') then at + interval '2 hours' end, fen,
      product, ${APPID}, case kind when 'paid' then no end, case kind when 'paid' then fen else 0 end,
      case kind when 'paid' then at + interval '20 seconds' end, case kind when 'paid' then 'notify' end, goods, 'shop=17',
      jsonb_build_object('cart', 'c-' || n % 5000, 'phone', ${phoneOf(sql)}, 'table', n % 40),
      '{"latePayment":"refund","fulfilment":{"required":false}}', md5(no), 7200, at + interval '2 hours', at from ${lines} l order by n`,
  (sql, lines) => sql`
    insert into attempts (mchid, order_no, out_trade_no, number, product, appid, state, code_url, code_expires_at, code_given_at,
      prepay_body, prepay_started_at, transaction_id, paid_fen, payment, paid_at, attempt_key, body_hash, refunded_fen)
    select mchid, no, no, 1, product, ${APPID}, case kind when 'waiting' then 'open' when 'paid' then 'succeeded' else 'closed' end,
      'weixin://wxpay/bizpayurl?pr=' || left(md5(no), 9), at + interval '2 hours', at + interval '1 second',
      '{"appid":"' || ${APPID}::text || '","mchid":"' || mchid || '","description":"' || goods || '","notify_url":"https://pay.example.com/notify/wechatpay/v3/'
        || mchid || '","out_trade_no":"' || no || '","time_expire":"' || at || '","amount":{"total":' || fen || ',"currency":"CNY"}}', at,
      case kind when 'paid' then '42000' || no end, case kind when 'paid' then fen else 0 end,
      case kind when 'paid' then jsonb_build_object('payer', jsonb_build_object('openid', 'oUpF8uMuAJO_M2pxb' || lpad(n::text, 11, '0'),
        'bankType', 'CMB_DEBIT'), 'tradeType', 'NATIVE', 'payerCurrency', 'CNY', 'payerAmount', fen, 'coupons', '[]'::jsonb) end,
      case kind when 'paid' then at + interval '20 seconds' end, 'first', md5(no), case when ${isRefunded(sql)} then 50 else 0 end
    from ${lines} l order by n`,
  (sql, lines) => sql`
    insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, state, cause, reason, refund_id, channel,
      accepted_at, body_hash, created_at, applied_at, succeeded_at)
    select mchid, no || '-r', no, no, 50, fen, 'succeeded', 'shop', ${reasonOf(sql)},
      '50300' || no, 'ORIGINAL', at + interval '62 minutes', md5(no), at + interval '1 hour', at + interval '61 minutes', at + interval '70 minutes'
    from ${lines} l where ${isRefunded(sql)} order by n`,
  (sql, lines) => sql`
    insert into evidence (mchid, order_no, out_trade_no, transaction_id, source, appid, trade_type, amount_fen, currency, at)
    select mchid, no, no, '42000' || no, source, ${APPID}, 'NATIVE', fen, 'CNY', at + interval '20 seconds'
    from ${lines} l, unnest(array['notify', 'query']) source where kind = 'paid' order by n`,
  (sql, lines) => sql`
    insert into notify_inbox (mchid, protocol, kind, event_type, key, status, out_trade_no, order_no, evidence, serial_no, raw_body, headers,
      received_at, signalled_at)
    select mchid, 'v3', 'payment', 'TRANSACTION.SUCCESS', md5(no), 'signalled', no, no, jsonb_build_object('transactionId', '42000' || no, 'mchid',
      mchid, 'appid', ${APPID}::text, 'tradeType', 'NATIVE', 'totalFen', fen, 'currency', 'CNY'), 'PUB_KEY_ID_0119', convert_to(repeat(md5(no), 20), 'UTF8'),
      '{"wechatpay-serial":"PUB_KEY_ID_0119","wechatpay-timestamp":"1700000000"}', at + interval '20 seconds', at + interval '20 seconds'
    from ${lines} l where kind = 'paid' order by n`,
  (sql, lines) => sql`
    insert into gateway_calls (mchid, order_no, out_trade_no, api, at, outcome, duration_ms)
    select mchid, no, no, api, at + interval '20 seconds', outcome, 30 from ${lines} l,
      (values ('prepay', 'opened', 'waiting'), ('query', 'paid', 'paid'), ('close', 'closed', 'expired'), ('query', 'closed', 'expired')) it(api, outcome, of)
    where api = 'prepay' or it.of = kind order by n`,
  (sql, lines) => sql`
    insert into merchant_events (mchid, order_no, type, body, status, tries, delivered_at, created_at)
    select mchid, no, case kind when 'paid' then 'order.paid' else 'order.closed' end, '{"data":{"order":"' || repeat(md5(no), 24) || '"}}', 'delivered', 1,
      at + interval '21 seconds', at + interval '20 seconds' from ${lines} l where kind <> 'waiting' order by n`,
  (sql, lines) => sql`
    insert into deliveries (event_id, at, status, outcome, duration_ms)
    select id, e.delivered_at, 200, 'delivered', 40 from ${lines} l join merchant_events e on e.order_no = l.no`,
  (sql, lines) => sql`
    insert into timeline (mchid, order_no, source, kind, subject)
    select mchid, no, 'paysaga', it.kind, no from ${lines} l, unnest(array['order.awaitingPayment', 'attempt.opened', 'order.paid']) it(kind)`,
  (sql, lines) => sql`
    insert into operator_actions (mchid, order_no, action, parameters, reason, actor, requested_at, outcome, finished_at)
    select mchid, no, 'recheck', '{}', 'the payer called', 'operator Li Lei', at, 'asked', at + interval '1 second' from ${lines} l where n % 100 = 5`,
  (sql, lines) => sql`
    insert into approvals (mchid, order_no, out_refund_no, amount_fen, reason, body_hash, status, created_at, asked_by_key, asked_by_name,
      decided_at, decided_by_key, decided_by_name, decision_reason)
    select mchid, no, no || '-r', 50, '少一件', md5(no), 'approved', at, '00000000-0000-4000-8000-000000000001', 'Li Lei', at + interval '1 hour',
      '00000000-0000-4000-8000-000000000002', 'Han Meimei', 'seen' from ${lines} l where ${isRefunded(sql)} and n % 100 = 14`,
  (sql, lines) => sql`
    insert into search_texts (kind, mchid, number, text)
    select 'order', mchid, no, ${numberText(sql, sql`l.no`)} || goods_text || ' c-' || n % 5000 || ' ' || n % 5000 || ${numberText(sql, phoneOf(sql))} || ' ' || n % 40
    from ${lines} l join goods using (goods)
    union all select 'refund', mchid, no || '-r', refund_search_text(no || '-r', ${reasonOf(sql)}) from ${lines} l where ${isRefunded(sql)}`,
  (sql, lines) => sql`
    insert into search_terms (term, created_at, number)
    select distinct search_term('order', mchid, term), at, no
    from ${lines} l join goods using (goods), unnest(goods_terms || ${numberTerms(sql, sql`l.no`)} || ${numberTerms(sql, phoneOf(sql))}
      || search_terms_in('c-' || n % 5000 || ' ' || n % 5000 || ' ' || n % 40)) term where term is not null
    union all
    select distinct search_term('refund', mchid, term), at + interval '1 hour', no || '-r'
    from ${lines} l, unnest(search_terms_in(refund_search_text(no || '-r', ${reasonOf(sql)}))) term where ${isRefunded(sql)}`,
];

/**
 * As `search_text` and `search_terms_in` say of a number, and of what is sold once for each: asked for every order they would take
 * longer than all the rest.
 */
const numberText = (sql: Sql, number: Fragment) => sql`' ' || ${number} || ' ' || right(${number}, 4)`;

const numberTerms = (sql: Sql, number: Fragment) => sql`
  (select array_agg(left(${number}, length)) filter (where length <= length(${number})) from unnest('{2,4,6,8,12,20}'::int[]) length)
  || array[left(right(${number}, 4), 2), right(${number}, 4)]`;
