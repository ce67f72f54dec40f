import {
  isRefundChanged,
  refundProjectionOf,
  resolvingOf,
  type RefundState,
} from '../../../src/refunds/rules/state.js';

/** All that a refund says, its parts and what follows from them side by side: what tests compare with. */
export function flatRefund(refund: RefundState) {
  const { phase, gateway, ask, decision, telling } = refund;
  const { state, succeededAtMs, offline } = refundProjectionOf(refund);
  return {
    ...{ ...refund, ...gateway, ...telling, state, succeededAtMs, offline },
    acceptedAtMs: 'acceptedAtMs' in phase ? phase.acceptedAtMs : null,
    ask: ask?.why ?? null,
    nextAskMs: ask?.atMs ?? 0,
    reason: ask?.by ?? null,
    refused: ask?.why === 'refusal',
    resolving: resolvingOf(refund),
    task: decision?.kind === 'due' ? decision.task : null,
    resolution: decision?.kind === 'made' ? decision.outcome : null,
    changed: isRefundChanged(refund),
  };
}
