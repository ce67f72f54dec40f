import type { Mchid } from '../../base/ids.js';
import type { Db } from '../../db/connection.js';
import { DomainError, type DomainErrorCode } from '../../orders/rules/domain-error.js';
import { NOT_CONFIGURED } from '../../orders/use-cases/payer.js';
import { TemporalUnavailable } from '../../temporal/call.js';
import type { ReconciliationWorkflows } from '../client.js';
import { reconcilableDate, type BillDate, type DateRefusal } from '../rules/day.js';
import { markDayStalled, openDay, type DayRecord } from '../store/day.js';

export type RunDeps = {
  readonly db: Db;
  readonly reconciliations: ReconciliationWorkflows;
  readonly merchants: { of(mchid: Mchid): object | undefined };
  readonly now: () => Date;
};

type Asked = { readonly mchid: Mchid; readonly date: string; readonly askedBy: string };

type Opened = { readonly day: DayRecord; readonly isNew: boolean };

/**
 * Begins a run of a day that somebody asks for, or joins the one under way: it is woken where it sleeps, and started anew where it
 * cannot go on. A run that cannot be started now is started by the sweeper. Throws as {@link requireReconcilable}.
 */
export async function runDay(deps: RunDeps, { mchid, date: text, askedBy }: Asked): Promise<Opened> {
  const date = requireReconcilable(deps, mchid, text);
  const opened = await openDay(deps.db, { mchid, date, askedBy, now: deps.now() });
  await started(deps, opened);
  return opened;
}

/** Throws `invalid_request`, also for a merchant that is not configured, `date_in_future`, `bill_not_ready`, `date_too_old`. */
export function requireReconcilable(
  { merchants, now }: Pick<RunDeps, 'merchants' | 'now'>,
  mchid: Mchid,
  text: string,
): BillDate {
  if (merchants.of(mchid) === undefined) throw new DomainError('invalid_request', `${NOT_CONFIGURED}.`);
  const date = reconcilableDate(text, now());
  if (!date.ok) throw new DomainError(...REFUSALS[date.error]);
  return date.value;
}

async function started({ db, reconciliations, now }: RunDeps, { day, isNew }: Opened): Promise<void> {
  const isAsleep = day.nextAt !== null && day.nextAt > now();
  try {
    if (!isNew && (await reconciliations.endStalled(day)) === 'rescued') await markDayStalled(db, day, false, now());
    await (isNew || isAsleep ? reconciliations.wake(day) : reconciliations.start(day));
  } catch (error) {
    if (!(error instanceof TemporalUnavailable)) throw error;
  }
}

const REFUSALS: Readonly<Record<DateRefusal, readonly [DomainErrorCode, string]>> = {
  malformed: ['invalid_request', 'date: must be a calendar day, as 2026-03-01.'],
  future: ['date_in_future', 'This day is not over yet in Beijing.'],
  today: ['bill_not_ready', 'Bills of a day are there from 10:05 of the next one, in Beijing.'],
  not_ready: ['bill_not_ready', 'Bills of a day are there from 10:05 of the next one, in Beijing.'],
  too_old: ['date_too_old', 'WeChat Pay keeps bills for 90 days.'],
};
