import type { Mchid, OrderNo, OutTradeNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import type { PendingEvent } from '../../shop-events/rules/event.js';
import { DEFAULT_POLICY, type Policy } from '../policy.js';
import type { Product } from '../product.js';
import type { RefundCause } from '../refund/states.js';
import type { Evidence } from './evidence.js';
import type { Difference } from './judge.js';
import {
  isWaiting,
  type AttemptState,
  type ClosedReason,
  type Ending,
  type FoundBy,
  type FulfilmentState,
  type OrderStateName,
  type ResolveAction,
  type ResolveOutcome,
  type ReviewReason,
  type StuckReason,
} from './states.js';
import type { Trouble } from './trouble.js';

/** Everything one order's loop decides on: the facts so far, as plain JSON. Only `transition` makes a new one. */
export type OrderState = {
  readonly mchid: Mchid;
  readonly orderNo: OrderNo;
  readonly amountFen: Fen;
  readonly createdAtMs: number;
  readonly deadlineMs: number;
  readonly policy: Policy;
  readonly state: OrderStateName;
  readonly closedReason: ClosedReason | null;
  readonly reviewReason: ReviewReason | null;
  readonly stuckReason: StuckReason | null;
  readonly stuckSinceMs: number | null;
  readonly paidAttempt: OutTradeNo | null;
  readonly paidFen: Fen;
  readonly paidAtMs: number | null;
  readonly foundBy: FoundBy | null;
  readonly closedAtMs: number | null;
  readonly fulfilment: FulfilmentState;
  /** A fulfilment that is overdue and that only a person may decide, and why. */
  readonly held: 'review' | 'shop_unreachable' | null;
  readonly shop: Shop;
  /** Events the shop has not been told, in their order. */
  readonly outbox: readonly PendingEvent[];
  /** Events told, or left to a workflow of their own. */
  readonly handed: readonly string[];
  readonly attempts: readonly Attempt[];
  /** What a person decided; WeChat Pay is being asked first. */
  readonly resolving: ResolveAction | null;
  readonly resolution: ResolveOutcome | null;
  /** Why every attempt is being closed; the order follows once the last one is. */
  readonly ending: Ending | null;
  /** What keeps the gateway from answering, as its callers saw it. */
  readonly trouble: Trouble | null;
  /** Since when a call waits for its answer; whatever is asked meanwhile, the trouble goes on. */
  readonly unansweredSinceMs: number | null;
  /** Money that does not fit a final order: a person decides, and the workflow stays open until then. */
  readonly surplus: boolean;
  /** WeChat Pay says that its payment was refunded, and no refund that PaySaga knows of explains it. */
  readonly refundedElsewhere: boolean;
  /** Something a reader sees is not in Postgres yet. */
  readonly changed: boolean;
  /** Postgres refuses what is known: it is tried again, slowly, and a person sees why. */
  readonly unwritten: boolean;
  /** Postgres knows more than these facts: read it first. `all` also asks WeChat Pay about every attempt again. */
  readonly loading: 'none' | 'facts' | 'all';
  /** Evidence about attempts these facts do not hold yet. */
  readonly orphans: readonly Evidence[];
};

/** Whether the shop knows that it was paid: `atMs` is when it first said so with a 2xx. */
export type Shop =
  { readonly kind: 'untold' | 'unaddressed' | 'unreachable' } | { readonly kind: 'told'; readonly atMs: number };

export type Attempt = {
  readonly outTradeNo: OutTradeNo;
  readonly product: Product;
  readonly appid: string;
  readonly state: AttemptState;
  /** A prepay is due: the first, or a re-entry for a fresh code. */
  readonly wantsCode: boolean;
  /** When the first prepay of this number left; null: none has. */
  readonly firstPrepayAtMs: number | null;
  /** A prepay left and its answer is not known yet. */
  readonly asking: boolean;
  /** A code was handed out: from now on only CLOSED proves that nobody pays. */
  readonly codeGiven: boolean;
  readonly prepayUnknown: boolean;
  readonly refused: boolean;
  /** WeChat Pay's code of the last refused prepay or close. */
  readonly refusedWith: string | null;
  /** The trade under this number is not PaySaga's, or cannot be shown to be: never closed, never money of this order. */
  readonly foreign: boolean;
  readonly openedAtMs: number | null;
  readonly codeExpiresAtMs: number | null;
  readonly transactionId: string | null;
  readonly paidFen: Fen;
  readonly paidAtMs: number | null;
  /** What is known to have gone back of it, or to be on its way, whoever gave it back. */
  readonly backFen: number;
  /** Its money goes back. */
  readonly back: GiveBack | null;
  /** What WeChat Pay said when a person's decision asked. */
  readonly confirmed: 'paid' | 'refunded' | null;
  /** A source that is authenticated disagrees with the order; no later agreement undoes that. */
  readonly disputed: boolean;
  /** What of it disagrees, as far as that can be named. */
  readonly differs: readonly Difference[];
  /** A query somebody waits for: a sync, a recheck, a decision; money found loose in a final order. */
  readonly ask: 'sync' | 'recheck' | 'resolve' | 'settle' | null;
  /** When somebody last asked so that it was a question of its own; 0: never. */
  readonly askedAtMs: number;
  readonly doubt: Doubt | null;
  readonly closing: Closing | null;
};

/** `refused`: no refund of it can be made any more. `left`: a person takes care of it. */
export type GiveBack = { readonly cause: RefundCause; readonly state: 'wanted' | 'started' | 'refused' | 'left' };

/** Evidence says it is paid and no query has confirmed that yet. `nextAtMs` null: asked often enough, a person decides. */
export type Doubt = { readonly transactionId: string; readonly tries: number; readonly nextAtMs: number | null };

/** Where query → close → query stands. */
export type Closing = {
  readonly next: 'query' | 'close' | 'verify';
  readonly tries: number;
  /** When the first answer came. */
  readonly sinceMs: number | null;
  readonly nextAtMs: number;
  /** When a query first said that there is no such trade. */
  readonly missingSinceMs: number | null;
  readonly unconfirmed: boolean;
  /** When somebody asked for it; null: a deadline did, or another attempt. */
  readonly askedAtMs: number | null;
  /** A limit turned the last close away until then. */
  readonly limitedUntilMs: number;
  /** WeChat Pay refuses the merchant's right to close. */
  readonly misconfigured: boolean;
};

export const attemptOf = (state: OrderState, outTradeNo: OutTradeNo): Attempt | undefined =>
  state.attempts.find((attempt) => attempt.outTradeNo === outTradeNo);

export function withAttempt(state: OrderState, outTradeNo: OutTradeNo, patch: Partial<Attempt>): OrderState {
  const attempts = state.attempts.map((it) => (it.outTradeNo === outTradeNo ? { ...it, ...patch } : it));
  return { ...state, attempts };
}

/** False while all that is known of an order is its number: every row has an attempt. */
export const isKnown = (state: OrderState): boolean => state.attempts.length > 0;

/** Readers of Postgres see all of it, and it knows all that they see. */
export const isWritten = (state: OrderState): boolean => !state.changed && state.loading === 'none';

export const isUnsettled = (attempt: Attempt): boolean => attempt.state === 'preparing' || attempt.state === 'open';

/** The order takes no more money: what is still payable must be closed. */
export function takesNoMoney(state: OrderState): boolean {
  return state.ending !== null || state.state === 'paid' || state.state === 'closed' || holdsDisputedMoney(state);
}

/** A review that money caused; the other cause, `evidence_conflict`, still hopes for a query that confirms. */
export const holdsDisputedMoney = (state: OrderState): boolean =>
  state.state === 'review' && state.reviewReason !== 'evidence_conflict';

/** An attempt that evidence still says is paid, asked about so often that only slow polling and a person remain. */
export const isExhausted = (attempt: Attempt): boolean => attempt.doubt !== null && attempt.doubt.nextAtMs === null;

/** Evidence is still being looked into: deadlines pause. */
export const isDoubted = (attempt: Attempt): boolean => attempt.doubt !== null && attempt.doubt.nextAtMs !== null;

/** A code was handed out, or a prepay may have taken effect unheard: a trade of this number is PaySaga's, unless its money tells otherwise. */
export const isOurs = ({ codeGiven, prepayUnknown, asking }: Attempt): boolean => codeGiven || prepayUnknown || asking;

/** Less time than this before the deadline is not worth another number. */
const WORTH_A_NUMBER_MS = 60_000;

/**
 * Nobody can pay the order, and its next number would help: the last was taken by somebody else, or its code was lost, or it was
 * closed elsewhere. Not after a definitive refusal, which the next number would meet as well.
 */
export function wantsNextNumber(state: OrderState, nowMs: number): boolean {
  const last = state.attempts.at(-1);
  if (last === undefined || !isPayable(state) || state.deadlineMs - nowMs < WORTH_A_NUMBER_MS) return false;
  if (state.attempts.some((attempt) => isUnsettled(attempt) || attempt.doubt !== null)) return false;
  return last.state === 'closed' || last.foreign || (last.state === 'failed' && !last.refused);
}

/** What is still there of its money, as far as PaySaga knows. */
export const leftFen = ({ paidFen, backFen }: Attempt): number => Math.max(0, paidFen - backFen);

/** Confirmed money of this attempt that is neither the order's nor on its way back. */
export const isLoose = (state: OrderState, attempt: Attempt): boolean =>
  attempt.state === 'succeeded' && attempt.back === null && attempt.outTradeNo !== state.paidAttempt;

export const isPayable = (state: OrderState): boolean => isWaiting(state.state) && state.ending === null;

export const isWatched = (attempt: Attempt): boolean => isUnsettled(attempt) && attempt.codeGiven;

export function newAttempt(outTradeNo: OutTradeNo, product: Product, appid: string): Attempt {
  return {
    outTradeNo,
    product,
    appid,
    state: 'preparing',
    wantsCode: true,
    firstPrepayAtMs: null,
    asking: false,
    codeGiven: false,
    prepayUnknown: false,
    refused: false,
    refusedWith: null,
    foreign: false,
    openedAtMs: null,
    codeExpiresAtMs: null,
    transactionId: null,
    paidFen: NO_MONEY,
    paidAtMs: null,
    backFen: 0,
    back: null,
    confirmed: null,
    disputed: false,
    differs: [],
    ask: null,
    askedAtMs: 0,
    doubt: null,
    closing: null,
  };
}

export const NO_MONEY = 0 as Fen;

export type NewOrder = {
  readonly mchid: Mchid;
  readonly orderNo: OrderNo;
  readonly amountFen: Fen;
  readonly createdAtMs: number;
  readonly deadlineMs: number;
  readonly policy?: Policy;
  readonly attempts: readonly Attempt[];
};

export function newOrder({ policy = DEFAULT_POLICY, ...facts }: NewOrder): OrderState {
  return {
    ...facts,
    policy,
    state: 'creating',
    closedReason: null,
    reviewReason: null,
    stuckReason: null,
    stuckSinceMs: null,
    paidAttempt: null,
    paidFen: NO_MONEY,
    paidAtMs: null,
    foundBy: null,
    closedAtMs: null,
    fulfilment: 'none',
    held: null,
    shop: { kind: 'untold' },
    outbox: [],
    handed: [],
    resolving: null,
    resolution: null,
    ending: null,
    trouble: null,
    unansweredSinceMs: null,
    surplus: false,
    refundedElsewhere: false,
    changed: false,
    unwritten: false,
    loading: 'none',
    orphans: [],
  };
}
