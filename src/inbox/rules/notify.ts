export const INBOX_STATUSES = ['verified', 'signalled', 'duplicate', 'unmatched', 'unsupported'] as const;
export type InboxStatus = (typeof INBOX_STATUSES)[number];

/** Notifies that no order or refund has got yet. */
export const UNFINISHED_INBOX_STATUSES = ['verified', 'unmatched'] as const satisfies readonly InboxStatus[];

export const INBOX_PROTOCOLS = ['v3', 'v2'] as const;
export type InboxProtocol = (typeof INBOX_PROTOCOLS)[number];

/** `other`: of a product that this build does not handle. */
export const INBOX_KINDS = ['payment', 'refund', 'other'] as const;
export type InboxKind = (typeof INBOX_KINDS)[number];
