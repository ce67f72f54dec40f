import { condition } from '@temporalio/workflow';
import type { Unwritten } from '../activities/written.js';
import type { Renewal } from './renewal.js';
import type { Language } from '../src/base/language.js';
import type { OrderEvent } from '../src/domain/order/events.js';
import type { OrderState } from '../src/domain/order/state.js';
import type { GatewayReply, Trouble } from '../src/domain/order/trouble.js';
import type { RefundEvent } from '../src/domain/refund/events.js';
import type { RefundState } from '../src/domain/refund/state.js';

/** All that one workflow knows. Handlers fold facts in; only the loop acts on them. */
export type Kept<State, Event> = {
  readonly now: State;
  /** Of the cards a person reads. */
  readonly language: Language;
  fold(event: Event): void;
};

export type Facts = Kept<OrderState, OrderEvent>;
export type RefundFacts = Kept<RefundState, RefundEvent>;

export function keep<State, Event>(
  initial: State,
  language: Language,
  transition: (state: State, event: Event, nowMs: number) => State,
): Kept<State, Event> {
  let now = initial;
  return {
    get now() {
      return now;
    },
    language,
    fold(event) {
      now = transition(now, event, Date.now());
    },
  };
}

/** Until the next fact, or until this time, or until this run may or must be followed by another. */
export async function newFact(facts: Kept<unknown, never>, untilMs: number | null, renewal: Renewal): Promise<void> {
  const seen = facts.now;
  const known = renewal.endsAtMs();
  const changed = (): boolean => facts.now !== seen || renewal.isFree() || renewal.endsAtMs() !== known;
  const wakesAtMs = Math.min(untilMs ?? Infinity, known ?? Infinity);
  if (wakesAtMs === Infinity) await condition(changed);
  else await condition(changed, Math.max(1, wakesAtMs - Date.now()), { summary: 'wait' });
}

/** Trouble is a fact like any other: the loop goes on from it with the same call. */
export function isTrouble<Answer>(
  facts: { fold(event: { readonly type: 'troubled'; readonly reason: Trouble }): void },
  reply: GatewayReply<Answer>,
): reply is Extract<GatewayReply<Answer>, { kind: 'trouble' }> {
  if (reply.kind === 'trouble') facts.fold({ type: 'troubled', reason: reply.reason });
  return reply.kind === 'trouble';
}

/** That Postgres refuses what is known is a fact, too: the loop tries again, and shows it meanwhile. */
export function isUnwritten(
  facts: { fold(event: { readonly type: 'unwritten' }): void },
  written: { readonly kind: string },
): written is Unwritten {
  if (written.kind === 'unwritten') facts.fold({ type: 'unwritten' });
  return written.kind === 'unwritten';
}

/** A write that Postgres is known to refuse is tried slowly, and at once when there is news or somebody asks. */
export function untilNews<Answer>(
  facts: Kept<{ readonly unwritten: boolean }, never>,
  write: () => Promise<Answer>,
): { local?: () => Promise<Answer>; superseded?: () => boolean } {
  const seen = facts.now;
  return seen.unwritten ? { superseded: () => facts.now !== seen } : { local: write };
}
