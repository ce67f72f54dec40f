import { refusedWith } from '../../orders/rules/gateway-answer.js';
import type { Mchid, OrderNo, OutRefundNo, OutTradeNo } from '../../base/ids.js';
import type { PendingEvent } from '../../shop-events/rules/event.js';
import type { Fen } from '../../base/money.js';
import type { Trouble } from '../../orders/rules/trouble.js';
import type { RefundRecord } from './record.js';
import type {
  RefundCause,
  RefundResolveAction,
  RefundResolveOutcome,
  RefundStateName,
  RefundTrouble,
} from './states.js';

/** Everything one refund's loop decides on, as plain JSON. Only `refundTransition` makes a new one. */
export type RefundState = {
  readonly mchid: Mchid;
  readonly outRefundNo: OutRefundNo;
  readonly orderNo: OrderNo;
  readonly outTradeNo: OutTradeNo;
  readonly amountFen: Fen;
  readonly cause: RefundCause;
  readonly state: RefundStateName;
  readonly refundId: string | null;
  readonly succeededAtMs: number | null;
  readonly offline: boolean;
  /** When WeChat Pay first knew it, as far as PaySaga can tell. */
  readonly acceptedAtMs: number | null;
  readonly trouble: Trouble | null;
  /** Since when a call waits for its answer; whatever is asked meanwhile, the trouble goes on. */
  readonly unansweredSinceMs: number | null;
  /** WeChat Pay refused it; a query has to show that there is none before it counts as rejected. */
  readonly refused: boolean;
  /** WeChat Pay's code of its last refusal. */
  readonly refusalCode: string | null;
  /** An apply whose outcome nobody knows may still arrive. */
  readonly applyUnknown: boolean;
  readonly missingSinceMs: number | null;
  /** WeChat Pay knows the number with other terms: only a person can tell what happened. */
  readonly mismatched: boolean;
  readonly ask: 'refusal' | 'evidence' | 'resolve' | null;
  readonly nextAskMs: number;
  /** Why WeChat Pay is to be asked anew, since it last was: a notify came, or a person wants to know. */
  readonly reason: 'notify' | 'person' | null;
  readonly resolving: RefundResolveAction | null;
  readonly resolution: RefundResolveOutcome | null;
  /** What a person decided and WeChat Pay confirmed: the next thing to do. */
  readonly task: 'abnormalRefund' | 'reissue' | null;
  readonly outbox: readonly PendingEvent[];
  readonly handed: readonly string[];
  readonly changed: boolean;
  /** Postgres refuses what is known. */
  readonly unwritten: boolean;
};

/**
 * What of a refund's row its loop decides on, as it travels to the workflow and stays in its history: plain JSON, and no words of
 * WeChat Pay's.
 */
export type StoredRefund = Pick<
  RefundState,
  | 'mchid'
  | 'outRefundNo'
  | 'orderNo'
  | 'outTradeNo'
  | 'amountFen'
  | 'cause'
  | 'state'
  | 'refundId'
  | 'succeededAtMs'
  | 'offline'
  | 'acceptedAtMs'
  | 'refusalCode'
> & {
  readonly trouble: RefundTrouble | null;
  /** An apply left. */
  readonly isApplied: boolean;
  /** Events that nobody has told the shop yet, oldest first. */
  readonly outbox: readonly PendingEvent[];
};

export function storedRefund(record: RefundRecord, outbox: readonly PendingEvent[]): StoredRefund {
  const { mchid, outRefundNo, orderNo, outTradeNo, amountFen, cause, state, refundId, offline, trouble } = record;
  return {
    ...{ mchid, outRefundNo, orderNo, outTradeNo, amountFen, cause, state, refundId, offline, trouble, outbox },
    succeededAtMs: record.succeededAt?.getTime() ?? null,
    acceptedAtMs: state === 'requested' ? null : (record.appliedAt ?? record.createdAt).getTime(),
    refusalCode: refusedWith(record.gateway),
    isApplied: record.appliedAt !== null,
  };
}

/** What a refund's row tells its workflow; the loop's own bookkeeping begins afresh. */
export function refundOf({ isApplied, trouble, ...stored }: StoredRefund): RefundState {
  return {
    ...stored,
    trouble: trouble === 'refund_failed' ? null : trouble,
    refused: false,
    applyUnknown: stored.state === 'requested' && isApplied,
    missingSinceMs: null,
    mismatched: trouble === 'refund_failed',
    ask: null,
    nextAskMs: 0,
    reason: null,
    unansweredSinceMs: null,
    resolving: null,
    resolution: null,
    task: null,
    handed: [],
    changed: false,
    unwritten: false,
  };
}
