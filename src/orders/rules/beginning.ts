import type { Mchid, OrderNo } from '../../base/ids.js';
import type { PendingEvent } from '../../shop-events/rules/event.js';
import { DEFAULT_POLICY } from './policy.js';
import { isOwn } from '../../refunds/rules/states.js';
import { isForeign, newAttempt, paymentOf, type Attempt, type AttemptPhase } from './attempt.js';
import { disputeOf, joinedDispute, type Evidence } from './evidence.js';
import { compensated } from './fulfilment.js';
import { dueAtMs, NO_MONEY, projectionOf } from './projection.js';
import type { OrderRecord } from './record.js';
import {
  ANSWERING,
  attemptOf,
  endingOf,
  fulfilmentOf,
  isLoose,
  undecidedOf,
  withAttempt,
  type Closed,
  type OrderPhase,
  type OrderState,
  type Shop,
  type Undecided,
} from './state.js';
import { isFinal, isWaiting, type StuckReason } from './states.js';
import { storedOrder, type StoredAttempt, type StoredOrder } from './stored.js';
import { isExplained, type Trouble } from './trouble.js';

type Terms = Pick<OrderState, 'mchid' | 'orderNo' | 'amountFen' | 'createdAtMs' | 'deadlineMs' | 'attempts' | 'policy'>;

export function newOrder(terms: Terms): OrderState {
  const order: Omit<OrderState, 'confirmed'> = {
    ...terms,
    phase: { state: 'creating', ending: null },
    telling: { shop: { kind: 'untold' }, outbox: [], handed: [] },
    decision: null,
    gateway: ANSWERING,
    surplus: false,
    orphans: [],
    stuckSinceMs: null,
    loading: 'none',
    unwritten: false,
  };
  return { ...order, confirmed: projectionOf(order) };
}

/** An order of which nothing is known but its number: its row is read first. */
export function unknownOrder(mchid: Mchid, orderNo: OrderNo, loading: 'facts' | 'all', nowMs: number): OrderState {
  const times = { createdAtMs: nowMs, deadlineMs: nowMs };
  const order = newOrder({ mchid, orderNo, amountFen: NO_MONEY, policy: DEFAULT_POLICY, attempts: [], ...times });
  return { ...order, loading };
}

/** What an order's row tells its workflow; the loop's own bookkeeping begins afresh. */
export function orderOf(stored: StoredOrder, outbox: readonly PendingEvent[] = []): OrderState {
  const { mchid, orderNo, amountFen, createdAtMs, expiresAtMs: deadlineMs, policy, stuckReason } = stored;
  const attempts = stored.attempts.map((attempt) => attemptOfStored(attempt, stored));
  const phase = phaseOf(stored);
  const undecided = undecidedOf({ phase });
  const order = withMoneyBack({
    ...newOrder({ mchid, orderNo, amountFen, createdAtMs, deadlineMs, policy, attempts }),
    phase,
    telling: { shop: shopOf(stored.paidEvent), outbox, handed: [] },
    gateway: { ...ANSWERING, trouble: isWaiting(phase.state) ? troubleOf(stuckReason) : null },
    stuckSinceMs: stuckReason === null ? null : stored.stuckSinceMs,
    surplus: stuckReason === 'review' && isFinal(phase.state) && undecided === null,
  });
  // What a crash left to do was done by somebody else meanwhile: the row has to say so. Any other time of it is as good.
  const due = dueAtMs(order) ?? stored.dueAtMs;
  return { ...order, confirmed: { ...projectionOf(order), stuckReason, dueAtMs: due } };
}

export const orderOfRecord = (record: OrderRecord): OrderState => orderOf(storedOrder(record));

function phaseOf(stored: StoredOrder): OrderPhase {
  const { state, ending, reviewReason, closedReason, foundBy, stuckReason } = stored;
  const atMs = stored.closedAtMs ?? stored.createdAtMs;
  const was: Closed | null = closedReason === null ? null : { state: 'closed', reason: closedReason, atMs };
  switch (state) {
    case 'creating':
    case 'awaitingPayment':
      return { state, ending };
    case 'review':
      if (reviewReason === null) throw new Error('an order in review has no reason');
      return { state, reason: reviewReason, ending, was };
    case 'closed':
      if (was === null) throw new Error('a closed order has no reason');
      return was;
    case 'paid': {
      if (stored.paidAttempt === null) throw new Error('a paid order names no attempt');
      const fulfilment =
        stored.fulfilment === 'overdue'
          ? { state: stored.fulfilment, undecided: undecidedIn(stored, stuckReason) }
          : { state: stored.fulfilment };
      const refundedElsewhere = stuckReason === 'refunded_elsewhere' && !isExplained(stored);
      return { state, outTradeNo: stored.paidAttempt, foundBy, fulfilment, refundedElsewhere, was };
    }
    default:
      return state satisfies never;
  }
}

/**
 * Puts evidence back into an order whose workflow was lost. What disagrees with the order keeps its attempt disputed, whatever was
 * settled since; what no query has confirmed is asked about at once.
 */
