import { and, asc, eq, min } from 'drizzle-orm';
import type { OrderNo } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { attempts, evidence } from '../../db/schema.js';
import { fenOf, mchidOf, outTradeNoOf } from '../../db/stored-values.js';
import type { Evidence } from '../rules/evidence.js';
import type { EvidenceRecord } from '../rules/record.js';
import { isAttempt } from './attempt.js';
import { countGatewayCalls } from './gateway-call.js';
import type { AttemptRef, OrderRef } from './order.js';

/** Keeps one fact about money, once a source: a repeat answers the first row. */
export async function recordEvidence(
  db: Db | Tx,
  fact: Evidence & { readonly orderNo: OrderNo },
  at: Date,
): Promise<EvidenceRecord> {
  const [inserted] = await db
    .insert(evidence)
    .values({ ...fact, amountFen: fact.totalFen, at })
    .onConflictDoNothing()
    .returning();
  const [row] = inserted === undefined ? await db.select().from(evidence).where(isSameFact(fact)) : [inserted];
  if (row === undefined) throw new Error('Evidence was removed while it was recorded again');
  return evidenceRecord(row);
}

export async function listEvidence(db: Db | Tx, ref: OrderRef): Promise<EvidenceRecord[]> {
  const rows = await db.select().from(evidence).where(isOfOrder(ref)).orderBy(asc(evidence.at), asc(evidence.id));
  return rows.map(evidenceRecord);
}

/** Whether a query confirmed exactly this transaction for this attempt: hearing of it again changes nothing. */
export async function isSettled(db: Db | Tx, fact: AttemptRef & { readonly transactionId: string }): Promise<boolean> {
  const rows = await db
    .select({ number: attempts.number })
    .from(attempts)
    .where(and(isAttempt(fact), eq(attempts.transactionId, fact.transactionId), eq(attempts.state, 'succeeded')));
  return rows.length > 0;
}

/** Of an order that was paid: when its first notify came, and how often WeChat Pay was asked. */
export async function paidFacts(db: Db | Tx, ref: OrderRef): Promise<{ notifiedAt: Date | null; queries: number }> {
  const [notify] = await db
    .select({ at: min(evidence.at) })
    .from(evidence)
    .where(and(isOfOrder(ref), eq(evidence.source, 'notify')));
  return { notifiedAt: notify?.at ?? null, queries: await countGatewayCalls(db, ref, 'query') };
}

const isOfOrder = ({ mchid, orderNo }: OrderRef) => and(eq(evidence.mchid, mchid), eq(evidence.orderNo, orderNo));

const isSameFact = ({ mchid, outTradeNo, transactionId, source }: Evidence) =>
  and(
    eq(evidence.mchid, mchid),
    eq(evidence.outTradeNo, outTradeNo),
    eq(evidence.transactionId, transactionId),
    eq(evidence.source, source),
  );

function evidenceRecord({ seq, knownAt, orderNo, ...row }: typeof evidence.$inferSelect): EvidenceRecord {
  return {
    ...row,
    mchid: mchidOf(row.mchid),
    outTradeNo: outTradeNoOf(row.outTradeNo),
    amountFen: fenOf(row.amountFen),
  };
}
