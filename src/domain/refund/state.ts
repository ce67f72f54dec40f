import { refusedWith } from '../gateway-answer.js';
import type { Mchid, OrderNo, OutRefundNo, OutTradeNo } from '../../base/ids.js';
import type { PendingEvent } from '../../shop-events/rules/event.js';
import type { Fen } from '../../base/money.js';
import type { Trouble } from '../order/trouble.js';
import type { RefundRecord } from './record.js';
import type { RefundCause, RefundResolveAction, RefundResolveOutcome, RefundStateName } from './states.js';

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

/** What a refund's row tells its workflow; the loop's own bookkeeping begins afresh. */
export function refundOfRecord(record: RefundRecord, outbox: readonly PendingEvent[]): RefundState {
  const { mchid, outRefundNo, orderNo, outTradeNo, amountFen, cause, state, refundId, offline } = record;
  return {
    ...{ mchid, outRefundNo, orderNo, outTradeNo, amountFen, cause, state, refundId, offline },
    succeededAtMs: record.succeededAt?.getTime() ?? null,
    acceptedAtMs: state === 'requested' ? null : (record.appliedAt ?? record.createdAt).getTime(),
    trouble: record.trouble === 'refund_failed' ? null : record.trouble,
    refused: false,
    refusalCode: refusedWith(record.gateway),
    applyUnknown: state === 'requested' && record.appliedAt !== null,
    missingSinceMs: null,
    mismatched: record.trouble === 'refund_failed',
    ask: null,
    nextAskMs: 0,
    reason: null,
    unansweredSinceMs: null,
    resolving: null,
    resolution: null,
    task: null,
    outbox,
    handed: [],
    changed: false,
    unwritten: false,
  };
}
