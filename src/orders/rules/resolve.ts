import { backOf, isExhausted, leftFen, paymentOf, type Attempt } from './attempt.js';
import { withFulfilment, compensated, paidBy } from './fulfilment.js';
import {
  attemptOf,
  giveBack,
  isLoose,
  paidOf,
  resolvingOf,
  reviewReasonOf,
  undecidedOf,
  withEnding,
  withPayment,
  type OrderState,
} from './state.js';
import { isFinal, type ResolveAction, type ResolveOutcome } from './states.js';

/** A decision about money is made on what WeChat Pay says at that moment: every payment it concerns is asked about first. */
export function resolveRequested(order: OrderState, action: ResolveAction, refusesOwn = false): OrderState {
  // One decision at a time: whoever asks meanwhile hears what that one came to.
  if (!needsPerson(order)) return resolvingOf(order) === null ? decidedAs(order, 'not_applicable') : order;
  const own = paidOf(order)?.outTradeNo;
  const concerned = order.attempts.filter(
    (attempt) => isLoose(order, attempt) || isExhausted(attempt) || isRefused(attempt) || attempt.outTradeNo === own,
  );
  const asked = concerned.reduce(
    (folded, { outTradeNo }) => withPayment(folded, outTradeNo, { confirmed: null }),
    order,
  );
  const attempts = asked.attempts.map((it): Attempt =>
    concerned.some(({ outTradeNo }) => outTradeNo === it.outTradeNo) ? { ...it, ask: { why: 'resolve', atMs: 0 } } : it,
  );
  return { ...asked, attempts, decision: { kind: 'asking', action, refusesOwn } };
}

/** Once WeChat Pay has answered about all of it. */
export function decided(order: OrderState): OrderState {
  const action = resolvingOf(order);
  if (action === null || order.attempts.some(({ ask }) => ask?.why === 'resolve')) return order;
  switch (action) {
    case 'accept':
      return accepted(order);
    case 'return':
      return returned(order);
    case 'close':
      return closed(order);
    default:
      return action satisfies never;
  }
}

export const needsPerson = (order: OrderState): boolean =>
  order.phase.state === 'review' ||
  order.surplus ||
  undecidedOf(order) !== null ||
  order.attempts.some((attempt) => isExhausted(attempt) || isRefused(attempt));

const isRefused = (attempt: Attempt): boolean => backOf(attempt)?.state === 'refused';

/** Somebody else's money is there, and none of the order's own. */
const isNotOurs = (order: OrderState): boolean =>
  reviewReasonOf(order) === 'number_in_use' && (!isOwnThere(order) || isOwnRefused(order));

const isOwnThere = ({ attempts }: OrderState): boolean => attempts.some(({ phase }) => phase.state === 'succeeded');

const isOwnRefused = ({ decision }: OrderState): boolean => decision?.kind === 'asking' && decision.refusesOwn;

/** The order's own money came while somebody else's trade holds one of its numbers. */
export const isOwnBesideTheirs = (order: OrderState): boolean =>
  reviewReasonOf(order) === 'number_in_use' && isOwnThere(order);

const decidedAs = (order: OrderState, outcome: ResolveOutcome): OrderState => ({
  ...order,
  decision: { kind: 'made', outcome },
});

const isConfirmed = (order: OrderState) => (attempt: Attempt) =>
  isLoose(order, attempt) && paymentOf(attempt)?.confirmed === 'paid';

/** The order becomes paid with the money that is there, whatever its amount; a paid one stays as it is. */
function accepted(order: OrderState): OrderState {
  if (isNotOurs(order)) return decidedAs(order, 'not_ours');
  const { state } = order.phase;
  const isLeft = state === 'closed' && order.attempts.some(isRefused);
  if (state === 'paid' || isLeft) return decidedAs(leftAsItIs(order), 'resolved');
  const isThere = isConfirmed(order);
  const attempt = order.attempts.find((it) => isThere(it) && leftFen(it) > 0);
  if (state !== 'review' || attempt === undefined) return decidedAs(order, 'unconfirmed');
  const paid = paidBy({ ...order, surplus: false }, attempt.outTradeNo, 'operator');
  const others = paid.attempts.filter((it) => isLoose(paid, it) && paymentOf(it)?.confirmed !== 'refunded');
  const settled = others.reduce((folded, it) => giveBack(folded, it.outTradeNo, 'second_payment'), paid);
  return decidedAs(settled, 'resolved');
}

/** A person takes care of what is left over; goods that were overdue count as delivered. */
function leftAsItIs(order: OrderState): OrderState {
  const left = order.attempts.reduce((folded, attempt) => {
    const back = backOf(attempt);
    return back?.state === 'refused'
      ? withPayment(folded, attempt.outTradeNo, { back: { ...back, state: 'left' } })
      : folded;
  }, order);
  const attempts = left.attempts.map((it): Attempt => (isExhausted(it) ? { ...it, doubt: null } : it));
  const seen: OrderState = { ...left, attempts, surplus: false };
  return undecidedOf(seen) === null ? seen : withFulfilment(seen, { state: 'fulfilled' });
}

function returned(order: OrderState): OrderState {
  if (isNotOurs(order)) return decidedAs(order, 'not_ours');
  const refused = order.attempts.filter(isRefused);
  if (isFinal(order.phase.state) && refused.length > 0) return decidedAs(givenBack(order, refused), 'resolved');
  if (order.phase.state === 'paid') return ownReturned(order);
  const money = order.attempts.filter(({ phase }) => phase.state === 'succeeded');
  const isSure = money.length > 0 && money.every((it) => backOf(it) !== null || isConfirmed(order)(it));
  if (order.phase.state !== 'review' || !isSure) return decidedAs(order, 'unconfirmed');
  return decidedAs(withEnding(givenBack(order, money), 'returned'), 'resolved');
}

const givenBack = (order: OrderState, attempts: readonly Attempt[]): OrderState =>
  attempts.reduce((folded, { outTradeNo }) => giveBack(folded, outTradeNo, 'operator'), order);

/** Of a paid order only what was left to a person is theirs to return; anything else is an ordinary refund. */
function ownReturned(order: OrderState): OrderState {
  const own = paidOf(order);
  if (own === null || undecidedOf(order) === null) return decidedAs(order, 'not_applicable');
  const attempt = attemptOf(order, own.outTradeNo);
  const isThere = attempt !== undefined && paymentOf(attempt)?.confirmed === 'paid';
  return isThere ? decidedAs(compensated(order, 'operator'), 'resolved') : decidedAs(order, 'unconfirmed');
}

/**
 * Only where no money would be left behind: none came, all of it is known to have gone back, or somebody else gave it back, which
 * only the person who decides can know. Only what is known is called returned.
 */
function closed(order: OrderState): OrderState {
  if (order.phase.state === 'paid') return decidedAs(order, 'not_applicable');
  const isLeftBehind = (attempt: Attempt): boolean =>
    isRefused(attempt) ||
    (isLoose(order, attempt) && paymentOf(attempt)?.confirmed !== 'refunded' && leftFen(attempt) > 0);
  if (order.attempts.some(isLeftBehind)) return decidedAs(order, 'money_held');
  const attempts = order.attempts.map((attempt): Attempt => ({ ...attempt, doubt: null }));
  const dismissed: OrderState = { ...order, attempts, surplus: false, orphans: [] };
  const money = attempts.filter((attempt) => isLoose(dismissed, attempt));
  const wentBack = money.length > 0 && money.every((attempt) => leftFen(attempt) === 0);
  return decidedAs(withEnding(dismissed, wentBack ? 'returned' : 'cancelled'), 'resolved');
}
