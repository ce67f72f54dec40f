import type { Sql } from 'postgres';
import type { Mchid } from '../../../src/base/ids.js';
import type { FoundBy, StuckReason } from '../../../src/orders/rules/states.js';
import type { RefundStateName } from '../../../src/refunds/rules/states.js';

let sequence = 0;

/** Rows as the workflows leave them, without any: only what the figures and lists of `/ops` read. */
export function opsRows(sql: Sql, mchid: Mchid) {
  const next = (): string => {
    sequence += 1;
    return `ops-${mchid.slice(-2)}-${String(sequence).padStart(6, '0')}`;
  };
  const attempt = (number: string, paidFen: number, at: Date) => sql`
    insert into attempts (mchid, order_no, out_trade_no, number, product, appid, state, transaction_id, paid_fen, prepay_body, prepay_started_at)
    values (${mchid}, ${number}, ${number}, 1, 'native', 'wx', ${paidFen > 0 ? 'succeeded' : 'open'},
            ${paidFen > 0 ? `42${number}` : null}, ${paidFen}, '{}', ${at})`;
  return {
    async waiting(change: {
      number?: string;
      createdAt: Date;
      stuck?: StuckReason;
      since?: Date;
      amountFen?: number;
      description?: string;
    }) {
      const {
        number = next(),
        createdAt,
        stuck = null,
        since = null,
        amountFen = 1200,
        description = 'two cups of tea',
      } = change;
      await sql`
        insert into orders (mchid, order_no, state, review_reason, stuck_reason, own_stuck_reason, stuck_since, amount_fen,
                            description, metadata, policy, body_hash, expires_in_seconds, expires_at, created_at)
        values (${mchid}, ${number}, ${stuck === 'review' ? 'review' : 'awaitingPayment'},
                ${stuck === 'review' ? 'amount_mismatch' : null}, ${stuck}, ${stuck}, ${since}, ${amountFen}, ${description},
                ${sql.json({ note: description })}, ${sql.json(POLICY)}, 'hash', 7200,
                ${new Date(createdAt.getTime() + 7_200_000)}, ${createdAt})`;
      await attempt(number, 0, createdAt);
      return number;
    },
    async paid(change: { paidAt: Date; foundBy: FoundBy | null; tookMs?: number; amountFen?: number }) {
      const number = next();
      const { paidAt, foundBy, tookMs = 20_000, amountFen = 1200 } = change;
      await sql`
        insert into orders (mchid, order_no, amount_fen, description, policy, body_hash, expires_in_seconds, expires_at, created_at)
        values (${mchid}, ${number}, ${amountFen}, 'tea', ${sql.json(POLICY)}, 'hash', 7200,
                ${new Date(paidAt.getTime() + 7_200_000)}, ${new Date(paidAt.getTime() - tookMs)})`;
      await attempt(number, amountFen, paidAt);
      await sql`
        update orders set state = 'paid', paid_attempt = ${number}, paid_fen = ${amountFen},
                          paid_at = ${paidAt}, found_by = ${foundBy} where mchid = ${mchid} and order_no = ${number}`;
      return number;
    },
    async closed(change: { createdAt: Date; reason?: 'expired' | 'rejected' }) {
      const number = next();
      const { createdAt, reason = 'expired' } = change;
      await sql`
        insert into orders (mchid, order_no, state, closed_reason, closed_at, amount_fen, description, policy, body_hash,
                            expires_in_seconds, expires_at, created_at)
        values (${mchid}, ${number}, 'closed', ${reason}, ${createdAt}, 900, 'tea', ${sql.json(POLICY)}, 'hash', 60,
                ${createdAt}, ${createdAt})`;
      await attempt(number, 0, createdAt);
      return number;
    },
    async refund(
      order: string,
      change: { createdAt: Date; state: RefundStateName; amountFen?: number; totalFen?: number },
    ) {
      const number = `${next()}-r`;
      const { createdAt, state, amountFen = 100, totalFen = 1200 } = change;
      await sql`
        insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, cause, body_hash, state,
                             succeeded_at, created_at)
        values (${mchid}, ${number}, ${order}, ${order}, ${amountFen}, ${totalFen}, 'shop', 'hash', ${state},
                ${state === 'succeeded' ? createdAt : null}, ${createdAt})`;
      return number;
    },
    async call(order: string, change: { at: Date; outcome: string }) {
      await sql`
        insert into gateway_calls (mchid, order_no, out_trade_no, api, at, outcome, duration_ms)
        values (${mchid}, ${order}, ${order}, 'query', ${change.at}, ${change.outcome}, 12)`;
    },
    async event(order: string, createdAt: Date) {
      await sql`
        insert into merchant_events (mchid, order_no, type, body, created_at)
        values (${mchid}, ${order}, 'order.paid', '{}', ${createdAt})`;
    },
    async unmatched(receivedAt: Date) {
      const number = next();
      await sql`
        insert into notify_inbox (mchid, protocol, kind, key, status, out_trade_no, evidence, serial_no, raw_body, headers, received_at)
        values (${mchid}, 'v3', 'payment', ${number}, 'unmatched', ${number}, '{}', 'serial', ${Buffer.from('{}')}, '{}', ${receivedAt})`;
    },
  };
}

const POLICY = { latePayment: 'refund', fulfilment: { required: false } };
