import { isTradeAnswer, refusedWith, type GatewayApi } from '../gateway-answer.js';
import type { OutTradeNo } from '../../../base/ids.js';
import type { ApprovalRecord } from '../../../approvals/rules/approval.js';
import type { MerchantEventRecord } from '../../../shop-events/rules/event.js';
import { isForeign, paymentOf } from '../attempt.js';
import { standingOf } from '../standing.js';
import { differences, withDifferences, type Difference } from '../evidence.js';
import type { EvidenceRecord, GatewayCallRecord, OrderRecord, QuietCall } from '../record.js';
import { isThinned, nextDoubtMs, nextPollMs, paceOf, V2_CLOSE_AFTER_MS } from '../schedules.js';
import { isFinal, isWaiting } from '../states.js';
import type { OrderState } from '../state.js';
import { storedEvidence } from '../stored.js';
import { needsRepair } from '../trouble.js';
import { paidAttemptOf } from '../view.js';
import { outcomeShown } from '../requests.js';
import { canBeReissued, mayBeRefundedElsewhere, restFen } from '../../../refunds/rules/guard.js';
import { BETWEEN_APPLIES_MS, nextRefundPollMs } from '../../../refunds/rules/next-step.js';
import { isRefundFinal, isReleased } from '../../../refunds/rules/states.js';
import type { RefundRecord } from '../../../refunds/rules/record.js';
import { factsOfState, refusedOf, sumOf, type ExplainFacts } from './facts.js';

export type ExplainInput = {
  readonly order: OrderRecord;
  readonly lastCall: GatewayCallRecord | undefined;
  /** Calls made for this order so far to the API of its last call. */
  readonly callCount: number;
  readonly quiet?: readonly QuietCall[];
  /** When the last call to an API is made again, where that is planned. */
  readonly againAt?: ReadonlyMap<GatewayApi, Date>;
  /** By attempt: when the prepay or close was made that was answered with its last refusal. */
  readonly answeredAt?: ReadonlyMap<OutTradeNo, Date>;
  readonly evidence: readonly EvidenceRecord[];
  /** Requests that nobody has answered yet, oldest first. */
  readonly asked?: readonly { readonly action: string; readonly at: Date }[];
  /** Refunds that another person has to approve, oldest first. */
  readonly approvals?: readonly ApprovalRecord[];
  readonly events: readonly MerchantEventRecord[];
  readonly hasEndpoint?: boolean;
  readonly now: Date;
};

/** From Postgres: the facts of the state that its rows make, and what only they know. */
export function factsOfRow(input: ExplainInput): ExplainFacts {
  const { order, lastCall: answer, callCount, now } = input;
  const { refunds, attempts, stuckReason } = order;
  const state = standingOf(order);
  const facts = factsOfState(state, now.getTime(), order);
  const doubt = firstDoubt(input);
  const isOver = isWaiting(order.state) && now.getTime() >= facts.expiresAtMs;
  const closing = facts.closing ?? (isOver ? 'expired' : null);
  const plannedMs = plannedAtMs(input, doubt, closing);
  const unfinished = refunds.filter((refund) => !isRefundFinal(refund.state) || needsRepair(refund, refunds));
  return {
    ...facts,
    stuckReason,
    mayBeRefundedElsewhere: mayBeRefundedElsewhere(order),
    sinceMs:
      order.stuckSince?.getTime() ??
      doubt?.at.getTime() ??
      closingSinceMs(input, closing) ??
      waitsSinceMs(order, unfinished),
    claimed:
      doubt === undefined ? null : { amountFen: doubt.amountFen, by: doubt.source === 'bill' ? 'bill' : 'notify' },
    closing,
    differences: differencesOf(input, state),
    theirs: facts.theirs.map(({ outTradeNo }) => ({ outTradeNo, amountFen: seenFen(input, outTradeNo) })),
    asked: (input.asked ?? [])
      .filter((request) => outcomeShown(order, request) === null)
      .map(({ action, at }) => ({ action, atMs: at.getTime() })),
    approvals: (input.approvals ?? []).map(({ id, outRefundNo, amountFen, createdAt }) => {
      return { id, outRefundNo, amountFen, atMs: createdAt.getTime() };
    }),
    ...shopFacts(input, facts),
    returningFen: sumOf(refunds.filter(isReturning).map(({ amountFen }) => amountFen)),
    unsentFen: sumOf(refunds.filter((it) => isReturning(it) && it.state === 'requested').map((it) => it.amountFen)),
    stoppedFen: sumOf(refunds.filter(isStopped).map(({ amountFen }) => amountFen)),
    refundAgainMs: refunds.some(isUncovered) ? (input.againAt?.get('refund')?.getTime() ?? null) : null,
    elsewhereFen: elsewhereFen(order),
    returnedFen: sumOf(attempts.map(({ refundedFen }) => refundedFen)),
    refunds: unfinished.map((refund) => {
      const { outRefundNo, state, cause, trouble, gateway } = refund;
      const code = refusedWith(gateway);
      return { outRefundNo, state, cause, trouble, canBeReissued: canBeReissued(order, refund), code };
    }),
    refused: refusedOf(state, closing, input.answeredAt),
    inVain: inVain(order),
    idleSinceMs: doubt === undefined ? idleSinceMs(input, plannedMs) : null,
    quiet: (input.quiet ?? []).map(({ api, until }) => ({ api, untilMs: until.getTime() })),
    thinnedUntilMs: doubt === undefined && closing === null ? thinnedUntilMs(input) : null,
    closableFromMs: closing === null ? null : closableFromMs(input),
    nextAtMs: plannedMs === null ? null : Math.max(plannedMs, now.getTime()),
    attempts: callCount,
    lastAnswer:
      answer === undefined
        ? null
        : { api: answer.api, at: answer.at.toISOString(), outcome: answer.outcome, gateway: answer.gateway },
  };
}

