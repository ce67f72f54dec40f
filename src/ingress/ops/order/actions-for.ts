import { isOwnRefund } from '../../../domain/ids.js';
import type { MerchantEventRecord } from '../../../domain/merchant-event/event.js';
import { MAX_LIFE_MS } from '../../../domain/order/deadline.js';
import { factsOfRecord, heldOf } from '../../../domain/order/loaded.js';
import type { AttemptRecord, OrderRecord } from '../../../domain/order/record.js';
import { isLoose } from '../../../domain/order/state.js';
import { restFen, shopRefundObjection } from '../../../domain/refund/guard.js';
import type { RefundRecord } from '../../../domain/refund/record.js';
import { isReleased } from '../../../domain/refund/states.js';
import { ORDER_ACTIONS, type OrderAction, type RefundAction } from '../actions/names.js';

/** What can be done about an order now, as far as its row knows; WeChat Pay may still say otherwise when it is asked. */
export function actionsFor(order: OrderRecord, now: Date): OrderAction[] {
  const possible = new Set<OrderAction>(['recheck', ...waitingActions(order, now), ...decisions(order)]);
  if (shopRefundObjection(order, 1, now) === undefined) possible.add('refund');
  return ORDER_ACTIONS.filter((action) => possible.has(action));
}

/** Ends and deadlines of an order that can still be paid. Once it is being closed its deadline is over. */
function waitingActions(order: OrderRecord, now: Date): OrderAction[] {
  if (order.state !== 'creating' && order.state !== 'awaitingPayment') return [];
  const isClosing = order.expiresAt <= now || order.stuckReason === 'close_unconfirmed';
  return isClosing ? ['close'] : ['close', ...deadlineMoves(order, now)];
}

function deadlineMoves({ createdAt, expiresAt, expiresInSeconds }: OrderRecord, now: Date): OrderAction[] {
  const endMs = createdAt.getTime() + MAX_LIFE_MS;
  const placedMs = createdAt.getTime() + expiresInSeconds * 1_000;
  const isAtEnd = expiresAt.getTime() >= endMs;
  const moves: readonly (OrderAction | false)[] = [
    !isAtEnd && 'hold',
    expiresAt.getTime() > placedMs && 'release',
    now.getTime() < endMs && 'extend',
  ];
  return moves.filter((move) => move !== false);
}

function decisions(order: OrderRecord): OrderAction[] {
  const money = looseAttempts(order);
  if (order.state === 'review') return inReview(order, money);
  const held = heldOf(order) !== null;
  if (!held && order.ownStuckReason !== 'review') return [];
  const [isPaid, isLeft] = [order.state === 'paid', money.length > 0];
  const found: readonly (OrderAction | false)[] = [
    (isPaid || isLeft) && 'resolve-accept',
    (held || isLeft) && 'resolve-return',
    order.state === 'closed' && !isLeft && 'resolve-close',
  ];
  return found.filter((action) => action !== false);
}

/**
 * What went back elsewhere can only be left; ending the order is for when nothing is left. Once all of the money is on its way
 * back somebody has decided.
 */
function inReview(order: OrderRecord, money: readonly AttemptRecord[]): OrderAction[] {
  const isDecided = money.length === 0 && order.attempts.some(({ state }) => state === 'succeeded');
  if (isDecided) return [];
  const wentBack = order.reviewReason === 'refunded_elsewhere' ? 1 : 0;
  return money.length > wentBack ? ['resolve-accept', 'resolve-return', 'resolve-close'] : ['resolve-close'];
}

/** Money that WeChat Pay confirmed and that is neither the order's nor on its way back. */
export function looseAttempts(order: OrderRecord): AttemptRecord[] {
  const facts = factsOfRecord(order);
  const loose = new Set(facts.attempts.filter((it) => isLoose(facts, it)).map(({ outTradeNo }) => outTradeNo));
  return order.attempts.filter(({ outTradeNo }) => loose.has(outTradeNo));
}

export function refundActionsFor(order: OrderRecord, refund: RefundRecord): RefundAction[] {
  if (refund.state === 'abnormal') return ['abnormalRefund', 'paidOffline'];
  return canBeReissued(order, refund) ? ['reissue'] : [];
}

/** One of PaySaga's own that came to nothing, whose place none took yet and whose money is free. */
function canBeReissued(order: OrderRecord, { outRefundNo, outTradeNo, amountFen, state }: RefundRecord): boolean {
  const attempt = order.attempts.find((it) => it.outTradeNo === outTradeNo);
  const isReplaced = order.refunds.some(({ predecessor }) => predecessor === outRefundNo);
  const isFree = attempt !== undefined && restFen(attempt) >= amountFen;
  return isOwnRefund(outRefundNo) && isReleased(state) && !isReplaced && isFree;
}

/** What stopped being true before the shop was told is never sent. */
export const canResend = ({ status }: MerchantEventRecord): boolean => status !== 'withdrawn';
