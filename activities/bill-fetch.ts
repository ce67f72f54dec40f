import { activityInfo, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import type { Mchid } from '../src/base/ids.js';
import { HOUR, MINUTE } from '../src/base/time.js';
import { authenticated } from '../src/channels/bill-file/authentic.js';
import { belonging } from '../src/channels/bill-file/belonging.js';
import { readFundBill } from '../src/channels/bill-file/fund-bill.js';
import { readTradeBill } from '../src/channels/bill-file/trade-bill.js';
import { BillUnreadable } from '../src/channels/bill-file/unreadable.js';
import { GatewayError, type Gateway, type Gateways } from '../src/channels/port.js';
import type { Db } from '../src/db/connection.js';
import type { GatewayRefusal } from '../src/orders/rules/gateway-answer.js';
import type { BillKind } from '../src/reconciliation/rules/bill-line.js';
import { failingDay, shownDay, type ShownDay } from '../src/reconciliation/rules/card.js';
import {
  fetchDelayMs,
  isLate,
  LONGEST_FETCH_DELAY_MS,
  readyAt,
  type DayWait,
  type Distrusted,
} from '../src/reconciliation/rules/day.js';
import { recordDistrust, recordNoBill, type BillRef, type DayRef } from '../src/reconciliation/store/bill.js';
import { loadDay, openDay, setWaiting, type Waiting } from '../src/reconciliation/store/day.js';
import { importBill, ImportOvertaken, type ImportOutcome, type Item } from '../src/reconciliation/store/import.js';
import type { Observe } from './observe.js';
import { notYet } from './retry.js';

export type FetchDeps = {
  readonly db: Db;
  readonly gateways: Pick<Gateways, 'for'>;
  readonly now: () => Date;
  readonly observe?: Observe;
};

export type BillInput = BillRef & {
  /** What the workflow shows of this wait: each step up is answered once. */
  readonly told: 'nothing' | 'waiting' | 'late';
  /** Whether the workflow shows that it fails, which is answered as often as it changes; absent: of a build that knows no such answer. */
  readonly toldFailing?: boolean;
};

/** `fetched`: imported, or there is none, or none that can be trusted. Else it is to be asked for again in `delayMs`. */
export type BillReply =
  | { readonly kind: 'fetched' }
  | { readonly kind: 'waiting' | 'late'; readonly day: ShownDay; readonly delayMs: number };

/** One try to have a bill of a day: asked for, downloaded, imported. Throws what is to be tried again later. */
export async function fetchBill(deps: FetchDeps, input: BillInput): Promise<BillReply> {
  const againMs = fetchDelayMs(activityInfo().attempt);
  const wait = await tried(deps, input, againMs);
  return wait === 'none' ? { kind: 'fetched' } : later(deps, input, wait.waitsFor, wait.delayMs ?? againMs);
}

async function tried(deps: FetchDeps, bill: BillRef, againMs: number): Promise<Wait> {
  const { mchid, date } = bill;
  try {
    // Postgres may have come back without the row, or with one whose run had ended.
    await openDay(deps.db, { mchid, date, askedBy: null, now: deps.now() });
    const gateway = deps.gateways.for(mchid);
    return gateway === undefined ? { waitsFor: 'gateway' } : await fetchFrom(gateway, deps, bill);
  } catch (error) {
    if (error instanceof ImportOvertaken) throw notYet(error.message, error.code, againMs);
    if (!(error instanceof GatewayError)) {
      if (cancellationSignal().aborted || activityInfo().attempt < FAILING_FROM) throw error;
      log.warn('a bill cannot be kept', { error });
      return { waitsFor: 'failing' };
    }
    const delayMs = Math.min(Math.max(error.retryAfterMs ?? 0, againMs), LONGEST_FETCH_DELAY_MS);
    return { waitsFor: 'gateway', delayMs };
  }
}

/** The try of a step whose failure is more than bad luck: some fifteen seconds after the first. */
export const FAILING_FROM = 5;

/** A day as its workflow shows it; null: Postgres does not know it any more. */
export async function shownAs(db: Db, day: DayRef): Promise<ShownDay | null> {
  const row = await loadDay(db, day);
  return row === undefined ? null : shownDay(row);
}

/** A day whose step fails, in its row and as its workflow shows it, which it does also where Postgres takes and tells nothing. */
export async function shownFailing(
  db: Db,
  day: DayRef,
  { nextAt, now }: { readonly nextAt: Date; readonly now: Date },
): Promise<ShownDay> {
  const written = setWaiting(db, day, { waitsFor: 'failing', nextAt, now }).then(() => shownAs(db, day));
  return (await written.catch(() => null)) ?? failingDay({ ...day, nextAt, now });
}

type Wait = 'none' | { readonly waitsFor: DayWait; readonly delayMs?: number };

/** WeChat Pay's own advice. */
const CREATING_MS = 30 * MINUTE;

/** After 10:00 a day without a bill is one without movement; said once more at noon it is believed. */
const BELIEVED_AFTER_MS = 2 * HOUR;

/** A file that is not what was announced may have suffered on its way. */
const TRIES_OF_A_FILE = 3;

async function fetchFrom(gateway: Gateway, deps: FetchDeps, { mchid, date, kind }: BillRef): Promise<Wait> {
  const { db, now } = deps;
  const bill = { mchid, date, kind };
  const dealtWith = (outcome: string): Wait => {
    deps.observe?.billFetched({ mchid, kind, outcome });
    return 'none';
  };
  const distrusted = (why: Distrusted): Wait => {
    log.warn('a bill is not trusted', { ...bill, ...why });
    return dealtWith(why.distrust);
  };
  for (let tries = 1; ; tries += 1) {
    const apply = () => gateway.applyForBill({ kind, date, isZipped: true }, patient());
    const answer = await counted(deps, { mchid, api: 'bill' }, apply);
    switch (answer.kind) {
      case 'creating':
        return { waitsFor: waitOf(kind), delayMs: CREATING_MS };
      case 'none': {
        const leftMs = readyAt(date).getTime() + BELIEVED_AFTER_MS - now().getTime();
        if (leftMs > 0) return { waitsFor: waitOf(kind), delayMs: Math.min(leftMs, CREATING_MS) };
        await recordNoBill(db, bill, now());
        return dealtWith('none');
      }
      case 'refused': {
        const refused = { distrust: 'refused', distrustWhy: refusalWord(answer.refusal) } as const;
        await recordDistrust(db, bill, refused, now());
        return distrusted(refused);
      }
      case 'ready': {
        const download = () => gateway.downloadBill({ url: answer.url, isZipped: true }, patient());
        const file = await counted(deps, { mchid, api: 'billFile' }, download);
        if (file.kind === 'expired') return { waitsFor: 'gateway' };
        const outcome = await imported(db, { ...bill, sha1: answer.sha1, now: now() }, file.bytes);
        if (outcome === 'imported') return dealtWith(outcome);
        if (outcome.distrust !== 'hash' || tries === TRIES_OF_A_FILE) return distrusted(outcome);
        break;
      }
      default:
        return answer satisfies never;
    }
  }
}

/** Until the first byte of a file; what comes of the rest is its import's. API v2 reads it for its hash before. */
async function counted<Answer extends { readonly kind: string }>(
  { now, observe }: FetchDeps,
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

const waitOf = (kind: BillKind): DayWait => (kind === 'trade' ? 'trade_bill' : 'fundflow_bill');

type Announced = BillRef & { readonly sha1: string; readonly now: Date };

/** What is not WeChat Pay's file, or cannot be read, or contradicts itself, is noted, and nothing follows from it. */
async function imported(db: Db, bill: Announced, file: AsyncIterable<Uint8Array>): Promise<ImportOutcome> {
  const { bytes, isAuthentic, close } = authenticated(file, bill.sha1);
  try {
    const items = belonging<Item>(bill.kind === 'trade' ? readTradeBill(bytes) : readFundBill(bytes), bill);
    return await importBill(db, { ...bill, items, isAuthentic, onProgress: heartbeat });
  } catch (error) {
    if (!(error instanceof BillUnreadable)) throw error;
    const distrusted: Distrusted = (await isAuthentic())
      ? { distrust: 'unreadable', distrustWhy: unreadableWord(error) }
      : { distrust: 'hash', distrustWhy: null };
    await recordDistrust(db, bill, distrusted, bill.now);
    return distrusted;
  } finally {
    await close();
  }
}

const unreadableWord = ({ lineNo, reason, column }: BillUnreadable): string =>
  `line ${lineNo}: ${reason}${column === null ? '' : ` (${column})`}`;

/** Its words may name anything. */
const refusalWord = ({ status, code }: GatewayRefusal): string =>
  code !== null && /^[0-9A-Z_]{1,64}$/.test(code) ? code : `HTTP ${status}`;

/** Shorter waits are no news. */
const SHOWN_FROM_MS = MINUTE;

async function later(
  { db, now }: FetchDeps,
  { mchid, date, told, toldFailing }: BillInput,
  waitsFor: DayWait,
  delayMs: number,
): Promise<BillReply> {
  const at = now();
  const wait = { nextAt: new Date(at.getTime() + delayMs), now: at };
  const day = await shownWaiting(db, { mchid, date }, { ...wait, waitsFor });
  const kind = day !== null && isLate(new Date(day.startedAtMs), at) ? 'late' : 'waiting';
  const isFirst = kind === 'late' ? told !== 'late' : told === 'nothing' && delayMs >= SHOWN_FROM_MS;
  const isNews = isFirst || (toldFailing !== undefined && toldFailing !== (waitsFor === 'failing'));
  if (day !== null && isNews) return { kind, day, delayMs };
  throw notYet(`waits for ${waitsFor}`, waitsFor, delayMs);
}

async function shownWaiting(db: Db, day: DayRef, wait: Waiting & { readonly nextAt: Date }): Promise<ShownDay | null> {
  if (wait.waitsFor === 'failing') return shownFailing(db, day, wait);
  await setWaiting(db, day, wait);
  return shownAs(db, day);
}
