import { activityInfo, heartbeat, log } from '@temporalio/activity';
import { DAY, MINUTE } from '../src/base/time.js';
import type { Merchants } from '../src/channels/merchant.js';
import type { OrderWorkflows } from '../src/orders/client.js';
import type { BillKind } from '../src/reconciliation/rules/bill-line.js';
import type { ShownDay } from '../src/reconciliation/rules/card.js';
import { BILLS_DEALT_WITH } from '../src/reconciliation/rules/day.js';
import { NO_FOREIGN } from '../src/reconciliation/rules/foreign.js';
import { loadBills, type DayRef } from '../src/reconciliation/store/bill.js';
import { setWaiting } from '../src/reconciliation/store/day.js';
import { endRun } from '../src/reconciliation/store/end.js';
import { matchDay } from '../src/reconciliation/store/match.js';
import { countRepairs, openRepairs, unsettledRefunds, type Repair } from '../src/reconciliation/store/repairs.js';
import { askWeChat } from '../src/reconciliation/use-cases/ask.js';
import type { RefundWorkflows } from '../src/refunds/client.js';
import type { EventWorkflows } from '../src/shop-events/client.js';
import {
  fetchBill,
  FAILING_FROM,
  shownAs,
  shownFailing,
  type BillInput,
  type BillReply,
  type FetchDeps,
} from './bill-fetch.js';

export type ReconciliationDeps = FetchDeps & {
  readonly orders: Pick<OrderWorkflows, 'deliverEvidence' | 'recheck'>;
  readonly refunds: Pick<RefundWorkflows, 'findExternal' | 'recheck'>;
  readonly events: Pick<EventWorkflows, 'start'>;
  readonly merchants: Pick<Merchants, 'of'>;
};

export type ReconciliationActivities = ReturnType<typeof createReconciliationActivities>;

export type DayMatched = {
  /** Open discrepancies that a query may settle. */
  readonly repairable: number;
};

export type StepInput = DayRef & {
  /** What the workflow shows of this step: that it fails is answered once. */
  readonly told?: 'nothing' | 'failing';
};

/** The day as it is shown while its step fails. */
export type Failing = { readonly failing: ShownDay };

/** The steps of a day. What each has done is in Postgres: it may run twice, also at the same time. */
export function createReconciliationActivities(deps: ReconciliationDeps) {
  const { db, now } = deps;
  return {
    /** Asks until there is a bill, or none; a download that breaks off goes on where it broke. */
    fetchBill: (input: BillInput): Promise<BillReply> => beating(() => fetchBill(deps, input)),

    /** `bill_missing`: Postgres came back with less than it had, and `bills` are to be fetched again. */
    matchDay: (input: MatchInput): Promise<DayMatched | 'bill_missing' | Failing> =>
      step(deps, input, () => matched(deps, input)),

    /**
     * Asks WeChat Pay, through the orders and refunds themselves: no money moves by a line. `lookAgainMs`: then it is matched again.
     * Null: Postgres does not know the day any more.
     */
    repairDay: ({
      lookAgainMs,
      ...input
    }: StepInput & { readonly lookAgainMs: number }): Promise<ShownDay | null | Failing> =>
      step(deps, input, async () => {
        const { mchid, date } = input;
        await askAll(deps, { mchid, date });
        const nextAt = new Date(now().getTime() + lookAgainMs);
        await setWaiting(db, { mchid, date }, { waitsFor: 'repairs', nextAt, now: now() });
        return shownAs(db, { mchid, date });
      }),

    /**
     * Ends the run, once refunds without an end have been asked about. The shop is told by workflows of the events' own; what of them is
     * not started here the sweeper starts. `not_matched`: by what Postgres knows it was not.
     */
    endDay: (input: StepInput): Promise<ShownDay | 'not_matched' | Failing> =>
      step(deps, input, async () => {
        const { mchid, date } = input;
        const settledBefore = new Date(now().getTime() - UNSETTLED_AFTER_MS);
        const refunds = await unsettledRefunds(db, { mchid, settledBefore, limit: UNSETTLED });
        await inLanes(refunds, (refund) => deps.refunds.recheck(refund));
        for (const id of await endRun(db, { mchid, date }, now())) await deps.events.start(id);
        const ended = await shownAs(db, { mchid, date });
        return ended === null || ended.finishedAtMs === null ? 'not_matched' : ended;
      }),
  };
}

/** WeChat Pay refunds within days, and no bill tells the end of one that was under way: what still is after a week is asked about. */
const UNSETTLED_AFTER_MS = 7 * DAY;

/** A day asks about so many at most. */
const UNSETTLED = 500;

type MatchInput = StepInput & { readonly bills: readonly BillKind[] };

async function matched(
  { db, merchants, now }: ReconciliationDeps,
  { mchid, date, bills }: MatchInput,
): Promise<DayMatched | 'bill_missing'> {
  const known = await loadBills(db, { mchid, from: date, to: date });
  const isDealtWith = (kind: BillKind) => known.some((it) => it.kind === kind && BILLS_DEALT_WITH.includes(it.state));
  if (!bills.every(isDealtWith)) return 'bill_missing';
  const foreign = merchants.of(mchid)?.foreign ?? NO_FOREIGN;
  if ((await matchDay(db, { mchid, date, foreign, now: now() })) === 'bill_missing') return 'bill_missing';
  return { repairable: await countRepairs(db, { mchid, date }) };
}

async function askAll(deps: ReconciliationDeps, day: DayRef): Promise<void> {
  let after: string | null = null;
  do {
    const batch: Repair[] = await openRepairs(deps.db, day, { after, limit: BATCH });
    await inLanes(batch, (asked) => askWeChat(deps, asked));
    after = batch.length < BATCH ? null : (batch.at(-1)?.id ?? null);
  } while (after !== null);
}

const BATCH = 200;

const LANES = 4;

/** One that cannot be asked keeps no other waiting: the next round, or run, asks it again. */
async function inLanes<Item>(items: readonly Item[], act: (item: Item) => Promise<unknown>): Promise<void> {
  const left = items.values();
  const lane = async (): Promise<void> => {
    for (const item of left) await act(item).catch((error: unknown) => void log.warn('not asked', { error }));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** A step that fails again and again says so in its day's row, and once to its workflow; it is tried again all the same. */
async function step<Reply>(
  { db, now }: ReconciliationDeps,
  { mchid, date, told }: StepInput,
  work: () => Promise<Reply>,
): Promise<Reply | Failing> {
  try {
    return await beating(work);
  } catch (error) {
    if (activityInfo().attempt < FAILING_FROM) throw error;
    const nextAt = new Date(now().getTime() + MINUTE);
    const failing = await shownFailing(db, { mchid, date }, { nextAt, now: now() });
    if (told !== 'nothing') throw error;
    log.warn('a step of a day fails', { error });
    return { failing };
  }
}

const BEAT_MS = 5_000;

async function beating<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  const heart = setInterval(heartbeat, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heart);
  }
}
