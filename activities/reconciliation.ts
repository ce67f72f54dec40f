import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { Mchid } from '../src/base/ids.js';
import { HOUR, MINUTE } from '../src/base/time.js';
import { authenticated } from '../src/channels/bill-file/authentic.js';
import { readFundBill } from '../src/channels/bill-file/fund-bill.js';
import { readTradeBill } from '../src/channels/bill-file/trade-bill.js';
import { BillUnreadable } from '../src/channels/bill-file/unreadable.js';
import type { Merchants } from '../src/channels/merchant.js';
import { GatewayError, type Gateway, type Gateways } from '../src/channels/port.js';
import type { Db } from '../src/db/connection.js';
import type { OrderWorkflows } from '../src/orders/client.js';
import { retryDelayMs } from '../src/orders/rules/schedules.js';
import type { BillKind } from '../src/reconciliation/rules/bill-line.js';
import { ASKED_CLASSES } from '../src/reconciliation/rules/classes.js';
import { readyAt, type BillDistrust, type DayState, type DayWait } from '../src/reconciliation/rules/day.js';
import { NO_FOREIGN } from '../src/reconciliation/rules/foreign.js';
import { recordDistrust, recordNoBill, type BillRef, type DayRef } from '../src/reconciliation/store/bill.js';
import { openDay, setWaiting } from '../src/reconciliation/store/day.js';
import { openCounts, type OpenCount } from '../src/reconciliation/store/discrepancies.js';
import { endRun } from '../src/reconciliation/store/end.js';
import { importBill, ImportOvertaken, type ImportOutcome } from '../src/reconciliation/store/import.js';
import { matchDay } from '../src/reconciliation/store/match.js';
import { openRepairs, unsettledRefunds, type Repair } from '../src/reconciliation/store/repairs.js';
import { askWeChat } from '../src/reconciliation/use-cases/ask.js';
import type { RefundWorkflows } from '../src/refunds/client.js';
import type { EventWorkflows } from '../src/shop-events/client.js';
import type { Observe } from './observe.js';
import { notYet } from './retry.js';

export type ReconciliationDeps = {
  readonly db: Db;
  readonly gateways: Pick<Gateways, 'for'>;
  readonly orders: Pick<OrderWorkflows, 'deliverEvidence' | 'recheck'>;
  readonly refunds: Pick<RefundWorkflows, 'findExternal' | 'recheck'>;
  readonly events: Pick<EventWorkflows, 'start'>;
  readonly merchants: Pick<Merchants, 'of'>;
  readonly now: () => Date;
  readonly observe?: Observe;
};

export type ReconciliationActivities = ReturnType<typeof createReconciliationActivities>;

/** `repairable`: open discrepancies that a query may settle. */
export type DayFound = { readonly state: DayState; readonly open: number; readonly repairable: number };

export type BillInput = BillRef & {
  /** The workflow shows already that it is late. */
  readonly isLate: boolean;
};

/** `fetched`: imported, or there is none, or none that can be trusted. `late`: told once; the same call goes on. */
export type BillReply = 'fetched' | 'late';

/** The steps of a day. What each has done is in Postgres: it may run twice, also at the same time. */
export function createReconciliationActivities(deps: ReconciliationDeps) {
  const { db, now } = deps;
  return {
    /** Asks until there is a bill, or none; a download that breaks off goes on where it broke. */
    fetchBill: (input: BillInput): Promise<BillReply> => beating(() => fetched(deps, input)),

    /** `bill_missing`: Postgres came back with less than it had, and the bills are to be fetched again. */
    matchDay: ({ mchid, date }: DayRef): Promise<DayFound | 'bill_missing'> =>
      beating(async () => {
        const foreign = deps.merchants.of(mchid)?.foreign ?? NO_FOREIGN;
        const verdict = await matchDay(db, { mchid, date, foreign, now: now() });
        if (verdict === 'bill_missing') return verdict;
        const counts = await openCounts(db, { mchid, from: date, to: date });
        const asked = counts.filter(({ class: name }) => ASKED_CLASSES.includes(name));
        return { state: verdict.state, open: sum(counts), repairable: sum(asked) };
      }),

    /** Asks WeChat Pay, through the orders and refunds themselves: no money moves by a line. `lookAgainMs`: then it is matched again. */
    repairDay: ({ mchid, date, lookAgainMs }: DayRef & { readonly lookAgainMs: number }): Promise<void> =>
      beating(async () => {
        let after: string | null = null;
        do {
          const batch: Repair[] = await openRepairs(db, { mchid, date }, { after, limit: BATCH });
          for (const it of batch) await askWeChat(deps, it);
          after = batch.length < BATCH ? null : (batch.at(-1)?.id ?? null);
        } while (after !== null);
        const nextAt = new Date(now().getTime() + lookAgainMs);
        await setWaiting(db, { mchid, date }, { waitsFor: 'repairs', nextAt, now: now() });
      }),

    /** Refunds that WeChat Pay still had under way a week after it accepted them: their end is in no bill. */
    askUnsettledRefunds: ({ mchid, date }: DayRef): Promise<void> =>
      beating(async () => {
        for (const refund of await unsettledRefunds(db, { mchid, date }, UNSETTLED)) await deps.refunds.recheck(refund);
      }),

    /** The shop is told by workflows of the events' own; what of them is not started here the sweeper starts. */
    endDay: ({ mchid, date }: DayRef): Promise<void> =>
      beating(async () => {
        for (const id of await endRun(db, { mchid, date }, now())) await deps.events.start(id);
      }),
  };
}

