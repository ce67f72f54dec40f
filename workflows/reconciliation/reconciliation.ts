import {
  CancellationScope,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { BillInput } from '../../activities/bill-fetch.js';
import type { DayMatched, Failing, ReconciliationActivities, StepInput } from '../../activities/reconciliation.js';
import { MINUTE, SECOND } from '../../src/base/time.js';
import { BILL_KINDS, type BillKind } from '../../src/reconciliation/rules/bill-line.js';
import { dayCard, shownDay, type ShownDay } from '../../src/reconciliation/rules/card.js';
import { queuesBeside, recheckSignal, SEARCH_ATTRIBUTES } from '../saga/messages.js';
import { neverPinned } from '../saga/run.js';
import type { ReconciliationInput } from './messages.js';

/**
 * Holds a merchant's day against WeChat Pay's bills: fetches them, matches both ways, has what can be repaired asked about, and
 * matches again until it is. All it knows is in Postgres: a run that is lost is begun again. Cancelling stops nothing; a person who
 * asks for the day wakes a run that sleeps.
 */
export async function reconciliation(input: ReconciliationInput): Promise<void> {
  await CancellationScope.nonCancellable(() => reconcile(input));
}

setWorkflowOptions(neverPinned, reconciliation);

async function reconcile({ language, ...day }: ReconciliationInput): Promise<void> {
  const run: Run = {
    day,
    isLate: false,
    isFailing: false,
    isAskedAgain: false,
    wake: () => undefined,
    show: (shown) => setCurrentDetails(dayCard(shown, language, Date.now())),
  };
  setHandler(recheckSignal, () => {
    run.isAskedAgain = true;
    run.wake();
  });
  do await reconcileOnce(run);
  while (run.isAskedAgain);
}

async function reconcileOnce(run: Run): Promise<void> {
  run.show(begun(run.day));
  await fetchBill(run, 'trade');
  const isLate = (await fetchBill(run, 'fundflow', 'untilLate')) === 'late';
  // Orders do not wait for ever for the merchant's account.
  if (isLate) await settle(run, ['trade']);
  if (isLate) await fetchBill(run, 'fundflow');
  for (;;) {
    await settle(run, BILL_KINDS);
    run.isAskedAgain = false;
    const ended = await step(run, (input) => work('end').endDay(input));
    if (ended === 'not_matched') continue;
    run.show(ended);
    return;
  }
}

type Day = Omit<ReconciliationInput, 'language'>;

type Run = {
  readonly day: Day;
  readonly show: (shown: ShownDay) => void;
  /** As they are shown. */
  isLate: boolean;
  isFailing: boolean;
  /** Since it began to end: then it is another run's turn. */
  isAskedAgain: boolean;
  wake: () => void;
};

/** Undefined: it was woken, and what it waited for is to be done again. A step that a wake-up finds at work goes on. */
async function unlessWoken<Reply>(run: Run, wait: () => Promise<Reply>): Promise<Reply | undefined> {
  const scope = new CancellationScope({ cancellable: true });
  run.wake = () => scope.cancel();
  try {
    return await scope.run(wait);
  } catch (error) {
    if (!scope.consideredCancelled) throw error;
    return undefined;
  } finally {
    run.wake = () => undefined;
  }
}

/** Until it succeeds; that it fails is shown. */
async function step<Reply extends object | string | null>(
  run: Run,
  act: (input: StepInput) => Promise<Reply | Failing>,
): Promise<Reply> {
  let told: StepInput['told'] = 'nothing';
  for (;;) {
    const input = { ...run.day, told };
    const reply = await unlessWoken(run, () => act(input));
    if (reply === undefined) continue;
    const isShownFailing = isFailing(reply);
    showStuck(run, run.isLate, isShownFailing);
    if (!isShownFailing) return reply;
    run.show(reply.failing);
    told = 'failing';
  }
}

const isFailing = (reply: object | string | null): reply is Failing =>
  typeof reply === 'object' && reply !== null && 'failing' in reply;

function begun(day: Day): ShownDay {
  const row = {
    state: 'waiting',
    failure: null,
    waitsFor: null,
    waitingSince: null,
    nextAt: null,
    stalledSince: null,
  } as const;
  return shownDay({ ...day, ...row, startedAt: workflowInfo().startTime, finishedAt: null, open: [], bills: [] });
}

/** Waits for it, which is shown from the first minute on. `untilLate`: no longer than it takes to be late. */
async function fetchBill(run: Run, kind: BillKind, how?: 'untilLate'): Promise<'fetched' | 'late'> {
  let told: BillInput['told'] = 'nothing';
  for (;;) {
    const input: BillInput = { ...run.day, kind, told, toldFailing: run.isFailing };
    const reply = await unlessWoken(run, () => work(`${kind} bill of ${run.day.date}`).fetchBill(input));
    if (reply === undefined) continue;
    showStuck(run, reply.kind === 'late', reply.kind !== 'fetched' && reply.day.waitsFor === 'failing');
    if (reply.kind === 'fetched') {
      run.show(begun(run.day));
      return 'fetched';
    }
    run.show(reply.day);
    if (reply.kind === 'late' && how === 'untilLate') return 'late';
    told = reply.kind;
    await unlessWoken(run, () => sleep(reply.delayMs, { summary: `until the ${kind} bill is asked for again` }));
  }
}

function showStuck(run: Run, isLate: boolean, isFailing: boolean): void {
  const [before] = stuckReasonOf(run);
  run.isLate = isLate;
  // Runs begun before showed a failing step on their card alone.
  run.isFailing = isFailing && patched('2026-11-day-failing');
  const after = stuckReasonOf(run);
  if (after[0] !== before) upsertSearchAttributes({ [SEARCH_ATTRIBUTES.stuckReason]: after });
}

/** A step that fails keeps a bill from being had, too. */
const stuckReasonOf = ({ isLate, isFailing }: Run): ('day_failing' | 'bill_late')[] =>
  isFailing ? ['day_failing'] : isLate ? ['bill_late'] : [];

/** Orders ask within seconds, unless WeChat Pay is away; what is still open then is for a person, or for the next run. */
const LOOK_AGAIN_MS = [10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE];

/** Matches the day, and again while what differs is being asked about. */
async function settle(run: Run, bills: readonly BillKind[]): Promise<void> {
  let { repairable } = await matched(run, bills);
  for (const lookAgainMs of LOOK_AGAIN_MS) {
    if (repairable === 0) return;
    const summary = `ask about ${repairable}`;
    const asked = await step(run, (input) => work(summary).repairDay({ ...input, lookAgainMs }));
    if (asked !== null) run.show(asked);
    await unlessWoken(run, () => sleep(lookAgainMs, { summary: 'until the orders have asked' }));
    ({ repairable } = await matched(run, bills));
  }
}

/** Postgres may have come back with less than it had: then the bills are fetched again. */
async function matched(run: Run, bills: readonly BillKind[]): Promise<DayMatched> {
  for (;;) {
    const found = await step(run, (input) => work(`match ${run.day.date}`).matchDay({ ...input, bills }));
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
