import type { PendingEvent } from '../../shop-events/rules/event.js';
import { FIRST_REFUND_POLL_MS } from './schedules.js';
import type { RefundState } from './state.js';
import { isRefundFinal, type RefundStateName } from './states.js';

/** What must happen now. `wait` ends at `untilMs`, or with the next fact; `poll` names the state that is no news meanwhile. */
export type RefundStep =
  | { readonly kind: 'project' }
  | { readonly kind: 'tell'; readonly event: PendingEvent }
  | { readonly kind: 'query' }
  | { readonly kind: 'apply' }
  | { readonly kind: 'abnormalRefund' }
  | { readonly kind: 'reissue' }
  | { readonly kind: 'wait'; readonly untilMs: number | null; readonly poll: RefundStateName | null };

/** The one next step; `undefined` when the refund is final, written and told. */
export function nextRefundStep(state: RefundState, nowMs: number): RefundStep | undefined {
  if (state.changed) return { kind: 'project' };
  const [event] = state.outbox;
  if (event !== undefined) return { kind: 'tell', event };
  if (state.ask !== null) {
    return state.nextAskMs <= nowMs ? { kind: 'query' } : { kind: 'wait', untilMs: state.nextAskMs, poll: null };
  }
  if (state.task !== null) return { kind: state.task };
  if (isRefundFinal(state.state)) return undefined;
  if (state.mismatched) return { kind: 'wait', untilMs: null, poll: null };
  if (state.state === 'requested') return { kind: 'apply' };
  const pollFromMs = (state.acceptedAtMs ?? nowMs) + FIRST_REFUND_POLL_MS;
  return pollFromMs > nowMs
    ? { kind: 'wait', untilMs: pollFromMs, poll: null }
    : { kind: 'wait', untilMs: null, poll: state.state };
}