const BATCH = 200;

/** A day asks about so many at most; the next day about the rest. */
const UNSETTLED = 500;

const sum = (counts: readonly OpenCount[]): number => counts.reduce((total, { count }) => total + count, 0);

const BEAT_MS = 5_000;

async function beating<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  const heart = setInterval(heartbeat, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heart);
  }
}

async function fetched(deps: ReconciliationDeps, input: BillInput): Promise<BillReply> {
  const { mchid, date } = input;
  // Postgres may have come back without the row, or with one whose run had ended.
  await openDay(deps.db, { mchid, date, askedBy: null, now: deps.now() });
  const gateway = deps.gateways.for(mchid);
  if (gateway === undefined) return later(deps, input, 'gateway', MINUTE);
  try {
    return await fetchFrom(gateway, deps, input);
  } catch (error) {
    if (error instanceof ImportOvertaken) throw notYet(error.message, error.code, MINUTE);
    if (!(error instanceof GatewayError)) throw error;
    return later(deps, input, 'gateway', Math.max(error.retryAfterMs ?? 0, retryDelayMs(activityInfo().attempt)));
  }
}

/** WeChat Pay's own advice. */
const CREATING_MS = 30 * MINUTE;

/** After 10:00 a day without a bill is one without movement; said once more at noon it is believed. */
const BELIEVED_AFTER_MS = 2 * HOUR;

async function fetchFrom(gateway: Gateway, deps: ReconciliationDeps, input: BillInput): Promise<BillReply> {
  const { db, now } = deps;
  const { mchid, date, kind } = input;
  const bill = { mchid, date, kind };
  const isFetched = (outcome: string): BillReply => {
    deps.observe?.billFetched({ mchid, kind, outcome });
    return 'fetched';
  };
  const apply = () => gateway.applyForBill({ kind, date, isZipped: true }, patient());
  const answer = await counted(deps, { mchid, api: 'bill' }, apply);
  switch (answer.kind) {
    case 'creating':
      return later(deps, input, waitOf(kind), CREATING_MS);
    case 'none': {
      const leftMs = readyAt(date).getTime() + BELIEVED_AFTER_MS - now().getTime();
      if (leftMs > 0) return later(deps, input, waitOf(kind), Math.min(leftMs, CREATING_MS));
      await recordNoBill(db, bill, now());
      return isFetched('none');
    }
    case 'refused':
      await recordDistrust(db, bill, 'refused', now());
      return isFetched('refused');
    case 'ready': {
      const download = () => gateway.downloadBill({ url: answer.url, isZipped: true }, patient());
      const file = await counted(deps, { mchid, api: 'billFile' }, download);
      if (file.kind === 'expired') return later(deps, input, 'gateway', MINUTE);
      return isFetched(await imported(deps, bill, authenticated(file.bytes, answer.sha1), answer.sha1));
    }
    default:
      return answer satisfies never;
  }
}

/** Until the first byte of a file; what comes of the rest is its import's. */
async function counted<Answer extends { readonly kind: string }>(
  { now, observe }: ReconciliationDeps,
  call: { readonly mchid: Mchid; readonly api: 'bill' | 'billFile' },
  send: () => Promise<Answer>,
): Promise<Answer> {
  const at = now();
  const note = (outcome: string) =>
    observe?.gatewayCall({ ...call, outcome, durationMs: now().getTime() - at.getTime() });
  try {
    const answer = await send();
    note(answer.kind);
    return answer;
  } catch (error) {
    if (error instanceof GatewayError) note(error.code);
    throw error;
  }
}

const patient = () => ({ patience: 'durable', signal: cancellationSignal() }) as const;

/** What is not WeChat Pay's file, or cannot be read, or contradicts itself, is noted, and repairs nothing. */
async function imported(
  { db, now }: ReconciliationDeps,
  bill: BillRef,
  { bytes, isAuthentic, close }: ReturnType<typeof authenticated>,
  sha1: string,
): Promise<ImportOutcome | BillDistrust> {
  try {
    const items = bill.kind === 'trade' ? readTradeBill(bytes) : readFundBill(bytes);
    return await importBill(db, { ...bill, sha1, items, isAuthentic, now: now(), onProgress: heartbeat });
  } catch (error) {
    if (!(error instanceof BillUnreadable)) throw error;
    const distrust = (await isAuthentic()) ? 'unreadable' : 'hash';
    await recordDistrust(db, bill, distrust, now());
    return distrust;
  } finally {
    await close();
  }
}

const waitOf = (kind: BillKind): DayWait => (kind === 'trade' ? 'trade_bill' : 'fundflow_bill');

/** Of a run. */
const LATE_AFTER_MS = 3 * HOUR;

async function later(
  { db, now }: ReconciliationDeps,
  { mchid, date, isLate }: BillInput,
  waitsFor: DayWait,
  delayMs: number,
): Promise<BillReply> {
  const at = now();
  const begunAt = await setWaiting(
    db,
    { mchid, date },
    { waitsFor, nextAt: new Date(at.getTime() + delayMs), now: at },
  );
  if (!isLate && at.getTime() - begunAt.getTime() >= LATE_AFTER_MS) return 'late';
  throw notYet(`waits for ${waitsFor}`, waitsFor, delayMs);
}
