import { and, eq, sql } from 'drizzle-orm';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { attempts, orders } from '../../db/schema.js';
import { differs, fenOf, outTradeNoOf } from '../../db/stored-values.js';
import type { GatewayRefusal, PrepayCodes } from '../rules/gateway-answer.js';
import type { AttemptParameters } from '../rules/record.js';
import { ATTEMPT_TRANSITIONS } from '../rules/states.js';
import { bumpVersion, isAttempt } from './attempt.js';
import { lockOrder } from './change.js';
import type { AttemptRef, OrderRef } from './order.js';
import { isAttemptOfOrder } from './record.js';
import { identityOf, saleOf, sceneOf, tillOf } from './stored-terms.js';

/** What a prepay is made of: the order's terms and the attempt's, and the exact body once one was sent. */
export async function loadAttemptParameters(db: Db | Tx, ref: AttemptRef): Promise<AttemptParameters | undefined> {
  const { amountFen, description, attach, sale, expiresAt } = orders;
  const { outTradeNo, product, appid, openid, clientIp, h5Type, till, sceneInfo, identity, prepayBody } = attempts;
  const [row] = await db
    .select({
      ...{ amountFen, description, attach, sale, expiresAt },
      ...{ outTradeNo, product, appid, openid, clientIp, h5Type, till, sceneInfo, identity, prepayBody },
    })
    .from(attempts)
    .innerJoin(orders, isAttemptOfOrder)
    .where(isAttempt(ref));
  return (
    row && {
      ...row,
      outTradeNo: outTradeNoOf(row.outTradeNo),
      amountFen: fenOf(row.amountFen),
      sale: saleOf(row.sale),
      till: tillOf(row.till),
      sceneInfo: sceneOf(row.sceneInfo),
      identity: identityOf(row.identity),
    }
  );
}

/** Until when the code can be paid that payers of an open attempt are shown. */
export async function keptCodeExpiresAt(db: Db | Tx, ref: AttemptRef): Promise<Date | null> {
  const [row] = await db
    .select({ at: attempts.codeExpiresAt })
    .from(attempts)
    .where(and(isAttempt(ref), eq(attempts.state, 'open')));
  return row?.at ?? null;
}

type PrepayBegun = {
  /** The bytes to send: those that were kept first. WeChat Pay refuses a repeat of a number that differs. */
  readonly body: string;
  /** An earlier prepay of this number took effect, or may have: whatever WeChat Pay has under it is PaySaga's. */
  readonly earlierUnknown: boolean;
  readonly codeGiven: boolean;
};

/**
 * Before a prepay leaves: keeps its exact body, when the first one left, and that its outcome is unknown until an answer is
 * written.
 */
export async function beginPrepay(db: Db | Tx, ref: AttemptRef, body: string, at: Date): Promise<PrepayBegun> {
  const before = db
    .select({ unknown: attempts.prepayUnknown, codeGivenAt: attempts.codeGivenAt })
    .from(attempts)
    .where(isAttempt(ref))
    .for('no key update')
    .as('before');
  const [row] = await db
    .update(attempts)
    .set({
      prepayBody: sql`coalesce(${attempts.prepayBody}, ${body})`,
      prepayStartedAt: sql`coalesce(${attempts.prepayStartedAt}, ${sql.param(at, attempts.prepayStartedAt)})`,
      prepayUnknown: true,
    })
    .from(before)
    .where(isAttempt(ref))
    .returning({ body: attempts.prepayBody, unknown: before.unknown, codeGivenAt: before.codeGivenAt });
  if (row?.body == null) throw new Error('A prepay began for an attempt that was never reserved');
  const codeGiven = row.codeGivenAt !== null;
  return { body: row.body, earlierUnknown: row.unknown || codeGiven, codeGiven };
}

/** This prepay had no effect at WeChat Pay; `refusal`: what it said for good, kept with the attempt. */
export async function recordPrepayFailed(
  db: Db | Tx,
  ref: AttemptRef,
  { earlierUnknown, refusal }: { readonly earlierUnknown: boolean; readonly refusal?: GatewayRefusal },
): Promise<void> {
  const columns = { prepayUnknown: earlierUnknown, ...(refusal === undefined ? {} : { refusal }) };
  await db.update(attempts).set(columns).where(isAttempt(ref));
}

export type PrepayOpened = OrderRef &
  AttemptRef & {
    readonly codes: PrepayCodes;
    /** Null of a charge, whose code is the payer's. */
    readonly codeExpiresAt: Date | null;
    readonly now: Date;
  };

/**
 * A prepay handed out codes: the attempt is open and its order awaits the payment. `applied: false` when the attempt was
 * decided meanwhile, or has a code that was asked for later; that a code is out there is kept even then.
 */
export async function recordPrepayOpened(db: Db | Tx, opened: PrepayOpened): Promise<{ applied: boolean }> {
  return withTransaction(db, async (tx) => {
    const order = await lockOrder(tx, opened);
    const attempt = order?.attempts.find((it) => it.outTradeNo === opened.outTradeNo);
    if (order === undefined || attempt === undefined)
      throw new Error('A prepay opened an attempt that was never reserved');
    const isLate = attempt.codeExpiresAt !== null && attempt.codeExpiresAt > (opened.codeExpiresAt ?? opened.now);
    const applied = !isLate && (attempt.state === 'open' || ATTEMPT_TRANSITIONS[attempt.state].includes('open'));
    await tx
      .update(attempts)
      .set({
        codeGivenAt: sql`coalesce(${attempts.codeGivenAt}, ${sql.param(opened.now, attempts.codeGivenAt)})`,
        prepayUnknown: false,
        ...(applied ? openColumns(opened) : {}),
      })
      .where(isAttempt(opened));
    const visible = applied && (order.state === 'creating' || differs(attempt, openColumns(opened)));
    if (visible) await bumpVersion(tx, order, order.state === 'creating' ? { state: 'awaitingPayment' } : {});
    return { applied };
  });
}

function openColumns({ codes: { codeUrl, prepayId, h5Url }, codeExpiresAt }: PrepayOpened) {
  return { state: 'open' as const, codeUrl, prepayId, h5Url, codeExpiresAt };
}
