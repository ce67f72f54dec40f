import { isUnavailable } from '../../db/failure.js';
import { TemporalUnavailable } from '../../temporal/port.js';
import { ApiError } from './api-error.js';
import { describeError } from '../../base/describe-error.js';
import type { IngressDeps } from './route.js';

/**
 * Asks a workflow for what is recorded. Without Temporal that is not lost: the sweeper brings it, so that whoever asked hears the same as
 * while an answer takes long.
 */
export async function unlessAway<T>(
  { log }: Pick<IngressDeps, 'log'>,
  about: Readonly<Record<string, string>>,
  asked: () => Promise<T>,
): Promise<T | 'pending'> {
  try {
    return await asked();
  } catch (error) {
    if (!(error instanceof TemporalUnavailable)) throw error;
    log.warn({ ...about, error: describeError(error) }, 'recorded, and not brought to its workflow yet');
    return 'pending';
  }
}

/**
 * The answer while something PaySaga depends on is away; undefined for any other error. Without Postgres nothing was done. Without
 * Temporal nobody knows yet: what was asked for is kept, and brought to its workflow later.
 */
export function outageOf(error: unknown): ApiError | undefined {
  if (error instanceof TemporalUnavailable) {
    return new ApiError('outcome_pending', 'Temporal does not answer; repeat the call: nothing is done twice.', {
      cause: error,
    });
  }
  return isUnavailable(error)
    ? new ApiError('unavailable', 'Repeat the request: nothing is done twice.', { cause: error })
    : undefined;
}
