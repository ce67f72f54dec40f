import type { CloseAnswer, GatewayFailureCode } from '../gateway-answer.js';
import { STUCK_AFTER_MS } from './schedules.js';

/** What keeps a call from its end, as a person has to know it; `not_written`: Postgres refuses what came of it. */
export type Trouble = 'merchant_config' | 'gateway_unreachable' | 'merchant_balance' | 'not_written';

/** An answer, or the news that there will be none until somebody or something is repaired; the call goes on meanwhile. */
export type GatewayReply<Answer> =
  { readonly kind: 'answer'; readonly answer: Answer } | { readonly kind: 'trouble'; readonly reason: Trouble };

/** A close is tried once at a time. `unanswered`: it may have happened; `misconfigured`: the merchant has no right to it. */
export type CloseOutcome = CloseAnswer['kind'] | 'unanswered' | 'misconfigured';

/** The trouble a failing call is in, if it is news: refused rights at once, silence after three minutes. `known` is shown already. */
export function troubleOf(code: GatewayFailureCode, failingForMs: number, known: Trouble | null): Trouble | null {
  if (code === 'merchant_config') return known === 'merchant_config' ? null : 'merchant_config';
  return failingForMs >= STUCK_AFTER_MS && known === null ? 'gateway_unreachable' : null;
}

/** Milliseconds to the next try of a durable gateway call: 1, 2, 5, 10, 30 s, then every minute. */
export function retryDelayMs(attempt: number): number {
  return [1_000, 2_000, 5_000, 10_000, 30_000][attempt - 1] ?? 60_000;
}

/** Milliseconds until Postgres is asked again to take what it refused: a person has to change something first. */
export function refusedDelayMs(attempt: number): number {
  return [30_000, 60_000, 120_000][attempt - 1] ?? 300_000;
}
