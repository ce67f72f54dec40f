import { sql, type SQL } from 'drizzle-orm';
import { attempts, evidence, orders } from './schema.js';

/**
 * What of an order's row is somebody's money: confirmed by a query and not back yet, or claimed by evidence that no query has
 * confirmed. An order that nobody paid holds none, whatever it costs.
 */
const heldFen = sql`(
  (select coalesce(sum(a.paid_fen - a.refunded_fen), 0) from ${attempts} a
    where a.mchid = ${orders.mchid} and a.order_no = ${orders.orderNo})
  + (select coalesce(sum(claim.fen), 0) from (
      select max(e.amount_fen) fen from ${evidence} e
      where e.mchid = ${orders.mchid} and e.order_no = ${orders.orderNo} and e.source <> 'query'
        and not exists (select from ${attempts} a
          where a.mchid = e.mchid and a.order_no = e.order_no and a.transaction_id = e.transaction_id)
      group by e.transaction_id) claim))`;

/** The sum over the orders of a group, as a number. */
export const sumAtRisk = (): SQL<number> => sql`coalesce(sum(${heldFen}), 0)`.mapWith(Number);

/** What the orders cost that still wait and hold no money of anybody's. */
export const sumWaiting = (): SQL<number> =>
  sql`coalesce(sum(${orders.amountFen}) filter (where ${orders.state} in ('creating', 'awaitingPayment') and ${heldFen} = 0), 0)`.mapWith(
    Number,
  );
