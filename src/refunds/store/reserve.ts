import { returnNoOf, successorOf, type OutRefundNo, type OutTradeNo } from '../../base/ids.js';
import type { AskingKey } from '../../actions/rules/asking-key.js';
import type { ApprovalPolicy, ApprovalRecord } from '../../approvals/rules/approval.js';
import { needsApproval } from '../../approvals/rules/guard.js';
import { approvalOfRefund, approvalsOfOrder, insertApproval } from '../../approvals/store/approval.js';
import type { Fen } from '../../base/money.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { refunds } from '../../db/schema.js';
import { fenOf, orderNoOf } from '../../db/stored-values.js';
import { paidAttemptOf } from '../../orders/rules/view.js';
import { canBeReissued, refundObjection, restFen, shopRefundObjection, type RefundObjection } from '../rules/guard.js';
import type { RefundRecord } from '../rules/record.js';
import type { RefundSource } from '../rules/source.js';
import { isOwn, isReleased, type OwnCause } from '../rules/states.js';
import { lockStanding, settleRefunds, type Standing } from '../../orders/store/change.js';
import type { AttemptRef, OrderRef } from '../../orders/store/order.js';
import { insertRefund, isRefund, refundColumns, refundRecord, type RefundRef } from './record.js';

export type ShopRefund = OrderRef &
  RefundRef & {
    readonly amountFen: Fen;
    readonly reason: string | null;
    readonly source: RefundSource | null;
    readonly bodyHash: string;
    readonly now: Date;
  };

/** `policy`: null where nobody has to approve a refund. */
export type RefundRequest = ShopRefund & { readonly key: AskingKey; readonly policy: ApprovalPolicy | null };

export type RefundReservation =
  | { readonly refund: RefundRecord; readonly created: boolean }
  | { readonly approval: ApprovalRecord; readonly created: boolean }
  | 'order_not_found'
  | 'refund_conflict'
  | RefundObjection;

/**
 * The shop's refund of the payment that made the order paid, and its money held, in one transaction. The same number with the
 * same body is the same refund, whatever became of it; with another body or order it is a conflict. `approval`: it waits for one, or
 * was refused it, and holds no money.
 */
export async function reserveRefund(db: Db | Tx, request: RefundRequest): Promise<RefundReservation> {
  return withTransaction(db, async (tx): Promise<RefundReservation> => {
    const standing = await lockStanding(tx, request);
    if (standing === undefined) return 'order_not_found';
    const known = (await sameNumber(tx, request)) ?? (await sameAsked(tx, request));
    if (known !== undefined) return known;
    const { amountFen, policy, now } = request;
    const objection = shopRefundObjection(standing.order, amountFen, now);
    if (objection !== undefined) return objection;
    const asked = policy === null ? [] : await approvalsOfOrder(tx, request);
    return needsApproval(standing.order, amountFen, asked, policy)
      ? askApproval(tx, request)
      : holdForShop(tx, standing, request);
  });
}

/** Why a refund that waits for an approval may not begin now: all is looked at again, under the lock of its order. */
export async function objectionToApproved(
  tx: Tx,
  standing: Standing,
  request: ShopRefund,
): Promise<'refund_conflict' | RefundObjection | undefined> {
  if ((await sameNumber(tx, request)) !== undefined) return 'refund_conflict';
  return shopRefundObjection(standing.order, request.amountFen, request.now);
}

/** The shop's refund to be, and its money held, under the lock of its order. An approval it needs is given before. */
export async function holdForShop(
  tx: Tx,
  standing: Standing,
  request: ShopRefund,
): Promise<{ readonly refund: RefundRecord; readonly created: true } | 'refund_conflict'> {
  const attempt = paidAttemptOf(standing.order);
  if (attempt === undefined) throw new Error('A paid order has no paid attempt');
  const { mchid, orderNo, outRefundNo, amountFen, reason, source, bodyHash, now: createdAt } = request;
  const { outTradeNo, paidFen: totalFen } = attempt;
  const money = { orderNo, outTradeNo, amountFen, totalFen };
  const terms = { mchid, outRefundNo, ...money, cause: 'shop', reason, source, bodyHash, createdAt } as const;
  const refund = await insertRefund(tx, terms);
  // Another order took the number at this moment.
  if (refund === undefined) return 'refund_conflict';
  await settleRefunds(tx, standing, request.now);
  return { refund, created: true };
}

