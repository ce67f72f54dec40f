import type { MerchantEventRecord } from '../../../shop-events/rules/event.js';
import { actsOf, standingOf, type OrderAct } from '../../../domain/order/acts.js';
import { orderOfRecord } from '../../../domain/order/loaded.js';
import type { AttemptRecord, OrderRecord } from '../../../domain/order/record.js';
import { isLoose } from '../../../domain/order/state.js';
import { canBeReissued, mayBeRefundedElsewhere, shopRefundObjection } from '../../../domain/refund/guard.js';
import type { RefundRecord } from '../../../domain/refund/record.js';
import { ORDER_ACTIONS, type OrderAction, type RefundAction } from '../actions/names.js';

/** What can be done about an order now, as far as its row knows; WeChat Pay may still say otherwise when it is asked. */
export function actionsFor(order: OrderRecord, now: Date): OrderAction[] {
  const acts = actsOf(standingOf(order), now.getTime());
  const possible = new Set<OrderAction>(acts.map((act) => NAMES[act]));
  const placedMs = order.createdAt.getTime() + order.expiresInSeconds * 1_000;
  if (acts.some((act) => act === 'extend') && order.expiresAt.getTime() > placedMs) possible.add('release');
  if (order.stuckReason === 'stalled') possible.add('rescue');
  if (shopRefundObjection(order, 1, now) === undefined) possible.add('refund');
  if (mayBeRefundedElsewhere(order)) possible.add('external-refund');
  return ORDER_ACTIONS.filter((action) => possible.has(action));
}

const NAMES = {
  recheck: 'recheck',
  close: 'close',
  hold: 'hold',
  extend: 'extend',
  accept: 'resolve-accept',
  return: 'resolve-return',
  dismiss: 'resolve-close',
} as const satisfies Record<OrderAct, OrderAction>;

/** Money that WeChat Pay confirmed and that is neither the order's nor on its way back. */
export function looseAttempts(order: OrderRecord): AttemptRecord[] {
  const facts = orderOfRecord(order);
  const loose = new Set(facts.attempts.filter((it) => isLoose(facts, it)).map(({ outTradeNo }) => outTradeNo));
  return order.attempts.filter(({ outTradeNo }) => loose.has(outTradeNo));
}

export function refundActionsFor(order: OrderRecord, refund: RefundRecord): RefundAction[] {
  if (refund.state === 'abnormal') return ['abnormalRefund', 'paidOffline'];
  return canBeReissued(order, refund) ? ['reissue'] : [];
}

/** What stopped being true before the shop was told is never sent. */
export const canResend = ({ status }: MerchantEventRecord): boolean => status !== 'withdrawn';
