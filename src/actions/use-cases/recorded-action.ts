import { describeError } from '../../base/describe-error.js';
import type { Db } from '../../db/connection.js';
import { finishOperatorAction, openOperatorAction, type OperatorRequest } from '../store/action.js';
import { TemporalUnavailable } from '../../temporal/call.js';

type RecordDeps = { readonly db: Db; readonly now: () => Date };

export type Asker = {
  readonly actor: string;
  readonly reason: string | null;
  readonly bulkId?: string;
  /** Asked for before, perhaps in vain: the earlier outcome counts. */
  readonly isRepeat?: boolean;
};

/**
 * Keeps who asked for what before it is done, and the outcome. `ask` gets the id that names the request to the workflow. The same
 * request joins a row whose outcome is open.
 */
export async function recordedAction<Outcome extends string>(
  { db, now }: RecordDeps,
  { mchid, orderNo }: Pick<OperatorRequest, 'mchid' | 'orderNo'>,
  request: Omit<OperatorRequest, 'at' | 'mchid' | 'orderNo' | 'parameters'> &
    Partial<Pick<OperatorRequest, 'parameters'>>,
  ask: (requestId: string, isRepeat: boolean) => Promise<Outcome>,
): Promise<Outcome> {
  const { id, isRepeat } = await openOperatorAction(db, { parameters: {}, ...request, mchid, orderNo, at: now() });
  const outcome = await ask(id, isRepeat);
  if (outcome !== 'pending') await finishOperatorAction(db, id, outcome, now());
  return outcome;
}

/** A repeated decision with nothing left to decide: the first request was carried out, by a workflow that has ended since. */
export const carriedOut = <Outcome extends string>(outcome: Outcome, isRepeat: boolean): Outcome | 'resolved' =>
  isRepeat && outcome === 'not_applicable' ? 'resolved' : outcome;

export type AwayLog = { warn(fields: Readonly<Record<string, unknown>>, message: string): void };

/** Without Temporal a recorded request is as `pending` as while its answer takes long: the sweeper brings it. */
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