async function askApproval(
  tx: Tx,
  { key, policy, now: createdAt, ...terms }: RefundRequest,
): Promise<RefundReservation> {
  const asked = { askedByKey: key.id, askedByName: key.name, createdAt };
  const approval = await insertApproval(tx, { ...terms, ...asked });
  return approval === undefined ? 'refund_conflict' : { approval, created: true };
}

/** Asked for before, and not begun. */
async function sameAsked(tx: Tx, request: ShopRefund): Promise<RefundReservation | undefined> {
  const asked = await approvalOfRefund(tx, request);
  if (asked === undefined) return undefined;
  const isSame = asked.approval.orderNo === request.orderNo && asked.bodyHash === request.bodyHash;
  return isSame ? { approval: asked.approval, created: false } : 'refund_conflict';
}

async function sameNumber(tx: Tx, request: ShopRefund): Promise<RefundReservation | undefined> {
  const [row] = await tx
    .select({ refund: refundColumns, bodyHash: refunds.bodyHash })
    .from(refunds)
    .where(isRefund(request));
  if (row === undefined) return undefined;
  const refund = refundRecord(row.refund);
  const isSame = refund.orderNo === request.orderNo && row.bodyHash === request.bodyHash;
  return isSame ? { refund, created: false } : 'refund_conflict';
}

export type ReturnRequest = OrderRef & AttemptRef & { readonly cause: OwnCause; readonly now: Date };

type ReturnReservation =
  | { readonly kind: 'reserved'; readonly refund: RefundRecord }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly reason: 'refund_limit_reached' | 'refund_too_old' };

/**
 * PaySaga's own refund of what is left of an attempt's money: one for life, with the amount and the cause of the first time.
 * `nothing`: all of it is back or on its way.
 */
export async function reserveReturn(db: Db | Tx, request: ReturnRequest): Promise<ReturnReservation> {
  return withTransaction(db, async (tx): Promise<ReturnReservation> => {
    const { outTradeNo, cause, now } = request;
    const { standing, attempt, ofAttempt } = await lockAttempt(tx, request);
    const known = ofAttempt.find((refund) => isOwn(refund.cause));
    if (known !== undefined) return { kind: 'reserved', refund: known };
    const amountFen = fenOf(restFen(attempt));
    if (amountFen === 0) return { kind: 'nothing' };
    const reason = refundObjection(standing.order, attempt, now);
    if (reason !== undefined) return { kind: 'refused', reason };
    const money = { outTradeNo, amountFen, totalFen: attempt.paidFen };
    const refund = await reserve(tx, standing, { ...nextOwnNumber(outTradeNo, ofAttempt), ...money, cause }, now);
    return { kind: 'reserved', refund };
  });
}

export type Successor = RefundRecord | 'not_allowed' | 'refund_not_found';

/** The successor of one of PaySaga's own refunds that came to nothing, to go out once, within WeChat Pay's limits. */
export const reserveReissue = (db: Db | Tx, request: RefundRef & { readonly now: Date }): Promise<Successor> =>
  withTransaction(db, (tx) => reserveSuccessor(tx, { ...request, isOffline: false }));

/**
 * The same amount under the next number, made once; `isOffline`: never to go out. `not_allowed`: the refund is the shop's, or not
 * over, or its money is not free any more, or its successor was made for the other.
 */
export async function reserveSuccessor(
  tx: Tx,
  request: RefundRef & { readonly now: Date; readonly isOffline: boolean },
): Promise<Successor> {
  const { now, isOffline } = request;
  const locked = await lockRefund(tx, request);
  if (locked === undefined) return 'refund_not_found';
  const { standing, refund: failed } = locked;
  const known = standing.order.refunds.find((it) => it.predecessor === failed.outRefundNo);
  if (known !== undefined) return known.offline === isOffline ? known : 'not_allowed';
  const attempt = standing.order.attempts.find((it) => it.outTradeNo === failed.outTradeNo);
  if (attempt === undefined || !canBeReissued(standing.order, failed)) return 'not_allowed';
  if (!isOffline && refundObjection(standing.order, attempt, now) !== undefined) return 'not_allowed';
  const { outTradeNo, amountFen, totalFen, cause, outRefundNo: predecessor } = failed;
  const money = { outTradeNo, amountFen, totalFen };
  return reserve(tx, standing, { outRefundNo: successorOf(predecessor), ...money, cause, predecessor }, now);
}

