import { and, asc, eq, getTableColumns, isNull, min, sql } from 'drizzle-orm';
import type { OrderNo } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { allGiven, given, preparedOnce } from '../../db/prepared.js';
import { attempts, evidence } from '../../db/schema.js';
import { fenOf, mchidOf, outTradeNoOf } from '../../db/stored-values.js';
import type { Evidence } from '../rules/evidence.js';
import type { PaymentFacts } from '../rules/gateway-answer.js';
import type { EvidenceRecord } from '../rules/record.js';
import { isAttempt, isGivenAttempt } from './attempt.js';
import { calledFirst, callGiven, gatewayCallsOf, type GatewayCall } from './gateway-call.js';
import type { AttemptRef, OrderRef } from './order.js';

/** Keeps one fact about money, once a source: a repeat answers the first row. */
export async function recordEvidence(db: Db | Tx, fact: Fact, at: Date): Promise<EvidenceRecord> {
  const [inserted] = await db
    .insert(evidence)
    .values({ ...fact, amountFen: fact.totalFen, at })
    .onConflictDoNothing()
    .returning();
  const [row] = inserted === undefined ? await db.select().from(evidence).where(isSameFact(fact)) : [inserted];
  if (row === undefined) throw new Error('Evidence was removed while it was recorded again');
  return evidenceRecord(row);
}

/** Keeps what a query of WeChat Pay's said of a payment: the call, the fact, and, as it was said first, what does not decide. */
export async function recordTrade(
  db: Db | Tx,
  call: GatewayCall,
  { fact, payment, at }: { readonly fact: Fact; readonly payment: PaymentFacts; readonly at: Date },
): Promise<void> {
  const { totalFen: amountFen, mchid: saidMchid, ...said } = fact;
  await proving(db).execute({ ...said, ...callGiven(call), saidMchid, amountFen, saidAt: at, payment });
}

const proving = preparedOnce((db) => {
  const { called, known } = calledFirst(db);
  const { id, knownAt, ...columns } = getTableColumns(evidence);
  const said = { mchid: given('saidMchid', columns.mchid), at: given('saidAt', columns.at), seq: known };
  const proven = db.$with('proven').as(
    db
      .insert(evidence)
      .values({ ...allGiven(columns), ...said })
      .onConflictDoNothing()
      .returning({ id }),
  );
  return db
    .with(called, proven)
    .update(attempts)
    .set({ payment: given('payment', attempts.payment) })
    .where(and(isGivenAttempt, isNull(attempts.payment)))
    .prepare('record_trade');
});

type Fact = Evidence & { readonly orderNo: OrderNo };

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

/** How the money of an order that became paid was found. */
export type PaidFacts = {
  /** When the first notify of it came. */
  readonly notifiedAt: Date | null;
  /** How often WeChat Pay was asked. */
  readonly queries: number;
};

export async function paidFacts(db: Db | Tx, ref: OrderRef): Promise<PaidFacts> {
  const queries = gatewayCallsOf(db, ref, 'query');
  const [facts] = await db
    .select({ notifiedAt: min(evidence.at), queries: sql`(${queries})`.mapWith(Number) })
    .from(evidence)
    .where(and(isOfOrder(ref), eq(evidence.source, 'notify')));
  if (facts === undefined) throw new Error('An aggregate has one row');
  return facts;
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
