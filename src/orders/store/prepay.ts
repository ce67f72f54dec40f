import { and, inArray, sql, type WithSubquery } from 'drizzle-orm';
import type { Db, Tx } from '../../db/connection.js';
import { given, preparedOnce } from '../../db/prepared.js';
import { attempts, orders } from '../../db/schema.js';
import { fenOf, outTradeNoOf } from '../../db/stored-values.js';
import type { GatewayRefusal, PrepayCodes } from '../rules/gateway-answer.js';
import type { AttemptParameters } from '../rules/record.js';
import { ATTEMPT_STATES, ATTEMPT_TRANSITIONS } from '../rules/states.js';
import { isAttempt, isGivenAttempt } from './attempt.js';
import { calledFirst, callGiven, type GatewayCall } from './gateway-call.js';
import { isGivenOrder, type AttemptRef, type OrderRef } from './order.js';
import { isAttemptOfOrder } from './record.js';
import { identityOf, saleOf, sceneOf, tillOf } from './stored-terms.js';

/** `codeKeptUntil`: until when the code can be paid that payers of an open attempt are shown. */
export type StoredParameters = AttemptParameters & { readonly codeKeptUntil: Date | null };

/** What a prepay is made of: the order's terms and the attempt's, and the exact body once one was sent. */
export async function loadAttemptParameters(db: Db | Tx, ref: AttemptRef): Promise<StoredParameters | undefined> {
  const { mchid, outTradeNo } = ref;
  const [row] = await loading(db).execute({ mchid, outTradeNo });
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

const loading = preparedOnce((db) => {
  const { amountFen, description, attach, sale, expiresAt } = orders;
  const { outTradeNo, product, appid, openid, clientIp, h5Type, till, sceneInfo, identity, prepayBody } = attempts;
  const { state, codeExpiresAt } = attempts;
  return db
    .select({
      ...{ amountFen, description, attach, sale, expiresAt },
      ...{ outTradeNo, product, appid, openid, clientIp, h5Type, till, sceneInfo, identity, prepayBody },
      codeKeptUntil: sql`case ${state} when 'open' then ${codeExpiresAt} end`.mapWith(codeExpiresAt),
    })
    .from(attempts)
    .innerJoin(orders, isAttemptOfOrder)
    .where(isGivenAttempt)
    .prepare('load_parameters');
});

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
  const { mchid, outTradeNo } = ref;
  const [row] = await beginning(db).execute({ mchid, outTradeNo, body, at });
  if (row?.body == null) throw new Error('A prepay began for an attempt that was never reserved');
  const codeGiven = row.codeGivenAt !== null;
  return { body: row.body, earlierUnknown: row.unknown || codeGiven, codeGiven };
}

const beginning = preparedOnce((db) => {
  const { prepayBody, prepayStartedAt, prepayUnknown, codeGivenAt } = attempts;
  const before = db
    .select({ unknown: prepayUnknown, codeGivenAt })
    .from(attempts)
    .where(isGivenAttempt)
    .for('no key update')
    .as('before');
  return db
    .update(attempts)
    .set({
      prepayBody: sql`coalesce(${prepayBody}, ${given('body', prepayBody)})`,
      prepayStartedAt: sql`coalesce(${prepayStartedAt}, ${given('at', prepayStartedAt)})`,
      prepayUnknown: true,
    })
    .from(before)
    .where(isGivenAttempt)
    .returning({ body: prepayBody, unknown: before.unknown, codeGivenAt: before.codeGivenAt })
    .prepare('begin_prepay');
});

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
  const { codes, ...rest } = opened;
  const values = { ...rest, ...codes, state: 'open', newerThan: opened.codeExpiresAt ?? opened.now };
  const [row] =
    call === undefined
      ? await opening(db).execute(values)
      : await openingAfter(db).execute({ ...callGiven(call), ...values });
  if (row === undefined) throw new Error('A prepay opened an attempt that was never reserved');
  return row;
}

const opening = preparedOnce((db) => openingOf(db, []).prepare('open_attempt'));
const openingAfter = preparedOnce((db) => openingOf(db, [calledFirst(db).called]).prepare('open_attempt_after'));

function openingOf(db: Db | Tx, first: readonly WithSubquery[]) {
  const { state, codeGivenAt, codeExpiresAt, codeUrl, prepayId, h5Url } = attempts;
  const facts = { state, codeUrl, prepayId, h5Url, codeExpiresAt };
  const held = db
    .$with('held')
    .as(db.select({ state: orders.state }).from(orders).where(isGivenOrder).for('no key update'));
  const isLate = sql`coalesce(${codeExpiresAt} > ${given('newerThan', codeExpiresAt)}, false)`;
  const mayOpen = sql`(${inArray(state, OPENABLE)} and not ${isLate})`;
  const differs = Object.entries(facts).map(([key, column]) => sql`${column} is distinct from ${given(key, column)}`);
  const isNews = sql`(${held.state} = 'creating' or ${sql.join(differs, sql` or `)})`;
  // Locked after its order, as by whoever else changes both.
  const before = db.$with('before').as(
    db
      .select({
        applied: sql<boolean>`${mayOpen}`.as('applied'),
        isShown: sql<boolean>`${mayOpen} and ${isNews}`.as('is_shown'),
      })
      .from(attempts)
      .innerJoin(held, sql`true`)
      .where(isGivenAttempt)
      .for('no key update', { of: attempts }),
  );
  const unlessLate = Object.entries(facts).map(([key, column]) => {
    return [key, sql`case when ${before.applied} then ${given(key, column)} else ${column} end`] as const;
  });
  const opened = db.$with('opened').as(
    db
      .update(attempts)
      .set({
        ...Object.fromEntries(unlessLate),
        codeGivenAt: sql`coalesce(${codeGivenAt}, ${given('now', codeGivenAt)})`,
        prepayUnknown: false,
      })
      .from(before)
      .where(isGivenAttempt)
      .returning({ isShown: before.isShown }),
  );
  const shown = db.$with('shown').as(
    db
      .update(orders)
      .set({
        version: sql`${orders.version} + 1`,
        state: sql`case ${orders.state} when 'creating' then 'awaitingPayment' else ${orders.state} end`,
      })
      .from(opened)
      .where(and(isGivenOrder, opened.isShown))
      .returning({ version: orders.version }),
  );
  return db
    .with(...first, held, before, opened, shown)
    .select({ applied: before.applied })
    .from(before);
}

const OPENABLE = ATTEMPT_STATES.filter((state) => state === 'open' || ATTEMPT_TRANSITIONS[state].includes('open'));
