import type { MerchantEventRecord } from '../merchant-event/event.js';
import { factsOfRecord } from '../order/loaded.js';
import type { AttemptRecord, EvidenceRecord, GatewayCallRecord, OrderRecord } from '../order/record.js';
import { nextPollMs } from '../order/schedules.js';
import { isWaiting } from '../order/states.js';
import { needsRepair } from '../order/stuck.js';
import { isRefundFinal } from '../refund/states.js';
import type { RefundRecord } from '../refund/record.js';
import { factsInCommon, fulfilmentFacts, sumOf, type ExplainFacts } from './facts.js';

export type ExplainInput = {
  readonly order: OrderRecord;
  readonly lastCall: GatewayCallRecord | undefined;
  /** Calls made for this order so far to the API of its last call. */
  readonly callCount: number;
  readonly evidence: readonly EvidenceRecord[];
  readonly events: readonly MerchantEventRecord[];
  readonly now: Date;
};

/** From Postgres: knows the last answer, and from it when the next poll is. */
export function factsOfRow(input: ExplainInput): ExplainFacts {
  const { order, lastCall, callCount, events, now } = input;
  const { refunds, attempts } = order;
  const open = attempts.find((attempt) => attempt.state === 'open');
  const plannedMs = plannedAtMs(order, open, lastCall);
  const doubt = firstDoubt(input);
  const closingSinceMs = open === undefined ? null : closingSince(input);
  const unfinished = refunds.filter((refund) => !isRefundFinal(refund.state) || needsRepair(refund, refunds));
  return {
    ...factsInCommon(order),
    sinceMs: order.stuckSince?.getTime() ?? doubt?.at.getTime() ?? closingSinceMs ?? waitsSinceMs(order, unfinished),
    expiresAtMs: order.expiresAt.getTime(),
    open: open?.outTradeNo ?? null,
    doubted: doubt !== undefined,
    closing: closingSinceMs !== null,
    ...fulfilmentFacts(factsOfRecord(order)),
    returningFen: sumOf(attempts.map(({ refundingFen }) => refundingFen)),
    returnedFen: sumOf(attempts.map(({ refundedFen }) => refundedFen)),
    refunds: unfinished.map(({ outRefundNo, state, cause }) => ({ outRefundNo, state, isOwn: cause !== 'shop' })),
    untold: events.filter(isUntold).map(({ id, nextAt }) => ({ id, nextAtMs: nextAt?.getTime() ?? null })),
    idleSinceMs: doubt === undefined ? idleSinceMs(input, plannedMs) : null,
    nextAtMs: plannedMs === null ? null : Math.max(plannedMs, now.getTime()),
    attempts: callCount,
    lastAnswer:
      lastCall === undefined ? null : { api: lastCall.api, at: lastCall.at.toISOString(), outcome: lastCall.outcome },
  };
}

/** A notify or a bill line that speaks of a transaction which no query has shown on its attempt yet. */
function firstDoubt({ order, evidence }: ExplainInput): EvidenceRecord | undefined {
  if (!isWaiting(order.state)) return undefined;
  return evidence.find(({ source, outTradeNo, transactionId }) => {
    const attempt = order.attempts.find((it) => it.outTradeNo === outTradeNo);
    return source !== 'query' && attempt?.transactionId !== transactionId;
  });
}

/** When WeChat Pay is called next: as the last call said, else by the polling rule. */
function plannedAtMs(
  { state }: OrderRecord,
  open: AttemptRecord | undefined,
  lastCall: GatewayCallRecord | undefined,
): number | null {
  if (lastCall?.nextAt != null) return lastCall.nextAt.getTime();
  if (state !== 'awaitingPayment' || open?.prepayStartedAt == null) return null;
  const openedAtMs = open.prepayStartedAt.getTime();
  return nextPollMs(openedAtMs, lastCall?.at.getTime() ?? openedAtMs);
}

/** Its time is over, or the last thing said to WeChat Pay was "close". */
function closingSince({ order: { state, expiresAt }, lastCall, now }: ExplainInput): number | null {
  if (state !== 'awaitingPayment') return null;
  if (now >= expiresAt) return expiresAt.getTime();
  return lastCall?.api === 'close' ? lastCall.at.getTime() : null;
}

function waitsSinceMs(order: OrderRecord, unfinished: readonly RefundRecord[]): number {
  const { fulfilment, paidEvent, paidAt, closedAt, createdAt } = order;
  const told = fulfilment === 'pending' ? paidEvent?.deliveredAt : null;
  return (told ?? unfinished[0]?.createdAt ?? paidAt ?? closedAt ?? createdAt).getTime();
}

/** Long enough for a restart of the worker, and for the sweeper to have been by. */
const IDLE_AFTER_MS = 5 * 60_000;

/** An open order only waits for the next look at WeChat Pay: when that was due, if nobody has looked. */
function idleSinceMs({ order, lastCall, now }: ExplainInput, plannedMs: number | null): number | null {
  if (!isWaiting(order.state)) return null;
  const lastMs = lastCall?.at.getTime() ?? order.createdAt.getTime();
  const dueMs = Math.min(plannedMs ?? lastMs, Math.max(order.expiresAt.getTime(), lastMs));
  return now.getTime() - dueMs > IDLE_AFTER_MS ? dueMs : null;
}

const isUntold = ({ status }: MerchantEventRecord): boolean =>
  status === 'pending' || status === 'exhausted' || status === 'unaddressed';
