import type { RefundRecord } from '../refund/record.js';
import { FIRST_REFUND_POLL_MS } from '../refund/schedules.js';
import { isRefundFinal } from '../refund/states.js';
import type { OrderRecord } from './record.js';
import { FIRST_WAIT_MS } from './schedules.js';
import { isFinal } from './states.js';

/**
 * When the order's workflow does its next step at the latest, as its row tells; null when nothing is left to do. Its later polls
 * stand in its gateway calls.
 */
export function nextDueOf(order: OrderRecord): Date | null {
  if (isFinal(order.state)) return order.dueAt;
  if (order.state === 'creating') return order.createdAt;
  const opened = order.attempts.filter(({ state }) => state === 'open').flatMap((it) => it.prepayStartedAt ?? []);
  const polls = opened.map((at) => at.getTime() + FIRST_WAIT_MS);
  return new Date(Math.min(order.expiresAt.getTime(), ...polls));
}

/** As {@link nextDueOf}, of a refund. */
export function nextDueOfRefund({ state, appliedAt, createdAt }: RefundRecord): Date | null {
  if (isRefundFinal(state)) return null;
  return state === 'requested' ? createdAt : new Date((appliedAt ?? createdAt).getTime() + FIRST_REFUND_POLL_MS);
}
