import { REFUND_RESOLVE_ACTIONS } from '../../../domain/refund/states.js';

/** What a person can do to an order; each is the last part of its form's address. */
export const ORDER_ACTIONS = [
  'recheck',
  'rescue',
  'close',
  'hold',
  'release',
  'extend',
  'resolve-accept',
  'resolve-return',
  'resolve-close',
  'refund',
  'external-refund',
] as const;
export type OrderAction = (typeof ORDER_ACTIONS)[number];

export const REFUND_ACTIONS = REFUND_RESOLVE_ACTIONS;
export type RefundAction = (typeof REFUND_ACTIONS)[number];

export type EventAction = 'resend';
export type InboxAction = 'redrive';

export type ActionName = OrderAction | RefundAction | EventAction | InboxAction;

/** What a person can come back with, told on the order's page; anything else in the address is not shown. */
export const FLASHES = [
  ...ORDER_ACTIONS,
  ...REFUND_ACTIONS,
  'resend',
  'redrive',
  'close-pending',
  'refund-known',
  'external-refund-known',
] as const;
export type Flash = (typeof FLASHES)[number];
