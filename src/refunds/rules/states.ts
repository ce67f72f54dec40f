export const REFUND_STATES = ['requested', 'processing', 'succeeded', 'rejected', 'closed', 'abnormal'] as const;
export type RefundStateName = (typeof REFUND_STATES)[number];

export const UNSETTLED_REFUND_STATES = [
  'requested',
  'processing',
  'abnormal',
] as const satisfies readonly RefundStateName[];

/** WeChat Pay took it, whatever became of it then. */
export const ACCEPTED_REFUND_STATES = [
  'processing',
  'succeeded',
  'closed',
  'abnormal',
] as const satisfies readonly RefundStateName[];

/** Why the money goes back: the shop asked, PaySaga returns what nobody expected or nobody fulfilled, or somebody else did it at WeChat Pay. */
export const REFUND_CAUSES = [
  'shop',
  'late_payment',
  'second_payment',
  'fulfilment_rejected',
  'fulfilment_overdue',
  'operator',
  'external',
] as const;
export type RefundCause = (typeof REFUND_CAUSES)[number];

/** Under a number that PaySaga made. */
export type OwnCause = Exclude<RefundCause, 'shop' | 'external'>;
export const isOwn = (cause: RefundCause): cause is OwnCause => cause !== 'shop' && cause !== 'external';

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

/** The refund came to nothing: its money is free for another one. */
export const isReleased = (state: RefundStateName): boolean => state === 'rejected' || state === 'closed';

/** What keeps a refund from its end; shows as its order's `stuckReason`. */
export const REFUND_TROUBLES = [
  'merchant_config',
  'gateway_unreachable',
  'merchant_balance',
  'not_written',
  'refund_failed',
] as const;
export type RefundTrouble = (typeof REFUND_TROUBLES)[number];

export const REFUND_RESOLVE_ACTIONS = ['abnormalRefund', 'reissue', 'paidOffline'] as const;
export type RefundResolveAction = (typeof REFUND_RESOLVE_ACTIONS)[number];

/**
 * `unconfirmed`: WeChat Pay did not confirm the refund's state when it was asked. `not_applicable`: the refund is not in a state
 * for it. `not_allowed`: a number of the shop's own is not issued again, nor one whose successor was decided otherwise. `refused`: WeChat Pay refused.
 */
export type RefundResolveOutcome = 'resolved' | 'unconfirmed' | 'not_applicable' | 'not_allowed' | 'refused';
