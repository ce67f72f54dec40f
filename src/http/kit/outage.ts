import { isUnavailable } from '../../db/failure.js';
import { TemporalUnavailable } from '../../temporal/call.js';
import { ApiError } from './api-error.js';

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
