/** What somebody may have asked, as it is kept: a decision's word, or the shop's answer to `order.paid`. */
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
  'approve',
  'reject',
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
  // Its money may be on its way already, to the card that was named first.
  abnormalRefund: [],
};
