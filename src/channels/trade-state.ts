import { cleaned } from './fields.js';

/** What a `trade_state` says of a trade, in either API. */
export function tradeStateOf(word: string): TradeState {
  const plain = word.replaceAll('_', '');
  const kind = KINDS.get(plain);
  if (kind === undefined) return { kind: 'unrecognised', tradeState: cleaned(word, 64) };
  // The payer has refused, or could not pay: nobody completes this charge any more.
  return plain === 'PAYERROR' && kind === 'notPaid' ? { kind, isOver: true } : { kind };
}

type TradeState =
  | { readonly kind: 'paid' }
  | { readonly kind: 'refunded' }
  | { readonly kind: 'notPaid'; readonly isOver?: boolean }
  | { readonly kind: 'closed' }
  | { readonly kind: 'unrecognised'; readonly tradeState: string };

const KINDS: ReadonlyMap<string, Exclude<TradeState['kind'], 'unrecognised'>> = new Map([
  ['SUCCESS', 'paid'],
  // At least one refund was asked for; the payment stands beside it.
  ['REFUND', 'refunded'],
  // The last two belong to code scanning; either way nobody has paid.
  ['NOTPAY', 'notPaid'],
  ['USERPAYING', 'notPaid'],
  ['PAYERROR', 'notPaid'],
  // Revoked: by a reverse, which ends a trade as a close does.
  ['CLOSED', 'closed'],
  ['REVOKED', 'closed'],
]);
