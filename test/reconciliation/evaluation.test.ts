import { drizzle } from 'drizzle-orm/postgres-js';
import type { Sql } from 'postgres';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { fileDatabase } from '../db/database.js';
import { MCHID } from '../db/fixtures.js';
import { onDatabase } from '../support/services.js';
import type { DiscrepancyClass } from '../../src/reconciliation/rules/classes.js';
import { daysAfter, type BillDate } from '../../src/reconciliation/rules/day.js';
import { matchDay } from '../../src/reconciliation/store/match.js';
import { D, day, dayOf, NOW } from './books.js';

const DAYS = 8;
const PAYMENTS = 25_000;
/** Every so many payments are refunded. */
const REFUNDED = 10;
const foreign = { outTradeNos: ['POS-*'], appids: [] };

const database = fileDatabase();
const dates = Array.from({ length: DAYS }, (_, index) => daysAfter(D, index));

/** What is to be found, `date class subject`, and what waits in a pool in the end. */
const toFind = new Set<string>();
const toExpect = new Map<BillDate, number>();

beforeAll(() => onDatabase(database.url, prepare));

async function prepare(sql: Sql): Promise<void> {
  // What happens when an order is paid is not what is looked at.
  await sql`set session_replication_role = replica`;
  await takeMoney(sql);
  for (const date of dates) await writeTradeBill(sql, date);
  const pick = picker(20_260_310);
  for (const date of dates) {
    for (const [name, plant] of Object.entries(PLANTS)) {
      for (let n = 0; n < 5; n += 1) await plant({ sql, date, n: pick(date, name.startsWith('refund')), name });
    }
  }
  await writeFundBills(sql);
  for (const table of ['attempts', 'refunds', 'bill_lines']) await sql.unsafe(`vacuum (analyze) ${table}`);
}

async function takeMoney(sql: Sql): Promise<void> {
  await sql`
    insert into attempts (mchid, order_no, out_trade_no, number, product, appid, state, transaction_id, paid_fen, paid_at)
    select ${MCHID}, it.no, it.no, 1, 'native', 'wx', 'succeeded', it.txn, 1000 + n % 977,
      (${D}::date + d)::timestamp at time zone 'Asia/Shanghai' + n * interval '3.4 seconds'
    from generate_series(0, ${DAYS - 1}) d, generate_series(1, ${PAYMENTS}) n,
      lateral (select 'o' || d || '-' || lpad(n::text, 6, '0') as no, '42' || d || lpad(n::text, 6, '0') as txn) it
    order by d, n`;
  await sql`
    insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, cause, body_hash, state, refund_id,
      accepted_at, created_at)
    select mchid, out_trade_no || '-r', order_no, out_trade_no, 100, paid_fen, 'shop', 'hash', 'processing', '50' || transaction_id,
      paid_at + interval '1 second', paid_at
    from attempts where right(transaction_id, 6)::int % ${REFUNDED} = 0`;
  for (const table of ['attempts', 'refunds']) await sql.unsafe(`analyze ${table}`);
}

/** As our books have it; what differs is planted afterwards. */
async function writeTradeBill(sql: Sql, date: BillDate): Promise<void> {
  await sql`insert into reconciliations (mchid, date, started_at) values (${MCHID}, ${date}, ${NOW.toISOString()})`;
  await sql`select empty_bill(${MCHID}, ${date}, 'trade')`;
  await sql`
    insert into bill_lines (mchid, date, kind, line_no, type, at, number, appid, out_trade_no, transaction_id, trade_type,
      amount_fen, settled_fen, coupon_fen, fee_millifen, rate_ppm)
    select mchid, ${date}, 'trade', right(transaction_id, 6)::int, 'payment', paid_at, transaction_id, appid, out_trade_no,
      transaction_id, 'NATIVE', paid_fen, paid_fen, 0, round(paid_fen * 0.006) * 1000, 6000
    from attempts where (paid_at at time zone 'Asia/Shanghai')::date = ${date}::date`;
  await sql`
    insert into bill_lines (mchid, date, kind, line_no, type, at, number, appid, out_trade_no, transaction_id, trade_type,
      out_refund_no, amount_fen, settled_fen, coupon_fen, fee_millifen, rate_ppm)
    select r.mchid, ${date}, 'trade', ${PAYMENTS} + right(r.refund_id, 6)::int, 'refund', r.accepted_at, r.refund_id, 'wx',
      r.out_trade_no, substr(r.refund_id, 3), 'NATIVE', r.out_refund_no, r.amount_fen, r.amount_fen, 0, 0, 6000
    from refunds r where (r.accepted_at at time zone 'Asia/Shanghai')::date = ${date}::date`;
}

