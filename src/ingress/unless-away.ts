import { TemporalUnavailable } from '../temporal/port.js';
import { describeError } from './describe-error.js';
import type { IngressDeps } from './deps.js';

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
