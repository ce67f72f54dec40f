import type { Db } from '../../db/connection.js';
import { finishOperatorAction, openOperatorAction, type OperatorRequest } from '../../actions/store/action.js';

export type RecordDeps = { readonly db: Db; readonly now: () => Date };

/** Who asks and why, as it is kept. */
export type Asker = {
  readonly actor: string;
  readonly reason: string | null;
  readonly bulkId?: string;
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