/** Payments that nothing was planted in before, those with a refund or those without. */
function picker(seed: number) {
  const used = new Set<string>();
  let state = seed;
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  return (date: BillDate, isRefunded: boolean): number => {
    for (;;) {
      const nth = 1 + Math.floor(random() * (PAYMENTS / REFUNDED - 1));
      const n = nth * REFUNDED + (isRefunded ? 0 : 1 + Math.floor(random() * (REFUNDED - 1)));
      const name = `${date} ${n}`;
      if (n > PAYMENTS || used.has(name)) continue;
      used.add(name);
      return n;
    }
  };
}

type Place = { readonly sql: Sql; readonly date: BillDate; readonly n: number; readonly name: string };

const dayIndex = (date: BillDate): number => dates.indexOf(date);
const transactionId = ({ date, n }: Place): string => `42${dayIndex(date)}${String(n).padStart(6, '0')}`;
const refundId = (place: Place): string => `50${transactionId(place)}`;
const extraLineNo = ({ n }: Place): number => 100_000 + n;

const finds = ({ date }: Place, name: DiscrepancyClass, subject: string) => toFind.add(`${date} ${name} ${subject}`);
const findsPayment = (place: Place, name: DiscrepancyClass) => finds(place, name, `payment:${transactionId(place)}`);

/** Changes the one line with this number. */
const alter = ({ sql, date }: Place, number: string, change: string) =>
  sql.unsafe(
    `update bill_lines set ${change} where date = $1 and kind = 'trade' and number = $2 and line_no < 100000`,
    [date, number],
  );

/** Another line like the payment's, but for some columns. */
const added = async (place: Place, columns: Readonly<Record<string, string | number>>) => {
  const { sql, date } = place;
  await sql`
    insert into bill_lines select (jsonb_populate_record(l, ${sql.json({ line_no: extraLineNo(place), ...columns })})).*
    from bill_lines l where l.date = ${date} and l.kind = 'trade' and l.line_no = ${place.n}`;
};

/** Without its line: missing when the bills of three more days are there, until then expected. */
const lose = async (place: Place, number: string, name: DiscrepancyClass, subject: string) => {
  const { sql, date } = place;
  await sql`delete from bill_lines where date = ${date} and kind = 'trade' and number = ${number}`;
  if (dayIndex(date) + 3 < DAYS) finds(place, name, subject);
  else toExpect.set(date, (toExpect.get(date) ?? 0) + 1);
};

const findsLostFunds = (place: Place) => {
  if (dayIndex(place.date) + 3 < DAYS) findsPayment(place, 'fund_missing');
};

/** What the account has besides, of nobody. */
const fundExtras: { readonly date: BillDate; readonly number: string }[] = [];

/** `funds:` numbers: how the account books them otherwise. */
const fundPlans = new Map<string, 'missing' | 'other' | 'late'>();

