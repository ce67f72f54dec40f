/** What each `trade_state` of a query says of a trade, whatever API it is asked by. */
export const TRADE_STATES: readonly (readonly [tradeState: string, answer: object])[] = [
  ['SUCCESS', { kind: 'paid', trade: { totalFen: 1_205 } }],
  ['REFUND', { kind: 'refunded', trade: { totalFen: 1_205 } }],
  ['NOTPAY', { kind: 'notPaid' }],
  ['USERPAYING', { kind: 'notPaid' }],
  ['USER_PAYING', { kind: 'notPaid' }],
  ['PAYERROR', { kind: 'notPaid', isOver: true }],
  ['PAY_ERROR', { kind: 'notPaid', isOver: true }],
  ['CLOSED', { kind: 'closed' }],
  ['REVOKED', { kind: 'closed' }],
  ['ACCEPT', { kind: 'unrecognised', tradeState: 'ACCEPT' }],
  ['SOMETHING_NEW', { kind: 'unrecognised', tradeState: 'SOMETHING_NEW' }],
  ['constructor', { kind: 'unrecognised', tradeState: 'constructor' }],
];