export function withEvidence(order: OrderState, evidence: readonly Evidence[]): OrderState {
  return evidence.reduce((folded, said) => {
    const { source, outTradeNo, transactionId } = said;
    const attempt = attemptOf(folded, outTradeNo);
    if (attempt === undefined || isForeign(attempt)) return folded;
    const dispute = joinedDispute(attempt.dispute, disputeOf(folded, attempt, said));
    if (source === 'query' || paymentOf(attempt)?.transactionId === transactionId) {
      return withAttempt(folded, outTradeNo, { dispute });
    }
    // A person who decided to close has dismissed it; the closing asks WeChat Pay all the same.
    const isDismissed = folded.phase.state === 'review' && folded.phase.ending === 'cancelled';
    const doubt = isDismissed ? null : { transactionId, tries: 0, nextAtMs: 0 };
    return withAttempt(folded, outTradeNo, { dispute, doubt });
  }, order);
}

const troubleOf = (reason: StuckReason | null): Trouble | null =>
  reason === 'merchant_config' || reason === 'gateway_unreachable' ? reason : null;

/** Why an overdue fulfilment waits for a person. Once its money is on its way back somebody has decided. */
export function undecidedIn(
  { fulfilment, refunds, paidAttempt }: Pick<StoredOrder, 'fulfilment' | 'refunds' | 'paidAttempt'>,
  ownReason: StuckReason | null,
): Undecided | null {
  const isDecided = refunds.some(({ outTradeNo, cause }) => outTradeNo === paidAttempt && isOwn(cause));
  if (fulfilment !== 'overdue' || isDecided) return null;
  return ownReason === 'review' || ownReason === 'shop_unreachable' ? ownReason : null;
}

/** What the shop knows, from what became of `order.paid`. */
export function shopOf(paidEvent: StoredOrder['paidEvent']): Shop {
  if (paidEvent === null) return { kind: 'untold' };
  if (paidEvent.deliveredAtMs !== null) return { kind: 'told', atMs: paidEvent.deliveredAtMs };
  switch (paidEvent.status) {
    case 'exhausted':
      return { kind: 'unreachable' };
    case 'unaddressed':
      return { kind: 'unaddressed' };
    case 'pending':
    case 'withdrawn':
    case 'delivered':
      return { kind: 'untold' };
    default:
      return paidEvent.status satisfies never;
  }
}

/** Money that had to go back still has to. Loose money is asked about first: it may have gone back without PaySaga. */
function withMoneyBack(order: OrderState): OrderState {
  const { state } = fulfilmentOf(order);
  const compensates = state === 'rejected' || (state === 'overdue' && undecidedOf(order) === null);
  const begun = compensates
    ? compensated(order, state === 'rejected' ? 'fulfilment_rejected' : 'fulfilment_overdue')
    : order;
  if (!isFinal(order.phase.state) && endingOf(order) !== 'returned') return begun;
  const attempts = begun.attempts.map((it): Attempt =>
    isLoose(begun, it) ? { ...it, ask: { why: 'settle', atMs: 0 } } : it,
  );
  return { ...begun, attempts };
}

function attemptOfStored(stored: StoredAttempt, order: StoredOrder): Attempt {
  const { outTradeNo, product, appid, state, codeGiven, prepayStartedAtMs: firstAtMs, refusedWith } = stored;
  const isFinal = stored.isRefused && state === 'failed' && !stored.foreign;
  const openedAtMs = firstAtMs ?? order.createdAtMs;
  const pace = stored.pace === undefined ? {} : { pace: stored.pace };
  return {
    ...newAttempt(outTradeNo, product, appid),
    phase: attemptPhaseOf(stored, order),
    prepay: {
      // A prepay that was under way when the workflow was lost is sent again: same number, same bytes.
      isDue: state === 'preparing' && (firstAtMs !== null || stored.isPlanned),
      sent: firstAtMs === null ? null : { firstAtMs, isAsking: false, isUnknown: stored.prepayUnknown },
    },
    isReversing: stored.reversing === true,
    code: codeGiven ? { openedAtMs, expiresAtMs: stored.codeExpiresAtMs, ...pace } : null,
    refusal: refusedWith === null && !isFinal ? null : { code: refusedWith, isFinal },
  };
}

function attemptPhaseOf(stored: StoredAttempt, { refunds, paidAtMs, createdAtMs }: StoredOrder): AttemptPhase {
  const { outTradeNo, state, foreign, transactionId, paidFen, backFen } = stored;
  if (state === 'failed') return { state, foreign };
  if (state !== 'succeeded') return { state };
  const own = refunds.find((it) => it.outTradeNo === outTradeNo && isOwn(it.cause));
  return {
    state,
    transactionId: transactionId ?? '',
    paidFen,
    paidAtMs: stored.paidAtMs ?? paidAtMs ?? createdAtMs,
    backFen,
    back: own === undefined ? null : { cause: own.cause, state: 'started' },
    confirmed: null,
  };
}
