import { compensated, paidBy } from './fulfilment.js';
import { giveBack } from './settle.js';
import { isExhausted, isLoose, leftFen, type Attempt, type OrderState } from './state.js';
import { isFinal, type ResolveAction, type ResolveOutcome } from './states.js';

/** A decision about money is made on what WeChat Pay says at that moment: every payment it concerns is asked about first. */
export function resolveRequested(state: OrderState, action: ResolveAction): OrderState {
  if (!needsPerson(state)) return { ...state, resolution: 'not_applicable' };
  const attempts = state.attempts.map((attempt): Attempt => {
    const isOwn = attempt.outTradeNo === state.paidAttempt;
    const concerned = isLoose(state, attempt) || isExhausted(attempt) || isRefused(attempt) || isOwn;
    return concerned ? { ...attempt, ask: 'resolve', confirmed: null } : attempt;
  });
  return { ...state, attempts, resolving: action, resolution: null };
}

/** Once WeChat Pay has answered about all of it. */
export function decided(state: OrderState): OrderState {
  const { resolving } = state;
  if (resolving === null || state.attempts.some(({ ask }) => ask === 'resolve')) return state;
  const asked: OrderState = { ...state, resolving: null };
  switch (resolving) {
    case 'accept':
      return accepted(asked);
    case 'return':
      return returned(asked);
    case 'close':
      return closed(asked);
    default:
      return resolving satisfies never;
  }
}

/** Something only a person may decide. */
export const needsPerson = (state: OrderState): boolean =>
  state.state === 'review' ||
  state.surplus ||
  state.held !== null ||
  state.attempts.some((attempt) => isExhausted(attempt) || isRefused(attempt));

const isRefused = ({ back }: Attempt): boolean => back?.state === 'refused';

const isNotOurs = ({ state, reviewReason }: OrderState): boolean =>
  state === 'review' && reviewReason === 'number_in_use';

const outcome = (state: OrderState, resolution: ResolveOutcome): OrderState => ({ ...state, resolution });

const isConfirmed = (state: OrderState) => (attempt: Attempt) =>
  isLoose(state, attempt) && attempt.confirmed === 'paid';

/** The order becomes paid with the money that is there, whatever its amount; a paid one stays as it is. */
function accepted(state: OrderState): OrderState {
  if (isNotOurs(state)) return outcome(state, 'not_ours');
  const isLeft = state.state === 'closed' && state.attempts.some(isRefused);
  if (state.state === 'paid' || isLeft) return outcome(leftAsItIs(state), 'resolved');
  const isThere = isConfirmed(state);
  const attempt = state.attempts.find((it) => isThere(it) && leftFen(it) > 0);
  if (state.state !== 'review' || attempt === undefined) return outcome(state, 'unconfirmed');
  const paid = paidBy({ ...state, surplus: false }, attempt, 'operator');
  const others = paid.attempts.filter((it) => isLoose(paid, it) && it.confirmed !== 'refunded');
  const settled = others.reduce((folded, it) => giveBack(folded, it.outTradeNo, 'second_payment'), paid);
  return outcome(settled, 'resolved');
}

/** A person takes care of what is left over; goods that were overdue count as delivered. */
function leftAsItIs(state: OrderState): OrderState {
  const attempts = state.attempts.map((attempt): Attempt => {
    const back = attempt.back?.state === 'refused' ? { ...attempt.back, state: 'left' as const } : attempt.back;
    return { ...attempt, back, doubt: isExhausted(attempt) ? null : attempt.doubt };
  });
  const fulfilment = state.held === null ? state.fulfilment : 'fulfilled';
  return { ...state, attempts, surplus: false, held: null, fulfilment };
}

function returned(state: OrderState): OrderState {
  if (isNotOurs(state)) return outcome(state, 'not_ours');
  const refused = state.attempts.filter(isRefused);
  if (isFinal(state.state) && refused.length > 0) return outcome(givenBack(state, refused), 'resolved');
  if (state.state === 'paid') return ownReturned(state);
  const held = state.attempts.filter((attempt) => attempt.state === 'succeeded');
  const isSure = held.length > 0 && held.every((attempt) => attempt.back !== null || isConfirmed(state)(attempt));
  if (state.state !== 'review' || !isSure) return outcome(state, 'unconfirmed');
  return outcome(endedAs(givenBack(state, held), 'returned'), 'resolved');
}

const givenBack = (state: OrderState, attempts: readonly Attempt[]): OrderState =>
  attempts.reduce((folded, { outTradeNo }) => giveBack(folded, outTradeNo, 'operator'), state);

/** Of a paid order only what was held back for a person is theirs to return; anything else is an ordinary refund. */
function ownReturned(state: OrderState): OrderState {
  if (state.held === null) return outcome(state, 'not_applicable');
  const own = state.attempts.find(({ outTradeNo }) => outTradeNo === state.paidAttempt);
  if (own?.confirmed !== 'paid') return outcome(state, 'unconfirmed');
  return outcome(compensated(state, 'operator'), 'resolved');
}

/**
 * Nothing of it is money that PaySaga would leave behind: none came, all of it is known to have gone back, or somebody else gave
 * back what only the person who decides can know. Only what is known is called returned.
 */
function closed(state: OrderState): OrderState {
  if (state.state === 'paid') return outcome(state, 'not_applicable');
  const isHeld = (attempt: Attempt): boolean =>
    isRefused(attempt) || (isLoose(state, attempt) && attempt.confirmed !== 'refunded' && leftFen(attempt) > 0);
  if (state.attempts.some(isHeld)) {
    return outcome(state, 'money_held');
  }
  const attempts = state.attempts.map((attempt): Attempt => ({ ...attempt, doubt: null }));
  const dismissed: OrderState = { ...state, attempts, surplus: false, orphans: [] };
  if (dismissed.state === 'closed') return outcome(dismissed, 'resolved');
  const money = dismissed.attempts.filter((attempt) => isLoose(dismissed, attempt));
  const wentBack = money.length > 0 && money.every((attempt) => leftFen(attempt) === 0);
  return outcome(endedAs(dismissed, wentBack ? 'returned' : 'cancelled'), 'resolved');
}

/** Leaves the review once its refunds are reserved and every attempt that could still be paid is confirmed closed. */
const endedAs = (state: OrderState, ending: 'returned' | 'cancelled'): OrderState => ({ ...state, ending });
