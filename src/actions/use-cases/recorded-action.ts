import { describeError } from '../../base/describe-error.js';
import type { Db } from '../../db/connection.js';
import { finishOperatorAction, openOperatorAction, type OperatorRequest } from '../store/action.js';
import { TemporalUnavailable } from '../../temporal/call.js';

export type RecordDeps = { readonly db: Db; readonly now: () => Date };

/** Who asks and why, as it is kept. */
export type Asker = {
  readonly actor: string;
  readonly reason: string | null;
  readonly bulkId?: string;
  /** It was asked for before, perhaps in vain: what came of that counts. */
  readonly isRepeat?: boolean;
};

/**
 * Keeps who asked for what before it is done, and what came of it. `ask` gets the id that names the request to the workflow.
 * While the outcome is open, or nobody could be asked, so is the row: the same request again joins it.
 */
export async function recordedAction<Outcome extends string>(
  { db, now }: RecordDeps,
  request: Omit<OperatorRequest, 'at'>,
  ask: (requestId: string, isRepeat: boolean) => Promise<Outcome>,
): Promise<Outcome> {
  const { id, isRepeat } = await openOperatorAction(db, { ...request, at: now() });
  const outcome = await ask(id, isRepeat);
  if (outcome !== 'pending') await finishOperatorAction(db, id, outcome, now());
  return outcome;
}

/**
 * A decision whose outcome was still open when it was asked for again, and for which nothing is left to decide: the first request
 * was carried out, by a workflow that has ended since.
 */
export const carriedOut = <Outcome extends string>(outcome: Outcome, isRepeat: boolean): Outcome | 'resolved' =>
  isRepeat && outcome === 'not_applicable' ? 'resolved' : outcome;

export type AwayLog = { warn(fields: Readonly<Record<string, unknown>>, message: string): void };

/**
 * Asks a workflow for something that is recorded. Without Temporal the record stays, and the sweeper brings it: whoever asked hears
 * the same as while an answer takes long.
 */
export async function unlessAway<T>(
  { log }: { readonly log: AwayLog },
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
