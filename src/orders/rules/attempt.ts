import type { OutTradeNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import type { Product } from './product.js';
import type { RefundCause } from '../../refunds/rules/states.js';
import type { Difference } from './evidence.js';

export type Attempt = {
  readonly outTradeNo: OutTradeNo;
  readonly product: Product;
  readonly appid: string;
  readonly phase: AttemptPhase;
  readonly prepay: Prepay;
  /** The code that was handed out last: from the first on only CLOSED proves that nobody pays. `pace`: of its polls; absent in histories of before. */
  readonly code: { readonly openedAtMs: number; readonly expiresAtMs: number | null; readonly pace?: number } | null;
  /** The last prepay or close that WeChat Pay refused; `isFinal`: the prepay, for good. */
  readonly refusal: { readonly code: string | null; readonly isFinal: boolean } | null;
  /** What an authenticated source says otherwise than the order; no later agreement undoes it. Null: all agree. */
  readonly dispute: readonly Difference[] | null;
  readonly ask: Ask | null;
  readonly doubt: Doubt | null;
  readonly closing: Closing | null;
  /** A reverse of this charge was decided: whatever of it succeeds goes back. */
  readonly isReversing: boolean;
};

/** `foreign`: the trade under this number is not PaySaga's, or cannot be shown to be; it is never closed, and no money of the order's. */
export type AttemptPhase =
  | { readonly state: 'preparing' | 'open' | 'closed' }
  | { readonly state: 'failed'; readonly foreign: boolean }
  | ({ readonly state: 'succeeded' } & Payment);

/** Money that a query confirmed. */
export type Payment = {
  readonly transactionId: string;
  readonly paidFen: Fen;
  readonly paidAtMs: number;
  /** What is known to have gone back of it, or to be on its way, whoever gave it back. */
  readonly backFen: number;
  readonly back: GiveBack | null;
  /** What WeChat Pay said when a person's decision asked. */
  readonly confirmed: 'paid' | 'refunded' | null;
};

/** `refused`: no refund of it can be made any more. `left`: a person takes care of it. */
export type GiveBack = { readonly cause: RefundCause; readonly state: 'wanted' | 'started' | 'refused' | 'left' };

export type Prepay = {
  /** The first is to leave, or a re-entry for a fresh code. */
  readonly isDue: boolean;
  /** Null: none has left. `isAsking`: the answer to the last is not known yet. `isUnknown`: one may have taken effect unheard. */
  readonly sent: { readonly firstAtMs: number; readonly isAsking: boolean; readonly isUnknown: boolean } | null;
};

/**
 * A query somebody waits for: a sync, a recheck, a decision; money found loose in a final order; what became of a charge. `atMs` 0:
 * no call of its own.
 */
export type Ask = { readonly why: 'sync' | 'recheck' | 'resolve' | 'settle' | 'charge'; readonly atMs: number };

/** Evidence says it is paid and no query has confirmed that yet. `nextAtMs` null: asked often enough, a person decides. */
export type Doubt = { readonly transactionId: string; readonly tries: number; readonly nextAtMs: number | null };

export type Closing = {
  readonly next: ClosingStep;
  readonly tries: number;
  /** When the first answer came; of a trade that is too young, when WeChat Pay takes a close of it. */
  readonly sinceMs: number | null;
  /** When somebody asked for it; null: a deadline did, or another attempt. */
  readonly askedAtMs: number | null;
  /** A limit turned the last close away until then. */
  readonly limitedUntilMs: number;
  /** It has lasted so long that people are told. */
  readonly isUnconfirmed: boolean;
  readonly isMisconfigured: boolean;
};

/** `verify` asks at once what a close came to. `missingSinceMs`: when a query first said that there is no such trade. */
export type ClosingStep =
  | { readonly kind: 'query'; readonly atMs: number; readonly missingSinceMs: number | null }
  | { readonly kind: 'close'; readonly atMs: number }
  | { readonly kind: 'verify' };

export const newAttempt = (outTradeNo: OutTradeNo, product: Product, appid: string): Attempt => ({
  outTradeNo,
  product,
  appid,
  phase: { state: 'preparing' },
  prepay: { isDue: true, sent: null },
  code: null,
  refusal: null,
  dispute: null,
  ask: null,
  doubt: null,
  closing: null,
  isReversing: false,
});

export const paymentOf = ({ phase }: Pick<Attempt, 'phase'>): Payment | null =>
  phase.state === 'succeeded' ? phase : null;

export const backOf = (attempt: Pick<Attempt, 'phase'>): GiveBack | null => paymentOf(attempt)?.back ?? null;

/** What is still there of its money, as far as PaySaga knows. */
export function leftFen(attempt: Pick<Attempt, 'phase'>): number {
  const payment = paymentOf(attempt);
  return payment === null ? 0 : Math.max(0, payment.paidFen - payment.backFen);
}

export const isUnsettled = ({ phase }: Pick<Attempt, 'phase'>): boolean =>
  phase.state === 'preparing' || phase.state === 'open';

export const isForeign = ({ phase }: Pick<Attempt, 'phase'>): boolean => phase.state === 'failed' && phase.foreign;

/** Without a code, and not because somebody else has the number: the next number would be refused as well. */
export const isRefusedForGood = ({ phase, refusal }: Attempt): boolean =>
  phase.state === 'failed' && !phase.foreign && refusal?.isFinal === true;

/** A code was handed out, or a prepay may have taken effect unheard: a trade of this number is PaySaga's, unless its money tells otherwise. */
export const isOurs = ({ code, prepay: { sent } }: Attempt): boolean =>
  code !== null || (sent !== null && (sent.isAsking || sent.isUnknown));

/** An attempt that evidence still says is paid, asked about so often that only slow polling and a person remain. */
export const isExhausted = ({ doubt }: Attempt): boolean => doubt !== null && doubt.nextAtMs === null;

/** Evidence is still being looked into: deadlines pause. */
export const isDoubted = ({ doubt }: Attempt): boolean => doubt !== null && doubt.nextAtMs !== null;

/** The payer's code is charged by PaySaga, once; the trade is not closed but reversed. */
export const isCharge = ({ product }: Pick<Attempt, 'product'>): boolean => product === 'codeScan';

/** Money of a charge that is being reversed is no payment but a reason to reverse it again. */
export const isBeingReversed = (attempt: Attempt): boolean => attempt.isReversing && isUnsettled(attempt);

export const isWatched = (attempt: Attempt): boolean =>
  isUnsettled(attempt) && (isCharge(attempt) ? attempt.prepay.sent !== null : attempt.code !== null);

export const withoutPrepay = ({ prepay }: Attempt): Pick<Attempt, 'prepay'> => ({
  prepay: { ...prepay, isDue: false },
});
