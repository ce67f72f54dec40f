import { finishOperatorAction, openOperatorAction, type OperatorRequest } from '../db/operator-action.js';
import type { IngressDeps } from './deps.js';

/**
 * Keeps who asked for what before it is done, and what came of it. `ask` gets the id that names the request to the workflow.
 * While the outcome is open, or nobody could be asked, so is the row: the same request again joins it.
 */
export async function recordedAction<Outcome extends string>(
  deps: Pick<IngressDeps, 'connection' | 'now'>,
  request: Omit<OperatorRequest, 'at'>,
  ask: (requestId: string, isRepeat: boolean) => Promise<Outcome>,
): Promise<Outcome> {
  const { db } = deps.connection;
  const { id, isRepeat } = await openOperatorAction(db, { ...request, at: deps.now() });
  const outcome = await ask(id, isRepeat);
  if (outcome !== 'pending') await finishOperatorAction(db, id, outcome, deps.now());
  return outcome;
}

/**
 * A decision whose outcome was still open when it was asked for again, and for which nothing is left to decide: the first request
 * was carried out, by a workflow that has ended since.
 */
export const carriedOut = <Outcome extends string>(outcome: Outcome, isRepeat: boolean): Outcome | 'resolved' =>
  isRepeat && outcome === 'not_applicable' ? 'resolved' : outcome;
