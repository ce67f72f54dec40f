import {
  CancellationScope,
  proxyActivities,
  setCurrentDetails,
  setWorkflowOptions,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { DayFound, ReconciliationActivities } from '../../activities/reconciliation.js';
import { MINUTE, SECOND } from '../../src/base/time.js';
import { BILL_KINDS } from '../../src/reconciliation/rules/bill-line.js';
import { dayCard, type DayProgress } from '../../src/reconciliation/rules/card.js';
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

/** Orders ask within seconds, unless WeChat Pay is away; what is still open then is for a person, or for the next run. */
const LOOK_AGAIN_MS = [10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE];

async function reconcile({ language, ...day }: ReconciliationInput): Promise<void> {
  const show = (progress: DayProgress): void => setCurrentDetails(dayCard(day, progress, language, Date.now()));
  await fetchBills(day, show);
  let found = await matched(day, show);
  for (const lookAgainMs of LOOK_AGAIN_MS) {
    if (found.repairable === 0) break;
    show({ step: 'repair', found });
    await work(`ask about ${found.repairable}`).repairDay({ ...day, lookAgainMs });
    await sleep(lookAgainMs, { summary: 'until the orders have asked' });
    found = await matched(day, show);
  }
  await work('ask about old refunds').askUnsettledRefunds(day);
  await work('end').endDay(day);
  show({ step: 'done', found });
}

type Day = Omit<ReconciliationInput, 'language'>;
type Show = (progress: DayProgress) => void;

async function fetchBills(day: Day, show: Show): Promise<void> {
  for (const kind of BILL_KINDS) {
    show({ step: kind, isLate: false });
    const fetch = (isLate: boolean) => work(`${kind} bill of ${day.date}`).fetchBill({ ...day, kind, isLate });
    if ((await fetch(false)) === 'fetched') continue;
    shown(['bill_late']);
    show({ step: kind, isLate: true });
    await fetch(true);
    shown([]);
  }
}

const shown = (reasons: string[]): void => upsertSearchAttributes({ [SEARCH_ATTRIBUTES.stuckReason]: reasons });

async function matched(day: Day, show: Show): Promise<DayFound> {
  for (;;) {
    show({ step: 'match' });
    const found = await work(`match ${day.date}`).matchDay(day);
    if (found !== 'bill_missing') return found;
    await fetchBills(day, show);
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
