import { backOf, paymentOf, type Attempt } from './attempt.js';
import { orderOfRecord } from './beginning.js';
import type { OrderRecord } from './record.js';
import { decided, resolveRequested } from './resolve.js';
import { endingOf, isLoose, resolvingOf, reviewReasonOf, withAttempt, withPayment, type OrderState } from './state.js';
import { isFinal, isWaiting, type ResolveAction } from './states.js';
import { paidAttemptOf } from './view.js';
import { restFen } from '../../refunds/rules/guard.js';

/** A row as its workflow sees it: of money left over in a final order the row says only by its stuck reason that it cannot go back. */
export function standingOf(order: OrderRecord): OrderState {
  const state = orderOfRecord(order);
  const isLeft = order.ownStuckReason === 'review' || order.ownStuckReason === 'refund_failed';
  if (!isFinal(state.phase.state) || !isLeft) return state;
  return state.attempts.reduce((folded, attempt) => {
    const back = backOf(attempt);
    const isStill = isLoose(state, attempt) || back?.state === 'wanted';
    const refused = { cause: back?.cause ?? 'operator', state: 'refused' } as const;
    return isStill ? withPayment(folded, attempt.outTradeNo, { back: refused }) : folded;
  }, state);
}

/**
 * The money that a decision about an order is about; loose is what is neither the order's nor on its way back. `leftFen`: what of it
 * is still there, as far as PaySaga knows.
 */
export function moneyOf(order: OrderRecord) {
  const paid = paidAttemptOf(order);
  const state = orderOfRecord(order);
  const found = state.attempts.filter((it) => isLoose(state, it)).map(({ outTradeNo }) => outTradeNo);
  const loose = order.attempts.filter(({ outTradeNo }) => found.includes(outTradeNo));
  return {
    restFen: paid === undefined ? 0 : restFen(paid),
    looseFen: loose.reduce((sum, { paidFen }) => sum + paidFen, 0),
    leftFen: loose.reduce((sum, attempt) => sum + restFen(attempt), 0),
    looseCount: loose.length,
  };
}

/** Whether `resolve` would carry out this decision, by the very rules that decide about it, should WeChat Pay say again what it said last. */
export function canResolve(state: OrderState, action: ResolveAction): boolean {
  const loose = state.attempts.filter((attempt) => isLoose(state, attempt));
  // All of the money is on its way back: somebody has decided.
  const isReview = state.phase.state === 'review';
  const isDecided = loose.length === 0 && isReview && state.attempts.some((it) => backOf(it) !== null);
  if (isWaiting(state.phase.state) || endingOf(state) !== null || isDecided) return false;
  return answersTo(state, loose).some((answer) => isTaken(state, action, answer));
}

/** Of money in REFUND: `refunded` until a refund of it is known, `paid` from then on. Which of several payments that is, nobody knows. */
function answersTo(state: OrderState, [money, ...more]: readonly Attempt[]): readonly ('paid' | 'refunded')[] {
  const payment = money === undefined ? null : paymentOf(money);
  if (reviewReasonOf(state) !== 'refunded_elsewhere' || payment === null) return ['paid'];
  if (more.length > 0) return ['paid', 'refunded'];
  return [payment.backFen > 0 ? 'paid' : 'refunded'];
}

function isTaken(state: OrderState, action: ResolveAction, confirmed: 'paid' | 'refunded'): boolean {
  const asked = resolveRequested(state, action);
  if (resolvingOf(asked) === null) return false;
  const answered = asked.attempts.reduce((folded, { outTradeNo, ask }) => {
    if (ask?.why !== 'resolve') return folded;
    return withPayment(withAttempt(folded, outTradeNo, { ask: null }), outTradeNo, { confirmed });
  }, asked);
  const { decision } = decided(answered);
  return decision?.kind === 'made' && decision.outcome === 'resolved';
}