/** Evidence of a transaction which no query has shown on its attempt yet. Of an order that is over, a person has dismissed it. */
function firstDoubt({ order, evidence }: ExplainInput): EvidenceRecord | undefined {
  const { state, dueAt, stuckReason } = order;
  if (isFinal(state) && dueAt === null && stuckReason === null) return undefined;
  return evidence.find(({ source, outTradeNo, transactionId }) => {
    const attempt = order.attempts.find((it) => it.outTradeNo === outTradeNo);
    return source !== 'query' && attempt?.foreign !== true && attempt?.transactionId !== transactionId;
  });
}

/** Without an endpoint the shop never hears of anything, and that is known before anybody tries. */
function shopFacts(
  { events, hasEndpoint = true, now }: ExplainInput,
  { shop }: ExplainFacts,
): Pick<ExplainFacts, 'shop' | 'untold' | 'hasEndpoint'> {
  const untold = events.filter(isUntold).map(({ id, type, status, tries, nextAt }) => ({
    ...{ id, type, isUntried: tries === 0 },
    status: !hasEndpoint && status === 'pending' ? ('unaddressed' as const) : status,
    nextAtMs: nextAt === null ? null : Math.max(nextAt.getTime(), now.getTime()),
  }));
  return { shop: !hasEndpoint && shop === 'untold' ? 'unaddressed' : shop, untold, hasEndpoint };
}

function isStopped({ state, trouble }: RefundRecord): boolean {
  if (isRefundFinal(state)) return false;
  if (state === 'abnormal' || trouble === 'merchant_balance' || trouble === 'refund_failed') return true;
  return state === 'requested' && trouble === 'merchant_config';
}

/** By the merchant's balance. */
const isUncovered = ({ state, trouble }: RefundRecord): boolean =>
  !isRefundFinal(state) && trouble === 'merchant_balance';

/** A refund whose workflow cannot go on is on no way until it is rescued. */
const isReturning = (refund: RefundRecord): boolean =>
  !isRefundFinal(refund.state) && !isStopped(refund) && refund.stalledSince === null;

/** A trade query names no sum, so a known refund of somebody else's may not have been the only one, while money is left. */
function elsewhereFen(order: OrderRecord): number {
  if (!mayBeRefundedElsewhere(order)) return 0;
  return sumOf(order.refunds.filter(isExternal).map(({ amountFen }) => amountFen));
}

const isExternal = ({ cause, state }: RefundRecord): boolean => cause === 'external' && !isReleased(state);

/** As the last call said, unless evidence came since; else by the rule for evidence, as the call that waits said, by the rule for refunds or polling. */
function plannedAtMs(
  { order: { state, refunds, attempts }, lastCall, againAt }: ExplainInput,
  doubt: EvidenceRecord | undefined,
  closing: ExplainFacts['closing'],
): number | null {
  const isOld = doubt !== undefined && lastCall !== undefined && lastCall.at <= doubt.at;
  if (lastCall?.nextAt != null && !isOld) return lastCall.nextAt.getTime();
  const askedMs = lastCall?.at.getTime() ?? 0;
  const doubtMs = doubt === undefined ? null : isOld ? doubt.at.getTime() : nextDoubtMs(doubt.at.getTime(), askedMs);
  if (doubtMs !== null) return doubtMs;
  const closeAt = closing === null ? undefined : againAt?.get('close');
  const refundAt = refunds.some(isUncovered) ? againAt?.get('refund') : undefined;
  const againMs = (closeAt ?? refundAt)?.getTime();
  if (againMs !== undefined) return againMs;
  const spacedMs = nextApplyMs(refunds);
  if (spacedMs !== null && spacedMs > askedMs) return spacedMs;
  const applied = refunds.find((refund) => refund.appliedAt !== null && refund.state === 'processing');
  if (applied?.appliedAt != null) return nextRefundPollMs(applied.appliedAt.getTime(), askedMs);
  const open = attempts.find((attempt) => attempt.state === 'open');
  if (state !== 'awaitingPayment' || open?.prepayStartedAt == null) return null;
  const openedAtMs = open.prepayStartedAt.getTime();
  return nextPollMs(openedAtMs, lastCall?.at.getTime() ?? openedAtMs, paceOf(open.outTradeNo));
}

