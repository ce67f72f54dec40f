import type { Mchid, OutRefundNo } from '../ids.js';
import type { Trouble } from '../order/trouble.js';
import type { RefundStateName } from './states.js';

/** What of a refund's facts readers see: written under the order's row lock, with the attempt's sums. Plain JSON. */
export type RefundProjection = {
  readonly mchid: Mchid;
  readonly outRefundNo: OutRefundNo;
  readonly state: RefundStateName;
  readonly refundId: string | null;
  readonly succeededAtMs: number | null;
  readonly offline: boolean;
  readonly trouble: Trouble | null;
};
