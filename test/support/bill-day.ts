import { WorkflowNotFoundError } from '@temporalio/client';
import { createSweep, type Swept } from '../../activities/sweeper.js';
import { reconciliationWorkflowId } from '../../src/base/ids.js';
import { HOUR, MINUTE } from '../../src/base/time.js';
import { beijingDate, daysAfter, startOf, type BillDate } from '../../src/reconciliation/rules/day.js';
import { loadDay, openDay, type DayDetail } from '../../src/reconciliation/store/day.js';
import { listDiscrepancies, type DiscrepancyRecord } from '../../src/reconciliation/store/discrepancies.js';
import { SEARCH_ATTRIBUTES } from '../../workflows/saga/messages.js';
import { eventsOf, type HistoryEvent } from './history.js';
import type { Saga } from './saga.js';
import { until } from './until.js';

/** A clock that everything but Temporal goes by: activities, sweeps and the sandbox. */
export type BillClock = {
  readonly now: () => Date;
  /** Moves on to so many milliseconds after Beijing's midnight of a day. */
  moveTo(saga: Saga, date: BillDate, afterMs: number): Promise<void>;
};

export function billClock(from = new Date()): BillClock {
  let offsetMs = from.getTime() - Date.now();
  const now = (): Date => new Date(Date.now() + offsetMs);
  return {
    now,
    async moveTo(saga, date, afterMs) {
      const seconds = Math.ceil((startOf(date).getTime() + afterMs - now().getTime()) / 1_000);
      offsetMs += seconds * 1_000;
      await saga.gateway.advance(seconds);
    },
  };
}

/** The next noon in Beijing: far from midnight, whenever the tests run. */
export function nextNoon(now: Date): { readonly date: BillDate; readonly at: Date } {
  const today = beijingDate(now);
  const noonOf = (date: BillDate): Date => new Date(startOf(date).getTime() + NOON_MS);
  const date = noonOf(today) > now ? today : daysAfter(today, 1);
  return { date, at: noonOf(date) };
}

export const NOON_MS = 12 * HOUR;

/** When the sweeper begins the day before, and after which WeChat Pay is believed that there is no bill. */
export const READY_MS = 10 * HOUR + 6 * MINUTE;
export const BELIEVED_MS = 12 * HOUR + 6 * MINUTE;

/** One pass of the sweeper at this time. */
export const sweepAt = (saga: Saga, now: () => Date): Promise<Swept> =>
  createSweep({ ...saga.services, db: saga.services.connection.db, now })((message, { kind, error }) => {
    process.stderr.write(`${message}: ${String(kind)}: ${String(error)}\n`);
  });

/** As many passes as it takes until each day has its workflow: what a busy Temporal does not take is left to the next one. */
export const sweepUntilBegun = (saga: Saga, now: () => Date, days: readonly BillDay[]): Promise<boolean> =>
  until('a workflow of each day', async () => {
    await sweepAt(saga, now);
    return (await Promise.all(days.map((day) => day.isBegun()))).every(Boolean);
  });

/** Begins a run as a person would, at any time. */
export async function runBillDay(saga: Saga, date: BillDate, now: Date, mchid = saga.mchid): Promise<void> {
  await openDay(saga.services.connection.db, { mchid, date, askedBy: 'Op', now });
  await saga.services.reconciliations.start({ mchid, date });
}

export type BillDay = ReturnType<typeof billDay>;

export const billDay = (saga: Saga, date: BillDate, mchid = saga.mchid) => {
  const { db } = saga.services.connection;
  const workflow = saga.services.temporal.client.workflow.getHandle(reconciliationWorkflowId(mchid, date));
  const load = (): Promise<DayDetail | undefined> => loadDay(db, { mchid, date });
  return {
    load,
    workflow,
    async isBegun(): Promise<boolean> {
      try {
        await workflow.describe();
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    /** Polls the row until it is as wished; fails with what it was last. */
    async when(what: string, wished: (day: DayDetail) => boolean): Promise<DayDetail> {
      let last: DayDetail | undefined;
      const look = async () => {
        last = await load();
        return last !== undefined && wished(last) && last;
      };
      return until(`the day ${what}`, look).catch((cause: unknown) => {
        throw new Error(`the day never was ${what}: ${JSON.stringify(last)}`, { cause });
      });
    },
    /** What the Temporal UI shows of it: the card, and the search attribute of what is stuck. */
    async shown(): Promise<{ readonly card: string; readonly stuckReason: readonly string[] }> {
      const { currentDetails } = await workflow.query<{ currentDetails: string }>('__temporal_workflow_metadata');
      return { card: currentDetails, stuckReason: lastStuckReason(await eventsOf(workflow)) };
    },
    /** When its run has ended. */
    async ended(): Promise<DayDetail> {
      await workflow.result();
      return this.when('ended', ({ finishedAt }) => finishedAt !== null);
    },
    async discrepancies(): Promise<DiscrepancyRecord[]> {
      const page = await listDiscrepancies(db, { mchids: [mchid], from: date, to: date, limit: 200 });
      if (page === 'bad_cursor') throw new Error('a first page has no cursor');
      return page.items;
    },
    /** What of it was found and what became of that, one line each. */
    async told(): Promise<string[]> {
      const items = await this.discrepancies();
      return items.map((it) => `${it.class} ${it.status} ${it.repairedBy ?? '-'}`).sort();
    },
  };
};

/** As it was last upserted: the time-skipping server describes no search attributes. */
function lastStuckReason(events: readonly HistoryEvent[]): readonly string[] {
  const upserts = events.flatMap(({ upsertWorkflowSearchAttributesEventAttributes: it }) => it ?? []);
  const data = upserts.at(-1)?.searchAttributes?.indexedFields?.[SEARCH_ATTRIBUTES.stuckReason]?.data;
  return data == null ? [] : (JSON.parse(Buffer.from(data).toString()) as string[]);
}
