import { and, count, desc, eq, getTableColumns, sql } from 'drizzle-orm';
import type { Db, Tx } from '../../db/connection.js';
import { allGiven, preparedOnce } from '../../db/prepared.js';
import { gatewayCalls, timelineSeq } from '../../db/schema.js';
import { outTradeNoOf, refusalOf } from '../../db/stored-values.js';
import type { GatewayApi, GatewayRefusal } from '../rules/gateway-answer.js';
import type { GatewayCallRecord } from '../rules/record.js';
import type { OrderRef } from './order.js';

export type GatewayCall = OrderRef &
  Omit<GatewayCallRecord, 'gateway'> & {
    readonly durationMs: number;
    readonly quietUntil?: Date | null;
    readonly gateway?: GatewayRefusal | null;
  };

export async function recordGatewayCall(db: Db | Tx, call: GatewayCall): Promise<void> {
  await recording(db).execute(callGiven(call));
}

const recording = preparedOnce((db) => insertCall(db).prepare('record_call'));

/**
 * For a statement that writes what follows from the answer of a call, {@link callGiven}: `known` after the call, of the one count that
 * timelines have.
 */
export function calledFirst(db: Db | Tx) {
  const called = db.$with('called').as(insertCall(db).returning({ id: gatewayCalls.id }));
  return { called, known: sql`(select nextval(${TIMELINE_SEQ}) from ${called})` };
}

export const callGiven = ({ quietUntil = null, gateway = null, durationMs, ...call }: GatewayCall) => ({
  ...call,
  ...{ quietUntil, gateway },
  durationMs: Math.max(0, Math.round(durationMs)),
});

const TIMELINE_SEQ = sql.raw(`'${timelineSeq.seqName}'`);

const { id, knownAt, ...calledColumns } = getTableColumns(gatewayCalls);

const insertCall = (db: Db | Tx) => db.insert(gatewayCalls).values(allGiven(calledColumns));

export async function lastGatewayCall(db: Db | Tx, ref: OrderRef): Promise<GatewayCallRecord | undefined> {
  const [row] = await db.select().from(gatewayCalls).where(isOfOrder(ref)).orderBy(desc(gatewayCalls.id)).limit(1);
  if (row === undefined) return undefined;
  const { api, at, outcome, nextAt } = row;
  const outTradeNo = outTradeNoOf(row.outTradeNo);
  return { api, outTradeNo, at, outcome, nextAt, gateway: refusalOf(row.gateway) };
}

export async function countGatewayCalls(db: Db | Tx, ref: OrderRef, api: GatewayApi): Promise<number> {
  const [row] = await gatewayCallsOf(db, ref, api);
  return row?.calls ?? 0;
}

export const gatewayCallsOf = (db: Db | Tx, ref: OrderRef, api: GatewayApi) =>
  db
    .select({ calls: count() })
    .from(gatewayCalls)
    .where(and(isOfOrder(ref), eq(gatewayCalls.api, api)));

const isOfOrder = ({ mchid, orderNo }: OrderRef) =>
  and(eq(gatewayCalls.mchid, mchid), eq(gatewayCalls.orderNo, orderNo));