/** An earlier life of PaySaga's, or somebody who makes numbers like its own, may have used the first ones. */
function nextOwnNumber(outTradeNo: OutTradeNo, refunds: readonly RefundRecord[]) {
  const taken = new Set(refunds.map(({ outRefundNo }) => outRefundNo));
  let predecessor: OutRefundNo | null = null;
  let outRefundNo = returnNoOf(outTradeNo);
  while (taken.has(outRefundNo)) {
    predecessor = outRefundNo;
    outRefundNo = successorOf(outRefundNo);
  }
  return { outRefundNo, predecessor };
}

/**
 * The successor, over the rest, of one of PaySaga's own refunds that was refused because others had given back some of its money.
 * Null where nothing is left, or where something else must have refused it.
 */
export async function reserveRest(tx: Tx, ref: OrderRef & AttemptRef, now: Date): Promise<RefundRecord | null> {
  const { standing, attempt, ofAttempt } = await lockAttempt(tx, ref);
  const last = ofAttempt.findLast(({ cause }) => isOwn(cause));
  const isElsewhere = ofAttempt.some(({ cause, state }) => cause === 'external' && !isReleased(state));
  const amountFen = fenOf(restFen(attempt));
  if (last?.state !== 'rejected' || !isElsewhere || amountFen === 0 || amountFen >= last.amountFen) return null;
  if (refundObjection(standing.order, attempt, now) !== undefined) return null;
  const { outTradeNo, totalFen, cause, outRefundNo: predecessor } = last;
  const terms = { outRefundNo: successorOf(predecessor), outTradeNo, amountFen, totalFen, cause, predecessor };
  return reserve(tx, standing, terms, now);
}

/**
 * The successor, over the rest, of one of PaySaga's own whose number turned out to be that of somebody else's refund. WeChat Pay's
 * limits are WeChat Pay's to say then: what it refuses is shown. Null where nothing is left, or the rest is on its way.
 */
export async function reserveNext(tx: Tx, taken: RefundRecord, now: Date): Promise<RefundRecord | null> {
  const { outTradeNo, totalFen, cause, outRefundNo: predecessor } = taken;
  const { standing, attempt, ofAttempt } = await lockAttempt(tx, taken);
  const amountFen = fenOf(restFen(attempt));
  const isUnderWay = ofAttempt.some((it) => isOwn(it.cause) && !isReleased(it.state));
  const isReplaced = standing.order.refunds.some((it) => it.predecessor === predecessor);
  if (!isOwn(cause) || amountFen === 0 || isUnderWay || isReplaced) return null;
  const terms = { outRefundNo: successorOf(predecessor), outTradeNo, amountFen, totalFen, cause, predecessor };
  return reserve(tx, standing, terms, now);
}

/** An attempt and its refunds, with its order held as `lockStanding` does. */
async function lockAttempt(tx: Tx, ref: OrderRef & AttemptRef) {
  const standing = await lockStanding(tx, ref);
  const attempt = standing?.order.attempts.find((it) => it.outTradeNo === ref.outTradeNo);
  if (standing === undefined || attempt === undefined) {
    throw new Error('A return was asked of an attempt that was never reserved');
  }
  return { standing, attempt, ofAttempt: standing.order.refunds.filter((it) => it.outTradeNo === ref.outTradeNo) };
}

type OwnTerms = Pick<RefundRecord, 'outRefundNo' | 'outTradeNo' | 'amountFen' | 'totalFen' | 'cause' | 'predecessor'>;

async function reserve(tx: Tx, standing: Standing, terms: OwnTerms, now: Date): Promise<RefundRecord> {
  const { mchid, orderNo } = standing.order;
  const refund = await insertRefund(tx, { mchid, orderNo, ...terms, createdAt: now });
  if (refund === undefined) throw new Error('A number of our own was taken while its order was locked');
  await settleRefunds(tx, standing, now);
  return refund;
}

/** A refund with its order, held as `lockStanding` does. */
export async function lockRefund(
  tx: Tx,
  ref: RefundRef,
): Promise<{ readonly standing: Standing; readonly refund: RefundRecord } | undefined> {
  const [owner] = await tx.select({ orderNo: refunds.orderNo }).from(refunds).where(isRefund(ref));
  if (owner === undefined) return undefined;
  const standing = await lockStanding(tx, { mchid: ref.mchid, orderNo: orderNoOf(owner.orderNo) });
  const refund = standing?.order.refunds.find((it) => it.outRefundNo === ref.outRefundNo);
  if (standing === undefined || refund === undefined) throw new Error('A refund was removed');
  return { standing, refund };
}
