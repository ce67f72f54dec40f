import { paymentOf, isForeign, type Attempt } from '../../../src/orders/rules/attempt.js';
import { isChanged, projectionOf } from '../../../src/orders/rules/projection.js';
import { paidOf, resolvingOf, undecidedOf, type OrderState } from '../../../src/orders/rules/state.js';
import { stuckReasonOf } from '../../../src/orders/rules/trouble.js';

/** All that an order says, its parts and what follows from them side by side: what tests compare with. */
export function flat(order: OrderState) {
  const { telling, decision, gateway, attempts } = order;
  return {
    ...{ ...order, ...projectionOf(order), ...telling, ...gateway },
    undecided: undecidedOf(order),
    refundedElsewhere: paidOf(order)?.refundedElsewhere ?? false,
    resolving: resolvingOf(order),
    resolution: decision?.kind === 'made' ? decision.outcome : null,
    stuckReason: stuckReasonOf(order),
    changed: isChanged(order),
    attempts: attempts.map(flattened),
  };
}

const NO_PAYMENT = { transactionId: null, paidFen: 0, paidAtMs: null, backFen: 0, back: null, confirmed: null };

export function flatAttempt(attempt: Attempt): FlatAttempt;
export function flatAttempt(attempt: Attempt | undefined): FlatAttempt | undefined;
export function flatAttempt(attempt: Attempt | undefined): FlatAttempt | undefined {
  return attempt === undefined ? undefined : flattened(attempt);
}

type FlatAttempt = ReturnType<typeof flattened>;

export function flattened(attempt: Attempt) {
  const { phase, prepay, code, refusal, dispute, ask, ...rest } = attempt;
  return {
    ...{ ...rest, ...(paymentOf(attempt) ?? NO_PAYMENT) },
    state: phase.state,
    foreign: isForeign(attempt),
    wantsCode: prepay.isDue,
    firstPrepayAtMs: prepay.sent?.firstAtMs ?? null,
    asking: prepay.sent?.isAsking ?? false,
    prepayUnknown: prepay.sent?.isUnknown ?? false,
    codeGiven: code !== null,
    openedAtMs: code?.openedAtMs ?? null,
    codeExpiresAtMs: code?.expiresAtMs ?? null,
    refused: refusal?.isFinal ?? false,
    refusedWith: refusal?.code ?? null,
    disputed: dispute !== null,
    differs: dispute ?? [],
    ask: ask?.why ?? null,
    askedAtMs: ask?.atMs ?? 0,
  };
}
