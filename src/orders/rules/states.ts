export const ORDER_STATES = ['creating', 'awaitingPayment', 'paid', 'closed', 'review'] as const;
export type OrderStateName = (typeof ORDER_STATES)[number];

export const UNFINISHED_ORDER_STATES = [
  'creating',
  'awaitingPayment',
  'review',
] as const satisfies readonly OrderStateName[];

export const CLOSED_REASONS = ['expired', 'cancelled', 'rejected', 'returned', 'reversed'] as const;
export type ClosedReason = (typeof CLOSED_REASONS)[number];

/** Why an order is being closed; it becomes the reason once every attempt is confirmed closed. */
export const ENDINGS = ['expired', 'cancelled', 'returned'] as const;
export type Ending = (typeof ENDINGS)[number];

export const REVIEW_REASONS = [
  'amount_mismatch',
  'evidence_conflict',
  'refunded_elsewhere',
  'late_payment',
  'number_in_use',
] as const;
export type ReviewReason = (typeof REVIEW_REASONS)[number];

export const STUCK_REASONS = [
  'stalled',
  'merchant_config',
  'gateway_unreachable',
  'close_unconfirmed',
  'not_written',
  'review',
  'merchant_balance',
  'refund_failed',
  'shop_unreachable',
  'refunded_elsewhere',
] as const;
export type StuckReason = (typeof STUCK_REASONS)[number];

/** What made PaySaga ask WeChat Pay when it found the order's money: its notify, its own polling, the shop's sync, the deadline's or a person's question, its own charge. */
export const FOUND_BY = ['notify', 'poll', 'sync', 'close', 'operator', 'charge'] as const;
export type FoundBy = (typeof FOUND_BY)[number];

export const ATTEMPT_STATES = ['preparing', 'open', 'succeeded', 'closed', 'failed'] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

export const FULFILMENT_STATES = ['none', 'pending', 'fulfilled', 'rejected', 'overdue'] as const;
export type FulfilmentState = (typeof FULFILMENT_STATES)[number];

/** What a person may decide: take the money or leave things as they are, give it back, or end an order without money. */
export const RESOLVE_ACTIONS = ['accept', 'return', 'close'] as const;
export type ResolveAction = (typeof RESOLVE_ACTIONS)[number];

/**
 * `unconfirmed`: WeChat Pay did not confirm the money when it was asked. `not_applicable`: there is nothing to decide in this
 * way. `money_held`: the money is still there, and this decision would leave it behind. `not_ours`: the money under
 * the number is somebody else's, and none of the order's own is there; it is neither taken nor given back.
 */
export type ResolveOutcome = 'resolved' | 'unconfirmed' | 'not_applicable' | 'money_held' | 'not_ours';

/**
 * Every move an order may make; SQL holds the same table and refuses any other. `paid` is never left: money that does not
 * fit a paid order shows as its `stuckReason`. `closed` is left only for money that a query confirmed afterwards.
 */
export const ORDER_TRANSITIONS: Readonly<Record<OrderStateName, readonly OrderStateName[]>> = {
  creating: ['awaitingPayment', 'paid', 'closed', 'review'],
  awaitingPayment: ['paid', 'closed', 'review'],
  review: ['paid', 'closed'],
  closed: ['paid', 'review'],
  paid: [],
};

/** As {@link ORDER_TRANSITIONS}. What is overdue may still be taken as delivered, by a person. */
export const FULFILMENT_TRANSITIONS: Readonly<Record<FulfilmentState, readonly FulfilmentState[]>> = {
  none: ['pending'],
  pending: ['fulfilled', 'rejected', 'overdue'],
  overdue: ['fulfilled'],
  fulfilled: [],
  rejected: [],
};

/** As {@link ORDER_TRANSITIONS}. An attempt found paid after it was closed or given up has `succeeded`: money is a fact. */
export const ATTEMPT_TRANSITIONS: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  preparing: ['open', 'succeeded', 'closed', 'failed'],
  open: ['succeeded', 'closed', 'failed'],
  closed: ['succeeded'],
  failed: ['succeeded', 'closed'],
  succeeded: [],
};

export const isWaiting = (state: OrderStateName): boolean => state === 'creating' || state === 'awaitingPayment';

export const isFinal = (state: OrderStateName): boolean => state === 'paid' || state === 'closed';