/** As the last poll said: it was put off, or was so late that the next one is further away than the rule says. */
function thinnedUntilMs({ order: { state, attempts }, lastCall, now }: ExplainInput): number | null {
  if (state !== 'awaitingPayment' || lastCall?.api !== 'query') return null;
  const { outTradeNo, at, nextAt, outcome } = lastCall;
  const openedAt = attempts.find((it) => it.outTradeNo === outTradeNo)?.prepayStartedAt;
  if (nextAt === null || nextAt <= now || openedAt == null) return null;
  const [atMs, nextMs] = [at.getTime(), nextAt.getTime()];
  const isLate = isThinned(nextMs - atMs, atMs - openedAt.getTime(), paceOf(outTradeNo));
  return outcome === 'gate_shut' || (isTradeAnswer(outcome) && isLate) ? nextMs : null;
}

/** When a refund that waits for another one of its payment, sent less than a minute before, can leave. */
function nextApplyMs(refunds: readonly RefundRecord[]): number | null {
  const unsent = refunds.find(({ state, appliedAt }) => state === 'requested' && appliedAt === null);
  const sent = refunds
    .filter(({ outTradeNo }) => outTradeNo === unsent?.outTradeNo)
    .flatMap((it) => it.appliedAt ?? []);
  return sent.length === 0 ? null : Math.max(...sent.map((at) => at.getTime())) + BETWEEN_APPLIES_MS;
}

/** The first close is not written down apart: the deadline or the request was its cause. */
function closingSinceMs(
  { order, asked = [], lastCall }: ExplainInput,
  closing: ExplainFacts['closing'],
): number | null {
  if (closing === null || closing === 'other') return null;
  if (closing === 'expired') return order.expiresAt.getTime();
  const request = asked.find(({ action }) => action === 'close' || action === 'resolve');
  return (request?.at ?? lastCall?.at ?? order.createdAt).getTime();
}

const seenFen = ({ evidence }: ExplainInput, outTradeNo: OutTradeNo): number | null =>
  evidence.findLast((it) => it.outTradeNo === outTradeNo && it.source === 'query')?.amountFen ?? null;

/** Booked money agrees, and somebody else's need not. What speaks of other money under the booked number differs at least in that. */
function differencesOf({ order, evidence }: ExplainInput, state: OrderState): Difference[] {
  return evidence.reduce<Difference[]>((known, fact) => {
    const attempt = state.attempts.find((it) => it.outTradeNo === fact.outTradeNo);
    if (attempt === undefined || isForeign(attempt)) return known;
    const expected = attempt.outTradeNo === order.paidAttempt ? paymentOf(attempt)?.transactionId : undefined;
    if (expected === fact.transactionId) return known;
    const found = differences(state, attempt, storedEvidence(fact));
    const other = expected === undefined ? [] : [{ what: 'transaction', expected, seen: fact.transactionId } as const];
    return withDifferences(known, [...other, ...found]);
  }, []);
}

function inVain(order: OrderRecord): ExplainFacts['inVain'] {
  const last = order.refunds.findLast(({ cause }) => cause === 'shop');
  const paid = paidAttemptOf(order);
  if (last === undefined || paid === undefined || !isReleased(last.state) || restFen(paid) <= 0) return null;
  const { outRefundNo, state, amountFen, gateway } = last;
  return { outRefundNo, state, amountFen, code: refusedWith(gateway) };
}

function waitsSinceMs(order: OrderRecord, unfinished: readonly RefundRecord[]): number {
  const { fulfilment, paidEvent, paidAt, closedAt, createdAt } = order;
  const told = fulfilment === 'pending' ? paidEvent?.deliveredAt : null;
  return (told ?? unfinished[0]?.createdAt ?? paidAt ?? closedAt ?? createdAt).getTime();
}

/** Long enough for a restart of the worker, and for the sweeper to have been by. */
const IDLE_AFTER_MS = 5 * 60_000;

/** An open order only waits for the next look at WeChat Pay. */
function idleSinceMs({ order, lastCall, now }: ExplainInput, plannedMs: number | null): number | null {
  if (!isWaiting(order.state)) return null;
  const lastMs = lastCall?.at.getTime() ?? order.createdAt.getTime();
  const dueMs = Math.min(plannedMs ?? lastMs, Math.max(order.expiresAt.getTime(), lastMs));
  return now.getTime() - dueMs > IDLE_AFTER_MS ? dueMs : null;
}

const isUntold = ({ status }: MerchantEventRecord): boolean =>
  status === 'pending' || status === 'exhausted' || status === 'unaddressed';

/** The row does not say when a close was put off: the call that was not made does. */
function closableFromMs({ order, lastCall, now }: ExplainInput): number | null {
  if (lastCall?.outcome !== 'tooEarly') return null;
  const open = order.attempts.filter(({ state, prepayStartedAt }) => state === 'open' && prepayStartedAt !== null);
  const fromMs = Math.max(0, ...open.map((it) => (it.prepayStartedAt?.getTime() ?? 0) + V2_CLOSE_AFTER_MS));
  return fromMs > now.getTime() ? fromMs : null;
}