const PLANTS: Readonly<Record<string, (place: Place) => Promise<unknown>>> = {
  paidNotHere: async (place) => {
    findsPayment(place, 'paid_not_here');
    await place.sql`update attempts set state = 'closed', transaction_id = null, paid_fen = 0, paid_at = null
      where transaction_id = ${transactionId(place)}`;
  },
  foreign: async (place) => {
    finds(place, 'foreign', `payment:x${transactionId(place)}`);
    const number = `x${transactionId(place)}`;
    await added(place, { number, transaction_id: number, out_trade_no: `else-${place.n}` });
  },
  declared: async (place) => {
    const number = `p${transactionId(place)}`;
    await added(place, { number, transaction_id: number, out_trade_no: `POS-${place.n}`, fee_millifen: 0 });
  },
  amount: (place) => {
    findsPayment(place, 'amount');
    return alter(place, transactionId(place), 'amount_fen = amount_fen + 1');
  },
  otherAppid: (place) => {
    findsPayment(place, 'identity');
    return alter(place, transactionId(place), `appid = 'wx-other'`);
  },
  otherTradeType: (place) => {
    findsPayment(place, 'identity');
    return alter(place, transactionId(place), `trade_type = 'JSAPI'`);
  },
  otherNumber: (place) => {
    const number = `y${transactionId(place)}`;
    finds(place, 'identity', `payment:${number}`);
    return alter(place, transactionId(place), `number = '${number}', transaction_id = '${number}'`);
  },
  otherOrder: (place) => {
    findsPayment(place, 'identity');
    return alter(place, transactionId(place), `out_trade_no = 'o0-000001'`);
  },
  refundNotHere: async (place) => {
    finds(place, 'refund_not_here', `refund:${refundId(place)}`);
    await place.sql`delete from refunds where refund_id = ${refundId(place)}`;
  },
  refundAmount: (place) => {
    finds(place, 'refund_amount', `refund:${refundId(place)}`);
    return alter(place, refundId(place), 'amount_fen = 99');
  },
  refundStatus: (place) => {
    finds(place, 'refund_status', `refund:${refundId(place)}`);
    return alter(place, refundId(place), `refund_status = 'FAIL'`);
  },
  missing: (place) => lose(place, transactionId(place), 'missing_at_wechat', `payment:${transactionId(place)}`),
  refundMissing: (place) => lose(place, refundId(place), 'refund_missing_at_wechat', `refund:${refundId(place)}`),
  reversed: async (place) => {
    findsPayment(place, 'reversed');
    await added(place, { type: 'reversal' });
  },
  duplicate: async (place) => {
    findsPayment(place, 'duplicate_line');
    await added(place, {});
  },
  fee: (place) => {
    findsPayment(place, 'fee');
    return alter(place, transactionId(place), 'fee_millifen = fee_millifen - 1010');
  },
  feeNearly: (place) => alter(place, transactionId(place), 'fee_millifen = fee_millifen + 1000'),
  /** Accepted a moment before midnight, and in the next day's bill. */
  refundMidnight: async ({ sql, date, ...place }) => {
    const number = refundId({ sql, date, ...place });
    const next = daysAfter(date, 1);
    const isLast = next === daysAfter(D, DAYS);
    if (isLast) toExpect.set(date, (toExpect.get(date) ?? 0) + 1);
    const moved = isLast ? sql`null` : sql`${next}::date`;
    await sql`with gone as (delete from bill_lines where date = ${date} and number = ${number} returning *)
      insert into bill_lines (mchid, date, kind, line_no, type, at, number, appid, out_trade_no, transaction_id, trade_type,
        out_refund_no, amount_fen, settled_fen, coupon_fen, fee_millifen, rate_ppm)
      select mchid, ${moved}, kind, 200000 + ${place.n}, type, at, number, appid, out_trade_no, transaction_id, trade_type,
        out_refund_no, amount_fen, settled_fen, coupon_fen, fee_millifen, rate_ppm from gone where ${moved} is not null`;
  },
  fundMissing: (place) => {
    findsLostFunds(place);
    return Promise.resolve(fundPlans.set(transactionId(place), 'missing'));
  },
  fundForeign: (place) => {
    const number = `z${transactionId(place)}`;
    finds(place, 'fund_foreign', `payment:${number}`);
    return Promise.resolve(fundExtras.push({ date: place.date, number }));
  },
  fundAmount: (place) => {
    findsPayment(place, 'fund_amount');
    return Promise.resolve(fundPlans.set(transactionId(place), 'other'));
  },
  fundLate: (place) => Promise.resolve(fundPlans.set(transactionId(place), 'late')),
  refundSeveral: async (place) => {
    for (const name of ['amount', 'identity', 'fee', 'duplicate_line'] as const) findsPayment(place, name);
    finds(place, 'refund_not_here', `refund:${refundId(place)}`);
    findsLostFunds(place);
    fundPlans.set(transactionId(place), 'missing');
    await place.sql`delete from refunds where refund_id = ${refundId(place)}`;
    await added(place, {});
    await alter(place, transactionId(place), `amount_fen = 7, appid = 'wx-other', fee_millifen = 99000`);
  },
};

/** Days on which the account's balance jumps. */
const BROKEN = [2, 5];

/** Two movements a payment and one a refund, on the day of its line or two days later, with the balance after each. */
async function writeFundBills(sql: Sql): Promise<void> {
  await sql`create temporary table plan (number text primary key, kind text)`;
  const plans = [...fundPlans].map(([number, kind]) => ({ number, kind }));
  await sql`insert into plan select it.number, it.kind from jsonb_to_recordset(${sql.json(plans)}) it (number text, kind text)`;
  for (const date of dates) {
    const jump = BROKEN.includes(dayIndex(date)) ? 1_000 : 0;
    if (jump > 0) toFind.add(`${date} balance_chain account:${date}`);
    await sql`
      insert into bill_lines (mchid, date, kind, line_no, type, at, number, fund_type, amount_fen, account_balance)
      select ${MCHID}, ${date}, 'fundflow', no, type, ${NOW.toISOString()}, number, fund_type, fen,
        1000000000 + sum(case type when 'in' then fen else -fen end) over (order by no) + case when no > 777 then ${jump} else 0 end
      from (
        select row_number() over (order by it.date, it.line_no, it.type) as no, it.* from (
        select l.date, l.line_no, m.type, l.number, m.fund_type, m.fen
        from bill_lines l left join plan p on p.number = l.number
        cross join lateral (
          select case l.type when 'refund' then 'out' else 'in' end as type, '交易' as fund_type,
            l.settled_fen + case p.kind when 'other' then 1 else 0 end as fen
          union all select 'out', '扣除交易手续费', l.fee_millifen / 1000 where l.fee_millifen >= 1000) m
        where l.kind = 'trade' and l.type in ('payment', 'refund') and p.kind is distinct from 'missing'
          and (l.line_no < 100000 or l.line_no > 200000 or l.out_trade_no like 'else-%')
          and l.date = ${date}::date - case p.kind when 'late' then 2 else 0 end
        union all select it.date, 300000, 'in', it.number, '交易', 777
        from jsonb_to_recordset(${sql.json(fundExtras)}) it (date date, number text) where it.date = ${date}::date) it) it`;
  }
}

