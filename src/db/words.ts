import type { OrderStateName } from '../orders/rules/states.js';
import type { RefundStateName } from '../refunds/rules/states.js';

/** Words that only stored rows use, beside the domain's own lists. */
export const INBOX_STATUSES = ['verified', 'signalled', 'duplicate', 'unmatched', 'unsupported'] as const;
export type InboxStatus = (typeof INBOX_STATUSES)[number];

/** Notifies nobody was told of yet. */
export const UNFINISHED_INBOX_STATUSES = ['verified', 'unmatched'] as const satisfies readonly InboxStatus[];

/** States in which an order still waits for something. */
export const UNFINISHED_ORDER_STATES = [
  'creating',
  'awaitingPayment',
  'review',
] as const satisfies readonly OrderStateName[];

/** States in which a refund still waits for something, and holds its money. */
export const UNSETTLED_REFUND_STATES = [
  'requested',
  'processing',
  'abnormal',
] as const satisfies readonly RefundStateName[];

export const INBOX_PROTOCOLS = ['v3'] as const;
export type InboxProtocol = (typeof INBOX_PROTOCOLS)[number];

/** `other`: of a product that this build does not handle. */
export const INBOX_KINDS = ['payment', 'refund', 'other'] as const;
export type InboxKind = (typeof INBOX_KINDS)[number];

export const OPERATOR_ACTIONS = [
  'close',
  'extend',
  'hold',
  'release',
  'recheck',
  'resolve',
  'refund',
  'fulfilment',
  'resend',
  'abnormalRefund',
  'reissue',
  'paidOffline',
  'externalRefund',
  'redrive',
  'rescue',
] as const;
export type OperatorAction = (typeof OPERATOR_ACTIONS)[number];

/** There is one deadline: whoever moves it last must not be overtaken by a move that nobody could be told of before. */
const DEADLINE_MOVES = ['extend', 'hold', 'release'] as const satisfies readonly OperatorAction[];

/**
 * The open requests of an order whose place another one takes: an earlier one of the same action, unless this says otherwise. Of
 * none: what was said first stands, heard or not.
 */
export const SUPERSEDES: Readonly<Partial<Record<OperatorAction, readonly OperatorAction[]>>> = {
  extend: DEADLINE_MOVES,
  hold: DEADLINE_MOVES,
  release: DEADLINE_MOVES,
  fulfilment: [],
};

export const SWEPT_BY = ['schedule', 'worker'] as const;
export type SweptBy = (typeof SWEPT_BY)[number];

export const API_KEY_KINDS = ['merchant', 'operator'] as const;
export type ApiKeyKind = (typeof API_KEY_KINDS)[number];
