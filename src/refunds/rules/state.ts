import type { PendingEvent } from '../../shop-events/rules/event.js';
import { refusedWith } from '../../orders/rules/gateway-answer.js';
import { ANSWERING, type GatewaySilence } from '../../orders/rules/state.js';
import type { RefundRecord } from './record.js';
import { isRefundFinal, type RefundCause, type RefundResolveAction, type RefundResolveOutcome } from './states.js';

/** Everything one refund's loop decides on, as plain JSON. Only `refundTransition` makes a new one. */
export type RefundState = Pick<
  RefundRecord,
  'mchid' | 'outRefundNo' | 'orderNo' | 'outTradeNo' | 'amountFen' | 'cause' | 'refundId'
> & {
  readonly phase: RefundPhase;
  readonly gateway: GatewaySilence;
  /** WeChat Pay's code of its last refusal. */
  readonly refusalCode: string | null;
  /** An apply whose outcome nobody knows may still arrive. */
  readonly applyUnknown: boolean;
  /** WeChat Pay knows the number with other terms: only a person can tell what happened. */
  readonly mismatched: boolean;
  readonly ask: RefundAsk | null;
  /** A person entered its number as that of somebody else's refund: it is to be booked. */
  readonly entered: boolean;
  readonly decision: RefundDecision | null;
  readonly telling: { readonly outbox: readonly PendingEvent[]; readonly handed: readonly string[] };
  /** Postgres refuses the projection. */
  readonly unwritten: boolean;
  /** The projection that Postgres is known to hold. */
  readonly confirmed: RefundProjection;
};

/** `acceptedAtMs`: when WeChat Pay first knew it, as far as PaySaga can tell. */
export type RefundPhase =
  | { readonly state: 'requested' | 'rejected' | 'closed' }
  | { readonly state: 'processing' | 'abnormal'; readonly acceptedAtMs: number }
  | { readonly state: 'succeeded'; readonly atMs: number; readonly offline: boolean };

/** Why WeChat Pay is to be asked. `by`: who wants it asked anew, since it last was. */
export type RefundAsk = { readonly atMs: number; readonly by: 'notify' | 'person' | null } & (
  | { readonly why: 'evidence' }
  | { readonly why: 'refusal'; readonly missingSinceMs: number | null }
  | ({ readonly why: 'resolve'; readonly action: RefundResolveAction } & Requested)
);

/** By which row, where it says where the money goes. Absent in histories of before. */
type Requested = { readonly requestId?: string | undefined };

/** `due`: a person decided it and WeChat Pay confirmed what that was based on. */
type RefundDecision =
  | ({ readonly kind: 'due'; readonly task: RefundResolveAction } & Requested)
  | { readonly kind: 'made'; readonly outcome: RefundResolveOutcome };

/** Travels to the workflow and stays in its history: no words of WeChat Pay's. */
export type StoredRefund = RefundProjection &
  Pick<RefundState, 'orderNo' | 'outTradeNo' | 'amountFen' | 'cause' | 'refusalCode'> & {
    readonly createdAtMs: number;
    /** When the first apply left. */
    readonly appliedAtMs: number | null;
    /** Oldest first. */
    readonly outbox: readonly PendingEvent[];
  };

export function storedRefund(record: RefundRecord, outbox: readonly PendingEvent[]): StoredRefund {
  const { mchid, outRefundNo, orderNo, outTradeNo, amountFen, cause, state, refundId, offline, trouble } = record;
  return {
    ...{ mchid, outRefundNo, orderNo, outTradeNo, amountFen, cause, state, refundId, offline, trouble, outbox },
    succeededAtMs: record.succeededAt?.getTime() ?? null,
    createdAtMs: record.createdAt.getTime(),
    appliedAtMs: record.appliedAt?.getTime() ?? null,
    refusalCode: refusedWith(record.gateway),
  };
}

/** The loop's own bookkeeping begins afresh. */
export function refundOf(stored: StoredRefund): RefundState {
  const { mchid, outRefundNo, orderNo, outTradeNo, amountFen, cause, refundId, refusalCode, trouble, outbox } = stored;
  const refund = {
    ...{ mchid, outRefundNo, orderNo, outTradeNo, amountFen, cause, refundId, refusalCode },
    phase: phaseOf(stored),
    gateway: { ...ANSWERING, trouble: trouble === 'refund_failed' ? null : trouble },
    applyUnknown: stored.state === 'requested' && stored.appliedAtMs !== null,
    mismatched: trouble === 'refund_failed',
    ask: null,
    entered: false,
    decision: null,
    telling: { outbox, handed: [] },
    unwritten: false,
  };
  return { ...refund, confirmed: refundProjectionOf(refund) };
}

function phaseOf({ state, offline, succeededAtMs, appliedAtMs, createdAtMs }: StoredRefund): RefundPhase {
  switch (state) {
    case 'requested':
    case 'rejected':
    case 'closed':
      return { state };
    case 'processing':
    case 'abnormal':
      return { state, acceptedAtMs: appliedAtMs ?? createdAtMs };
    case 'succeeded':
      return { state, atMs: succeededAtMs ?? createdAtMs, offline };
    default:
      return state satisfies never;
  }
}

/** The decision that waits for WeChat Pay's answer. */
export const resolvingOf = ({ ask }: RefundState): RefundResolveAction | null =>
  ask?.why === 'resolve' ? ask.action : null;

export const isDeciding = (refund: RefundState): boolean =>
  resolvingOf(refund) !== null || refund.decision?.kind === 'due';

/** The part that readers see: written under the order's row lock, with the attempt's sums. Plain JSON. */
export type RefundProjection = Pick<
  RefundRecord,
  'mchid' | 'outRefundNo' | 'state' | 'refundId' | 'offline' | 'trouble'
> & {
  readonly succeededAtMs: number | null;
  /** Of a refund that has become somebody else's meanwhile nothing is written. Absent in histories of before. */
  readonly cause?: RefundCause;
};

export function refundProjectionOf(refund: Omit<RefundState, 'confirmed'>): RefundProjection {
  const { mchid, outRefundNo, cause, phase, refundId, gateway, mismatched } = refund;
  const { state } = phase;
  const { atMs: succeededAtMs, offline } = state === 'succeeded' ? phase : { atMs: null, offline: false };
  const trouble = mismatched && !isRefundFinal(state) ? 'refund_failed' : gateway.trouble;
  return { mchid, outRefundNo, cause, state, refundId, succeededAtMs, offline, trouble };
}

export const isRefundChanged = (refund: RefundState): boolean =>
  JSON.stringify(refundProjectionOf(refund)) !== JSON.stringify(refund.confirmed);