/** The day's bills count from now on; those of later days are there, and nothing may read them. */
const arrive = (date: BillDate) => database.connection.sql`
  insert into bills (mchid, date, kind, state, sha1, lines, last_line, summary)
  select mchid, date, kind, 'imported', 'x', count(*), max(line_no), '{"feeMillifen":0}' from bill_lines where date = ${date}
  group by mchid, date, kind`;

const match = (date: BillDate, db = database.db) => matchDay(db, { mchid: MCHID, date, foreign, now: NOW });

const openOnes = async (): Promise<string[]> =>
  (
    await database.connection.sql`
      select date::text || ' ' || class || ' ' || subject_key as it from discrepancies where status = 'open' order by 1`
  ).map((row) => String(row['it']));

test('8 days of 25,000 payments: every difference is found, in its class, and none invented', async () => {
  for (const date of dates) {
    await arrive(date);
    expect(await match(date)).toMatchObject({ state: 'differs' });
  }

  expect(toFind.size).toBeGreaterThan(DAYS * 90);
  expect(await openOnes()).toEqual([...toFind].sort());
  expect(new Set([...toFind].map((it) => it.split(' ')[1])).size).toBe(16);
  for (const date of dates) {
    const { sums, bills } = await dayOf(database, date);
    const counted = (name: string) => sums.reduce((sum, it) => sum + (it.class === name ? it.count : 0), 0);
    expect(counted('expected')).toBe(toExpect.get(date) ?? 0);
    const [lines] = await database.connection.sql`
      select count(*)::int as odd from bill_lines where date = ${date} and kind = 'trade' and class is not null`;
    expect(counted('matched')).toBe((bills[0]?.lines ?? 0) - Number(lines?.['odd']));
    expect(sums.find((it) => it.class === 'foreign' && !it.isDiscrepant)).toMatchObject({ count: 5 });
  }
});

test('a day again finds the same', async () => {
  const before = await openOnes();
  await match(day(dates[3] ?? ''));
  expect(await openOnes()).toEqual(before);
});

const planNode = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Index Name': z.string().optional(),
  Plans: z.array(z.unknown()).optional(),
});

function nodesOf(value: unknown): z.infer<typeof planNode>[] {
  const node = planNode.parse(value);
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

test('own rows and other days are found by index, however many there are', async () => {
  const { sql } = database.connection;
  const date = day(dates[5] ?? '');
  const sent: { query: string; params: unknown[] }[] = [];
  const logged = drizzle(sql, { logger: { logQuery: (query, params) => void sent.push({ query, params }) } });
  await match(date, logged);

  const steps = sent.filter(({ query }) => /^\s*(with|insert|update|select [^p])/.test(query));
  expect(steps.length).toBeGreaterThan(8);
  const nodes: z.infer<typeof planNode>[] = [];
  for (const { query, params } of steps) {
    const [row] = await sql.unsafe(`explain (format json) ${query}`, params as string[]);
    const [plan] = z.array(z.object({ Plan: z.unknown() })).parse(row?.['QUERY PLAN']);
    const of = nodesOf(plan?.Plan);
    // What a statement is about is the first day that it names; it may be read as a whole.
    const own = `bill_lines_${String(params.find((it) => dates.some((day) => day === it))).replaceAll('-', '')}`;
    const scanned = of.flatMap((it) => (it['Node Type'] === 'Seq Scan' ? (it['Relation Name'] ?? []) : []));
    expect(scanned.filter((name) => /^(attempts|refunds|bill_lines)/.test(name) && name !== own)).toEqual([]);
    nodes.push(...of);
  }
  const used = nodes.flatMap((it) => it['Index Name'] ?? []);
  expect(used).toEqual(expect.arrayContaining(['attempts_paid', 'attempts_transaction_key', 'refunds_list_accepted']));
});
