import type { Mchid, OutRefundNo } from '../../base/ids.js';
import type { RefundRecord } from './record.js';
import { FIRST_REFUND_POLL_MS } from './schedules.js';
import type { RefundState } from './state.js';
import { isRefundFinal, type RefundStateName, type RefundTrouble } from './states.js';

/** What of a refund's facts readers see: written under the order's row lock, with the attempt's sums. Plain JSON. */
export type RefundProjection = {
  readonly mchid: Mchid;
  readonly outRefundNo: OutRefundNo;
  readonly state: RefundStateName;
  readonly refundId: string | null;
  readonly succeededAtMs: number | null;
  readonly offline: boolean;
  readonly trouble: RefundTrouble | null;
};

export function refundProjectionOf(refund: Omit<RefundState, 'confirmed'>): RefundProjection {
  const { mchid, outRefundNo, phase, refundId, gateway, mismatched } = refund;
  const { state } = phase;
  const { atMs: succeededAtMs, offline } = state === 'succeeded' ? phase : { atMs: null, offline: false };
  const trouble = mismatched && !isRefundFinal(state) ? 'refund_failed' : gateway.trouble;
  return { mchid, outRefundNo, state, refundId, succeededAtMs, offline, trouble };
}

/** Something a reader sees is not in Postgres yet. */
export const isRefundChanged = (refund: RefundState): boolean =>
  JSON.stringify(refundProjectionOf(refund)) !== JSON.stringify(refund.confirmed);

/** When the refund's workflow does its next step at the latest, as its row tells; null when nothing is left to do. */
export function nextDueOfRefund({ state, appliedAt, createdAt }: RefundRecord): Date | null {
  if (isRefundFinal(state)) return null;
  return state === 'requested' ? createdAt : new Date((appliedAt ?? createdAt).getTime() + FIRST_REFUND_POLL_MS);
}
