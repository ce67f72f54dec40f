export const REFUND_STATES = ['requested', 'processing', 'succeeded', 'rejected', 'closed', 'abnormal'] as const;
export type RefundStateName = (typeof REFUND_STATES)[number];

/** Why the money goes back: the shop asked, or PaySaga returns what nobody expected or nobody fulfilled. */
export const REFUND_CAUSES = [
  'shop',
  'late_payment',
  'second_payment',
  'fulfilment_rejected',
  'fulfilment_overdue',
  'operator',
] as const;
export type RefundCause = (typeof REFUND_CAUSES)[number];

/** Every move a refund may make; SQL holds the same table. `rejected` and `closed` release what was reserved. */
export const REFUND_TRANSITIONS: Readonly<Record<RefundStateName, readonly RefundStateName[]>> = {
  requested: ['processing', 'succeeded', 'rejected', 'closed', 'abnormal'],
  processing: ['succeeded', 'closed', 'abnormal'],
  abnormal: ['processing', 'succeeded', 'closed'],
  succeeded: [],
  rejected: [],
  closed: [],
};

export const isRefundFinal = (state: RefundStateName): boolean => REFUND_TRANSITIONS[state].length === 0;

/** Came to nothing: its money is free for another refund. */
export const isReleased = (state: RefundStateName): boolean => state === 'rejected' || state === 'closed';
