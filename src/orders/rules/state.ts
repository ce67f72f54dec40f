import type { Mchid, OrderNo, OutTradeNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import type { PendingEvent } from '../../shop-events/rules/event.js';
import type { Policy } from './policy.js';
import type { RefundCause } from '../../refunds/rules/states.js';
import { isCharge, isRefusedForGood, isUnsettled, paymentOf, type Attempt, type Payment } from './attempt.js';
import type { Evidence } from './evidence.js';
import type { OrderProjection } from './projection.js';
import {
  isFinal,
  isWaiting,
  type ClosedReason,
  type Ending,
  type FoundBy,
  type FulfilmentState,
  type ResolveAction,
  type ResolveOutcome,
  type ReviewReason,
} from './states.js';
import type { Trouble } from './trouble.js';

/** Everything one order's loop decides on, as plain JSON. What follows from the rest is computed (ADR 41). */
export type OrderState = {
  readonly mchid: Mchid;
  readonly orderNo: OrderNo;
  readonly amountFen: Fen;
  readonly createdAtMs: number;
  readonly deadlineMs: number;
  readonly policy: Policy;
  readonly phase: OrderPhase;
  readonly attempts: readonly Attempt[];
  readonly telling: Telling;
  readonly decision: Decision | null;
  readonly gateway: GatewaySilence;
  /** Money that does not fit a final order: a person decides, and the workflow stays open until then. */
  readonly surplus: boolean;
  /** Evidence about attempts these facts do not hold yet. */
  readonly orphans: readonly Evidence[];
  readonly stuckSinceMs: number | null;
  /** Postgres knows more than these facts: read it first. `all` also asks WeChat Pay about every attempt again. */
  readonly loading: 'none' | 'facts' | 'all';
  /** Postgres refuses what is known: it is tried again, slowly, and a person sees why. */
  readonly unwritten: boolean;
  /** What Postgres is known to hold of all this. */
  readonly confirmed: OrderProjection;
};

/** `ending`: every attempt is being closed, and the order follows once the last one is. `was`: the end that late money undid. */
export type OrderPhase =
  | { readonly state: 'creating' | 'awaitingPayment'; readonly ending: Ending | null }
  | {
      readonly state: 'review';
      readonly reason: ReviewReason;
      readonly ending: Ending | null;
      readonly was: Closed | null;
    }
  | Paid
  | Closed;

export type Paid = {
  readonly state: 'paid';
  readonly outTradeNo: OutTradeNo;
  readonly foundBy: FoundBy | null;
  readonly fulfilment: Fulfilment;
  /** WeChat Pay says that this money was refunded, and no refund that PaySaga knows of explains it. */
  readonly refundedElsewhere: boolean;
  readonly was: Closed | null;
};

export type Closed = { readonly state: 'closed'; readonly reason: ClosedReason; readonly atMs: number };

/** `undecided`: why only a person may decide about an overdue fulfilment; null once that is decided. */
export type Fulfilment =
  | { readonly state: Exclude<FulfilmentState, 'overdue'> }
  | { readonly state: 'overdue'; readonly undecided: Undecided | null };
export type Undecided = 'review' | 'shop_unreachable';

export type Telling = {
  readonly shop: Shop;
  /** Events the shop has not been told, in their order. */
  readonly outbox: readonly PendingEvent[];
  /** Events told, or left to a workflow of their own. */
  readonly handed: readonly string[];
};

/** Whether the shop knows that it was paid: `atMs` is when it first said so with a 2xx. */
export type Shop =
  { readonly kind: 'untold' | 'unaddressed' | 'unreachable' } | { readonly kind: 'told'; readonly atMs: number };

/** What a person decided: WeChat Pay is being asked first, and then it has come to something. */
export type Decision =
  | { readonly kind: 'asking'; readonly action: ResolveAction; readonly refusesOwn: boolean }
  | { readonly kind: 'made'; readonly outcome: ResolveOutcome };

/** What keeps WeChat Pay from answering, and since when a call waits; whatever is asked meanwhile, both go on. */
export type GatewaySilence = { readonly trouble: Trouble | null; readonly unansweredSinceMs: number | null };

export const ANSWERING: GatewaySilence = { trouble: null, unansweredSinceMs: null };

export const attemptOf = (order: Pick<OrderState, 'attempts'>, outTradeNo: OutTradeNo): Attempt | undefined =>
  order.attempts.find((attempt) => attempt.outTradeNo === outTradeNo);

export function withAttempt(order: OrderState, outTradeNo: OutTradeNo, patch: Partial<Attempt>): OrderState {
  const attempts = order.attempts.map((it) => (it.outTradeNo === outTradeNo ? { ...it, ...patch } : it));
  return { ...order, attempts };
}

export function withPayment(order: OrderState, outTradeNo: OutTradeNo, patch: Partial<Payment>): OrderState {
  const attempts = order.attempts.map((it) =>
    it.outTradeNo === outTradeNo && it.phase.state === 'succeeded' ? { ...it, phase: { ...it.phase, ...patch } } : it,
  );
  return { ...order, attempts };
}

export const endingOf = ({ phase }: Pick<OrderState, 'phase'>): Ending | null =>
  'ending' in phase ? phase.ending : null;

/** A paid or closed order keeps its end. */
export const withEnding = (order: OrderState, ending: Ending | null): OrderState =>
  'ending' in order.phase ? { ...order, phase: { ...order.phase, ending } } : order;

/** What the order was closed as, also where late money has found it since. */
export function closedOf({ phase }: Pick<OrderState, 'phase'>): Closed | null {
  if (phase.state === 'closed') return phase;
  return 'was' in phase ? phase.was : null;
}

export const paidOf = ({ phase }: Pick<OrderState, 'phase'>): Paid | null => (phase.state === 'paid' ? phase : null);

export const reviewReasonOf = ({ phase }: Pick<OrderState, 'phase'>): ReviewReason | null =>
  phase.state === 'review' ? phase.reason : null;

export const fulfilmentOf = (order: Pick<OrderState, 'phase'>): Fulfilment =>
  paidOf(order)?.fulfilment ?? { state: 'none' };

export function undecidedOf(order: Pick<OrderState, 'phase'>): Undecided | null {
  const fulfilment = fulfilmentOf(order);
  return fulfilment.state === 'overdue' ? fulfilment.undecided : null;
}

export const resolvingOf = ({ decision }: Pick<OrderState, 'decision'>): ResolveAction | null =>
  decision?.kind === 'asking' ? decision.action : null;

/** False while all that is known of an order is its number: every row has an attempt. */
export const isKnown = (order: OrderState): boolean => order.attempts.length > 0;

/** A review that money caused; the other cause, `evidence_conflict`, still hopes for a query that confirms. */
export const holdsDisputedMoney = ({ phase }: OrderState): boolean =>
  phase.state === 'review' && phase.reason !== 'evidence_conflict';

/** The order takes no more money: what is still payable must be closed. */
export const takesNoMoney = (order: OrderState): boolean =>
  endingOf(order) !== null || isFinal(order.phase.state) || holdsDisputedMoney(order);

export const isPayable = (order: OrderState): boolean => isWaiting(order.phase.state) && endingOf(order) === null;

/** Confirmed money of this attempt that is neither the order's nor on its way back. */
export const isLoose = (order: OrderState, attempt: Attempt): boolean =>
  attempt.phase.state === 'succeeded' &&
  attempt.phase.back === null &&
  attempt.outTradeNo !== paidOf(order)?.outTradeNo;

/** The money that made the order paid: what queries first confirmed of its attempt. */
export function ownPayment(order: Pick<OrderState, 'phase' | 'attempts'>): Payment | null {
  const paid = paidOf(order);
  const attempt = paid === null ? undefined : attemptOf(order, paid.outTradeNo);
  return attempt === undefined ? null : paymentOf(attempt);
}

/** Less time than this before the deadline is not worth another number. */
const WORTH_A_NUMBER_MS = 60_000;

/**
 * Nobody can pay the order, and its next number would help: the last was taken by somebody else, or its code was lost, or it was
 * closed elsewhere. Not after a definitive refusal, which the next number would meet as well.
 */
export function wantsNextNumber(order: OrderState, nowMs: number): boolean {
  const last = order.attempts.at(-1);
  if (last === undefined || !isPayable(order) || order.deadlineMs - nowMs < WORTH_A_NUMBER_MS) return false;
  // Its next number needs the payer's next code.
  if (isCharge(last)) return false;
  if (order.attempts.some((attempt) => isUnsettled(attempt) || attempt.doubt !== null)) return false;
  return last.phase.state === 'closed' || (last.phase.state === 'failed' && !isRefusedForGood(last));
}

/** Undoes a payment: whatever of this attempt is not back yet goes back, once. */
export function giveBack(order: OrderState, outTradeNo: OutTradeNo, cause: RefundCause): OrderState {
  const attempt = attemptOf(order, outTradeNo);
  const payment = attempt === undefined ? null : paymentOf(attempt);
  if (payment === null || (payment.back !== null && payment.back.state !== 'refused')) return order;
  return withPayment(order, outTradeNo, { back: { cause, state: 'wanted' } });
}
