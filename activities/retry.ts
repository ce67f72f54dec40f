import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { isRefused } from '../src/db/failure.js';
import { refusedDelayMs } from '../src/orders/rules/schedules.js';

/** Retries the activity in so many milliseconds. BENIGN: waiting is no noise in the log. */
export function notYet(message: string, type: string, nextRetryDelay: number): ApplicationFailure {
  const category = ApplicationFailureCategory.BENIGN;
  return ApplicationFailure.create({ message, type, category, nextRetryDelay: Math.max(1, nextRetryDelay) });
}

/** Postgres refuses for good what is known, and shows so; the same write goes on. */
export type Unwritten = { readonly kind: 'unwritten' };

/** `unwritten`: its workflow knows already that Postgres refuses it, and waits until it goes through. */
export type WriteInput = { readonly unwritten: boolean };

/**
 * Writes what a workflow knows. What Postgres refuses for good is shown by `mark`, which touches nothing else, told to the
 * workflow once, and then tried again slowly; what it could not take just now is retried like anything else.
 */
export async function written<Answer>(
  { unwritten }: WriteInput,
  write: () => Promise<Answer>,
  mark: () => Promise<void>,
): Promise<Answer | Unwritten> {
  try {
    return await write();
  } catch (error) {
    if (!isRefused(error)) throw error;
    await mark();
    if (!unwritten) return { kind: 'unwritten' };
    throw refusedByPostgres(error, { nextRetryDelay: refusedDelayMs(activityInfo().attempt) });
  }
}

/** Names the rule that refused; what was refused stays here. */
export const refusedByPostgres = (
  { message }: Error,
  options: { nonRetryable?: boolean; nextRetryDelay?: number },
): ApplicationFailure => ApplicationFailure.create({ message, type: 'not_written', ...options });
