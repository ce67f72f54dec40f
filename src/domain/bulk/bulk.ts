/** What can be done to many orders at once. */
export const BULK_ACTIONS = ['hold', 'release', 'recheck', 'extend', 'rescue'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

/** What became of one order of a bulk: `done`, or the code that the same call about it alone would have been answered by. */
export type BulkOutcome =
  | 'done'
  | 'order_not_found'
  | 'order_closed'
  | 'order_not_payable'
  | 'not_stalled'
  | 'invalid_request'
  | 'outcome_pending';

/** Orders, by how far a bulk has come with them. The three that are counted add up to `total`. */
export type BulkProgress = {
  readonly total: number;
  /** Done as asked. */
  readonly done: number;
  readonly failed: number;
  readonly open: number;
};
