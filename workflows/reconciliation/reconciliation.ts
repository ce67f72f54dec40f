import {
  CancellationScope,
  proxyActivities,
  setCurrentDetails,
  setWorkflowOptions,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { DayMatched, ReconciliationActivities } from '../../activities/reconciliation.js';
import { MINUTE, SECOND } from '../../src/base/time.js';
import { BILL_KINDS, type BillKind } from '../../src/reconciliation/rules/bill-line.js';
import { dayCard, shownDay, type ShownDay } from '../../src/reconciliation/rules/card.js';
import { queuesBeside, SEARCH_ATTRIBUTES } from '../saga/messages.js';
import { neverPinned } from '../saga/run.js';
import type { ReconciliationInput } from './messages.js';

/**
 * Holds a merchant's day against WeChat Pay's bills: fetches them, matches both ways, has what can be repaired asked about, and
 * matches again until it is. All it knows is in Postgres: a run that is lost is begun again. Cancelling stops nothing.
 */
export async function reconciliation(input: ReconciliationInput): Promise<void> {
  await CancellationScope.nonCancellable(() => reconcile(input));
}

setWorkflowOptions(neverPinned, reconciliation);

async function reconcile({ language, ...day }: ReconciliationInput): Promise<void> {
  const run: Run = {
    day,
    isLate: false,
    show: (shown) => setCurrentDetails(dayCard(shown, language, Date.now())),
  };
  run.show(begun(day));
  await fetchBill(run, 'trade');
  const isLate = (await fetchBill(run, 'fundflow', 'untilLate')) === 'late';
  // Orders do not wait for ever for the merchant's account.
  if (isLate) await settle(run, ['trade']);
  if (isLate) await fetchBill(run, 'fundflow');
  for (;;) {
    await settle(run, BILL_KINDS);
    const ended = await work('end').endDay(day);
    if (ended === 'not_matched') continue;
    run.show(ended);
    return;
  }
}

type Day = Omit<ReconciliationInput, 'language'>;

type Run = {
  readonly day: Day;
  readonly show: (shown: ShownDay) => void;
  /** As it is shown. */
  isLate: boolean;
};

function begun(day: Day): ShownDay {
  const row = { state: 'waiting', failure: null, waitsFor: null, waitingSince: null, nextAt: null } as const;
  return shownDay({ ...day, ...row, startedAt: workflowInfo().startTime, finishedAt: null, open: [] });
}

/** Waits for it, which is shown from the first minute on. `untilLate`: no longer than it takes to be late. */
async function fetchBill(run: Run, kind: BillKind, how?: 'untilLate'): Promise<'fetched' | 'late'> {
  let told: 'nothing' | 'waiting' | 'late' = 'nothing';
  for (;;) {
    const reply = await work(`${kind} bill of ${run.day.date}`).fetchBill({ ...run.day, kind, told });
    showLate(run, reply.kind === 'late');
    if (reply.kind === 'fetched') {
      run.show(begun(run.day));
      return 'fetched';
    }
    run.show(reply.day);
    if (reply.kind === 'late' && how === 'untilLate') return 'late';
    told = reply.kind;
    await sleep(reply.delayMs, { summary: `until the ${kind} bill is asked for again` });
  }
}

function showLate(run: Run, isLate: boolean): void {
  if (run.isLate === isLate) return;
  run.isLate = isLate;
  upsertSearchAttributes({ [SEARCH_ATTRIBUTES.stuckReason]: isLate ? ['bill_late'] : [] });
}

/** Orders ask within seconds, unless WeChat Pay is away; what is still open then is for a person, or for the next run. */
const LOOK_AGAIN_MS = [10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE];

/** Matches the day, and again while what differs is being asked about. */
async function settle(run: Run, bills: readonly BillKind[]): Promise<void> {
  let { repairable } = await matched(run, bills);
  for (const lookAgainMs of LOOK_AGAIN_MS) {
    if (repairable === 0) return;
    const asked = await work(`ask about ${repairable}`).repairDay({ ...run.day, lookAgainMs });
    if (asked !== null) run.show(asked);
    await sleep(lookAgainMs, { summary: 'until the orders have asked' });
    ({ repairable } = await matched(run, bills));
  }
}

/** Postgres may have come back with less than it had: then the bills are fetched again. */
async function matched(run: Run, bills: readonly BillKind[]): Promise<DayMatched> {
  for (;;) {
    const found = await work(`match ${run.day.date}`).matchDay({ ...run.day, bills });
    if (found !== 'bill_missing') return found;
    for (const kind of bills) await fetchBill(run, kind);
  }
}

/** Retried without limit; the heartbeat shows a killed worker. A million lines take minutes. */
const work = (summary: string): ReconciliationActivities =>
  proxyActivities<ReconciliationActivities>({
    taskQueue: queuesBeside(workflowInfo().taskQueue).bills,
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '30 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
    summary,
  });
