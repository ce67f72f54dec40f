import { createHash } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import {
  firstOutTradeNo,
  keyAfter,
  MAX_ATTEMPTS,
  MAX_OUT_TRADE_NO,
  type OrderNo,
  type OutTradeNo,
} from '../../base/ids.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { given } from '../../db/prepared.js';
import { attempts, orders } from '../../db/schema.js';
import { isNews, outTradeNoOf } from '../../db/stored-values.js';
import type { GatewayRefusal } from '../rules/gateway-answer.js';
import type { AttemptRecord, OrderRecord } from '../rules/record.js';
import { lockOrder, seenByReaders } from './change.js';
import { isOrder, type AttemptRef, type AttemptTerms, type OrderRef } from './order.js';
import { attemptColumns, attemptRecord } from './record.js';
import { identityOf, sceneOf } from './stored-terms.js';

export type AttemptRequest = OrderRef & AttemptTerms & Pick<AttemptRecord, 'attemptKey' | 'bodyHash'>;

type AttemptReservation =
  { readonly attempt: AttemptRecord; readonly created: boolean } | 'too_many_attempts' | 'order_not_found';

/**
 * The attempt that answers this request: the one of the same key; without a key the one of the same body that was not
 * sent yet; else the order's next number. Requests at the same time get the same one.
 */
export async function reserveAttempt(db: Db | Tx, request: AttemptRequest): Promise<AttemptReservation> {
  return withTransaction(db, async (tx): Promise<AttemptReservation> => {
    const order = await lockOrder(tx, request);
    if (order === undefined) return 'order_not_found';
    const known = order.attempts.find((attempt) => answers(attempt, request));
    if (known !== undefined) return { attempt: known, created: false };
    const number = Math.max(...order.attempts.map((attempt) => attempt.number)) + 1;
    if (number > MAX_ATTEMPTS) return 'too_many_attempts';
    const outTradeNo = nthOutTradeNo(request.orderNo, number);
    const rows = await tx
      .insert(attempts)
      .values({ ...request, number, outTradeNo })
      .returning(attemptColumns);
    await bumpVersion(tx, order);
    const [attempt] = rows.map(attemptRecord);
    if (attempt === undefined) throw new Error('A reserved attempt was not returned');
    return { attempt, created: true };
  });
}

/** The number after `after`, with the same parameters, reserved once; null when the order's numbers are used up. */
export async function reserveNextAttempt(db: Db | Tx, ref: OrderRef, after: OutTradeNo): Promise<AttemptRecord | null> {
  const { product, appid, openid, clientIp, h5Type, sceneInfo, identity, bodyHash } = attempts;
  return withTransaction(db, async (tx) => {
    const [terms] = await tx
      .select({ product, appid, openid, clientIp, h5Type, sceneInfo, identity, bodyHash })
      .from(attempts)
      .where(isAttempt({ mchid: ref.mchid, outTradeNo: after }));
    if (terms === undefined) throw new Error('The attempt before was never reserved');
    const { mchid, orderNo } = ref;
    const payer = { ...terms, sceneInfo: sceneOf(terms.sceneInfo), identity: identityOf(terms.identity) };
    const reserved = await reserveAttempt(tx, { mchid, orderNo, ...payer, attemptKey: keyAfter(after) });
    if (reserved === 'order_not_found') throw new Error('An order was removed');
    return reserved === 'too_many_attempts' ? null : reserved.attempt;
  });
}

/** Two requests without a key ask for the same attempt only while nothing of it was sent. */
function answers(attempt: AttemptRecord, request: AttemptRequest): boolean {
  if (request.attemptKey !== null) return attempt.attemptKey === request.attemptKey;
  return attempt.state === 'preparing' && attempt.attemptKey === null && attempt.bodyHash === request.bodyHash;
}

/** Keeps what a prepay or a close of the attempt was answered in its place: readers of the order see it. */
export async function recordAttemptAnswer(
  db: Db | Tx,
  ref: AttemptRef & OrderRef,
  answer: GatewayRefusal,
): Promise<void> {
  await seenByReaders(db, ref, async (tx) => {
    const [row] = await tx.select({ gateway: attempts.gateway }).from(attempts).where(isAttempt(ref));
    if (!isNews(row?.gateway, answer)) return [];
    return tx.update(attempts).set({ gateway: answer }).where(isAttempt(ref)).returning({ number: attempts.number });
  });
}

export async function bumpVersion(tx: Tx, order: OrderRecord, also: { state?: 'awaitingPayment' } = {}): Promise<void> {
  await tx
    .update(orders)
    .set({ ...also, version: order.version + 1 })
    .where(isOrder(order));
}

export const isAttempt = ({ mchid, outTradeNo }: AttemptRef) =>
  and(eq(attempts.mchid, mchid), eq(attempts.outTradeNo, outTradeNo));

/** As {@link isAttempt}, for statements that are built once. */
export const isGivenAttempt = and(
  eq(attempts.mchid, given('mchid', attempts.mchid)),
  eq(attempts.outTradeNo, given('outTradeNo', attempts.outTradeNo)),
);

/**
 * The number of an order's nth attempt at WeChat Pay, from 1: the orderNo itself, later ones with `*n` behind it. Where that would
 * be too long a digest takes the orderNo's place, behind a `*` of its own: no orderNo holds one, so the numbers of two orders
 * differ. Postgres checks the same rule.
 */
export function nthOutTradeNo(orderNo: OrderNo, n: number): OutTradeNo {
  if (n === 1) return firstOutTradeNo(orderNo);
  const suffix = `*${n}`;
  const isShort = orderNo.length + suffix.length <= MAX_OUT_TRADE_NO;
  return outTradeNoOf(`${isShort ? orderNo : `*${digestOf(orderNo)}`}${suffix}`);
}

/** 168 bits in WeChat Pay's letters. */
const digestOf = (orderNo: OrderNo): string => createHash('sha256').update(orderNo).digest('base64url').slice(0, 28);
