export type { BulkAction } from '../domain/bulk/bulk.js';

/** Words that only stored rows use, beside the domain's own lists. */
export const INBOX_STATUSES = ['verified', 'signalled', 'duplicate', 'unmatched'] as const;
export type InboxStatus = (typeof INBOX_STATUSES)[number];

export const INBOX_PROTOCOLS = ['v3'] as const;
export type InboxProtocol = (typeof INBOX_PROTOCOLS)[number];

export const INBOX_KINDS = ['payment', 'refund'] as const;
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
  'redrive',
] as const;
export type OperatorAction = (typeof OPERATOR_ACTIONS)[number];

export const API_KEY_KINDS = ['merchant', 'operator'] as const;
export type ApiKeyKind = (typeof API_KEY_KINDS)[number];
