import { and, gt, inArray, sql } from 'drizzle-orm';
import type { Db, Tx } from '../../db/connection.js';
import { attempts, orders } from '../../db/schema.js';
import { fenOf, outTradeNoOf } from '../../db/stored-values.js';
import type { GatewayRefusal, PrepayCodes } from '../rules/gateway-answer.js';
import type { AttemptParameters } from '../rules/record.js';
import { ATTEMPT_STATES, ATTEMPT_TRANSITIONS } from '../rules/states.js';
import { isAttempt } from './attempt.js';
import { calledFirst, type GatewayCall } from './gateway-call.js';
import { isOrder, type AttemptRef, type OrderRef } from './order.js';
import { isAttemptOfOrder } from './record.js';
import { identityOf, saleOf, sceneOf, tillOf } from './stored-terms.js';

/** `codeKeptUntil`: until when the code can be paid that payers of an open attempt are shown. */
export type StoredParameters = AttemptParameters & { readonly codeKeptUntil: Date | null };

/** What a prepay is made of: the order's terms and the attempt's, and the exact body once one was sent. */
export async function loadAttemptParameters(db: Db | Tx, ref: AttemptRef): Promise<StoredParameters | undefined> {
  const { amountFen, description, attach, sale, expiresAt } = orders;
  const { outTradeNo, product, appid, openid, clientIp, h5Type, till, sceneInfo, identity, prepayBody } = attempts;
  const { state, codeExpiresAt } = attempts;
  const [row] = await db
    .select({
      ...{ amountFen, description, attach, sale, expiresAt },
      ...{ outTradeNo, product, appid, openid, clientIp, h5Type, till, sceneInfo, identity, prepayBody },
      codeKeptUntil: sql`case ${state} when 'open' then ${codeExpiresAt} end`.mapWith(codeExpiresAt),
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
 * decided meanwhile, or has a code that was asked for later; that a code is out there is kept even then. `call`: the one that was
 * answered so, kept before what follows from it.
 */
export async function recordPrepayOpened(
  db: Db | Tx,
  opened: PrepayOpened,
  call?: GatewayCall,
): Promise<{ applied: boolean }> {
  const { now, codeExpiresAt } = opened;
  const facts = columnsOf(opened);
  const calls = call === undefined ? [] : [calledFirst(db, call).called];
  const held = db
    .$with('held')
    .as(db.select({ state: orders.state }).from(orders).where(isOrder(opened)).for('no key update'));
  const mayOpen = and(
    inArray(attempts.state, OPENABLE),
    sql`${gt(attempts.codeExpiresAt, codeExpiresAt ?? now)} is not true`,
  );
  const isNew = sql.join(
    facts.map(([column, value]) => sql`${column} is distinct from ${value}`),
    sql` or `,
  );
  // Locked after its order, as by whoever else changes both.
  const before = db.$with('before').as(
    db
      .select({
        applied: sql<boolean>`${mayOpen}`.as('applied'),
        isShown: sql<boolean>`${mayOpen} and (${held.state} = 'creating' or ${isNew})`.as('is_shown'),
      })
      .from(attempts)
      .innerJoin(held, sql`true`)
      .where(isAttempt(opened))
      .for('no key update', { of: attempts }),
  );
  const opening = db.$with('opening').as(
    db
      .update(attempts)
      .set({
        codeGivenAt: sql`coalesce(${attempts.codeGivenAt}, ${sql.param(now, attempts.codeGivenAt)})`,
        prepayUnknown: false,
        ...Object.fromEntries(
          facts.map(([column, value, key]) => [key, sql`case when ${before.applied} then ${value} else ${column} end`]),
        ),
      })
      .from(before)
      .where(isAttempt(opened))
      .returning({ isShown: before.isShown }),
  );
  const showing = db.$with('showing').as(
    db
      .update(orders)
      .set({
        version: sql`${orders.version} + 1`,
        state: sql`case ${orders.state} when 'creating' then 'awaitingPayment' else ${orders.state} end`,
      })
      .from(opening)
      .where(and(isOrder(opened), opening.isShown))
      .returning({ version: orders.version }),
  );
  const [row] = await db
    .with(...calls, held, before, opening, showing)
    .select({ applied: before.applied })
    .from(before);
  if (row === undefined) throw new Error('A prepay opened an attempt that was never reserved');
  return row;
}

const OPENABLE = ATTEMPT_STATES.filter((state) => state === 'open' || ATTEMPT_TRANSITIONS[state].includes('open'));

/** What the attempt is from then on: column, value, key. */
function columnsOf({ codes: { codeUrl, prepayId, h5Url }, codeExpiresAt }: PrepayOpened) {
  const facts = { state: 'open', codeUrl, prepayId, h5Url, codeExpiresAt } as const;
  return (Object.keys(facts) as (keyof typeof facts)[]).map(
    (key) => [attempts[key], sql.param(facts[key], attempts[key]), key] as const,
  );
}
