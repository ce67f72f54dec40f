import { and, eq, isNotNull, isNull } from 'drizzle-orm';
import type { Db, Tx } from '../../db/connection.js';
import { attempts } from '../../db/schema.js';
import { refusalOf } from '../../db/stored-values.js';
import type { GatewayRefusal } from '../rules/gateway-answer.js';
import { isAttempt } from './attempt.js';
import type { AttemptRef } from './order.js';

/** When a charge left, and what is known of it; `refusal`: for good. */
export type ChargeBegun = {
  readonly at: Date;
  readonly isUnknown: boolean;
  readonly refusal: GatewayRefusal | null;
};

/** Null: nothing was charged under this number, nor will be but by {@link claimCharge}. */
export async function chargeBegun(db: Db | Tx, ref: AttemptRef): Promise<ChargeBegun | null> {
  const { prepayStartedAt, prepayUnknown, refusal } = attempts;
  const [row] = await db
    .select({ at: prepayStartedAt, isUnknown: prepayUnknown, refusal })
    .from(attempts)
    .where(isAttempt(ref));
  if (row?.at == null) return null;
  return { at: row.at, isUnknown: row.isUnknown, refusal: refusalOf(row.refusal) };
}

/**
 * Takes the payer's code out of the row, once, ever: whoever gets it charges it, and the outcome is unknown until an answer is
 * written. Undefined: somebody else has, or the attempt is over.
 */
export async function claimCharge(db: Db | Tx, ref: AttemptRef, at: Date): Promise<string | undefined> {
  const unclaimed = and(
    isAttempt(ref),
    eq(attempts.state, 'preparing'),
    isNull(attempts.prepayStartedAt),
    isNotNull(attempts.authCode),
  );
  const before = db
    .select({ authCode: attempts.authCode })
    .from(attempts)
    .where(unclaimed)
    .for('no key update')
    .as('before');
  const [row] = await db
    .update(attempts)
    .set({ authCode: null, prepayStartedAt: at, prepayUnknown: true })
    .from(before)
    .where(unclaimed)
    .returning({ authCode: before.authCode });
  return row?.authCode ?? undefined;
}
