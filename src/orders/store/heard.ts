import { and, asc, count, desc, eq, getTableColumns, inArray, max, sql } from 'drizzle-orm';
import type { OutTradeNo } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { isOfAny, perOrder } from '../../db/order-refs.js';
import { attempts, evidence, gatewayCalls } from '../../db/schema.js';
import { fenOf, mchidOf, outTradeNoOf, refusalOf } from '../../db/stored-values.js';
import type { GatewayApi } from '../rules/gateway-answer.js';
import type { EvidenceRecord, GatewayCallRecord, QuietCall } from '../rules/record.js';
import type { OrderRef } from './order.js';

/*
 * What WeChat Pay said of several orders, in one statement each: a page that explains them all takes as many as one that explains one.
 */

/** Of each order, oldest first. */
export async function evidenceOfOrders(db: Db | Tx, orders: readonly OrderRef[]) {
  const { seq, knownAt, ...columns } = getTableColumns(evidence);
  const rows = await db
    .select(columns)
    .from(evidence)
    .where(isOfAny(evidence, orders))
    .orderBy(asc(evidence.at), asc(evidence.id));
  const of = perOrder(rows);
  return (order: OrderRef): EvidenceRecord[] =>
    of(order).map(({ orderNo, ...row }) => ({
      ...row,
      mchid: mchidOf(row.mchid),
      outTradeNo: outTradeNoOf(row.outTradeNo),
      amountFen: fenOf(row.amountFen),
    }));
}

export type HeardCalls = {
  readonly lastCall: GatewayCallRecord | undefined;
  /** Calls so far to the API of the last one. */
  readonly callCount: number;
  /** Calls that wait, each the last to its API: since WeChat Pay asked for quiet. */
  readonly quiet: QuietCall[];
  /** When the last call to an API is made again. */
  readonly againAt: Map<GatewayApi, Date>;
};

/** Of each order's calls, the last to each API. */
export async function callsOfOrders(db: Db | Tx, orders: readonly OrderRef[], now: Date) {
  const { mchid, orderNo, api, id, at, outcome, outTradeNo, gateway, nextAt, quietUntil } = gatewayCalls;
  const calls = sql<number>`${count()} over (partition by ${mchid}, ${orderNo}, ${api})`.mapWith(Number);
  const rows = await db
    .selectDistinctOn([mchid, orderNo, api], {
      ...{ mchid, orderNo, api, id, at, outcome, outTradeNo, gateway, nextAt, quietUntil },
      calls,
    })
    .from(gatewayCalls)
    .where(isOfAny(gatewayCalls, orders))
    .orderBy(mchid, orderNo, api, desc(id));
  const of = perOrder(rows);
  return (order: OrderRef): HeardCalls => {
    const last = of(order).toSorted((a, b) => Number(b.id - a.id));
    const [latest] = last;
    return {
      lastCall: latest && {
        ...{ api: latest.api, at: latest.at, outcome: latest.outcome, nextAt: latest.nextAt },
        outTradeNo: outTradeNoOf(latest.outTradeNo),
        gateway: refusalOf(latest.gateway),
      },
      callCount: latest?.calls ?? 0,
      quiet: last.flatMap((it) =>
        it.quietUntil !== null && it.quietUntil > now ? [{ api: it.api, until: it.quietUntil }] : [],
      ),
      againAt: new Map(last.flatMap((it) => (it.nextAt !== null && it.nextAt > now ? [[it.api, it.nextAt]] : []))),
    };
  };
}

/** When the prepay or close of each attempt was made that was answered what is kept with the attempt; the last such. */
export async function keptAnswersOfOrders(db: Db | Tx, orders: readonly OrderRef[]) {
  const { mchid, orderNo, outTradeNo } = attempts;
  const isOfAttempt = and(
    eq(gatewayCalls.mchid, mchid),
    eq(gatewayCalls.orderNo, orderNo),
    eq(gatewayCalls.outTradeNo, outTradeNo),
    eq(gatewayCalls.gateway, attempts.gateway),
    inArray(gatewayCalls.api, ['prepay', 'close']),
  );
  const rows = await db
    .select({ mchid, orderNo, outTradeNo, at: max(gatewayCalls.at) })
    .from(attempts)
    .innerJoin(gatewayCalls, isOfAttempt)
    .where(isOfAny(attempts, orders))
    .groupBy(mchid, orderNo, outTradeNo);
  const of = perOrder(rows);
  return (order: OrderRef): Map<OutTradeNo, Date> =>
    new Map(of(order).flatMap((row) => (row.at === null ? [] : [[outTradeNoOf(row.outTradeNo), row.at]])));
}
