import {
  CancellationScope,
  proxyActivities,
  setCurrentDetails,
  setWorkflowOptions,
  sleep,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { ReconciliationActivities } from '../../activities/reconciliation.js';
import { MINUTE } from '../../src/base/time.js';
import { BILL_KINDS, type BillKind } from '../../src/reconciliation/rules/bill-line.js';
import { dayCard, type DayProgress } from '../../src/reconciliation/rules/card.js';
import { SEARCH_ATTRIBUTES } from '../saga/messages.js';
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

async function reconcile(input: ReconciliationInput): Promise<void> {
  const show = (progress: DayProgress): void => setCurrentDetails(dayCard(input, progress, input.language, Date.now()));
  for (const kind of BILL_KINDS) {
    show({ step: kind });
    if ((await fetched(input, kind, show)) === 'failed') return;
  }
  show({ step: 'match' });
  let found = await work(`match ${input.date}`).matchDay(input);
  for (const afterMs of LOOK_AGAIN_MS) {
    if (found.repairable === 0) break;
    show({ step: 'repair', found });
    await work(`repair ${found.repairable}`).repairDay(input);
    await sleep(afterMs, { summary: 'until the orders have asked' });
    found = await work(`match ${input.date}`).matchDay(input);
  }
  await work('ask about old refunds').askUnsettledRefunds(input);
  await work('end').endDay(input);
  show({ step: 'done', found });
}

/** Retried without limit; the heartbeat shows a killed worker. A million lines take minutes. */
const work = (summary: string): ReconciliationActivities =>
  proxyActivities<ReconciliationActivities>({
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '30 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
    summary,
  });

/** Orders ask within seconds, unless WeChat Pay is away; what is still open then is for a person, or for the next run. */
const LOOK_AGAIN_MS = [MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE];

type Show = (progress: DayProgress) => void;

async function fetched(input: ReconciliationInput, kind: BillKind, show: Show): Promise<'fetched' | 'failed'> {
  let isLate = false;
  for (;;) {
    const reply = await work(`${kind} bill of ${input.date}`).fetchBill({ ...input, kind, isLate });
    if (reply.kind !== 'late') {
      if (isLate) shown([]);
      return reply.kind;
    }
    isLate = true;
    shown(['bill_late']);
    show({ step: kind, late: reply.waitsFor });
  }
}

const shown = (reasons: string[]): void => upsertSearchAttributes({ [SEARCH_ATTRIBUTES.stuckReason]: reasons });
