import { describeError } from '../../base/describe-error.js';
import type { Db } from '../../db/connection.js';
import { formatYuan } from '../../base/money.js';
import { DomainError } from '../../orders/rules/domain-error.js';
import type { AskingKey } from '../rules/asking-key.js';
import { finishOperatorAction, openOperatorAction, type OperatorRequest } from '../store/action.js';
import { TemporalUnavailable } from '../../temporal/call.js';

type RecordDeps = { readonly db: Db; readonly now: () => Date };

export type Asker = {
  readonly actor: string;
  readonly reason: string | null;
  readonly bulkId?: string;
  /** Asked for before, perhaps in vain: the earlier outcome counts. */
  readonly isRepeat?: boolean;
  /** Absent in a bulk, which moves no money. */
  readonly key?: AskingKey;
};

/** Who asks for something by which money may go back. */
export type KeyedAsker = Asker & { readonly key: AskingKey };

/**
 * Keeps who asked for what before it is done, and the outcome. `ask` gets the id that names the request to the workflow. The same
 * request joins a row whose outcome is open. Throws `refund_above_limit`.
 */
export async function recordedAction<Outcome extends string>(
  { db, now }: RecordDeps,
  { mchid, orderNo }: Pick<OperatorRequest, 'mchid' | 'orderNo'>,
  request: Omit<OperatorRequest, 'at' | 'mchid' | 'orderNo' | 'parameters'> &
    Partial<Pick<OperatorRequest, 'parameters'>>,
  ask: (requestId: string, isRepeat: boolean) => Promise<Outcome>,
): Promise<Outcome> {
  const asked = { parameters: {}, ...request, mchid, orderNo, at: now() };
  const { id, isRepeat, isAboveLimit = false } = await openOperatorAction(db, asked);
  if (isAboveLimit) throw aboveLimit(request.key);
  const outcome = await ask(id, isRepeat);
  if (outcome !== 'pending') await finishOperatorAction(db, id, outcome, now());
  return outcome;
}

/** Of a key that has a limit. */
export const aboveLimit = (key: AskingKey | undefined): DomainError =>
  new DomainError(
    'refund_above_limit',
    `This key gives back at most ${formatYuan(key?.refundLimitFen ?? 0)} of one order, by all that its person asked for and approved.`,
  );

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
