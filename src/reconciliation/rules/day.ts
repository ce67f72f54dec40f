import type { Brand } from '../../base/brand.js';
import { err, ok, type Result } from '../../base/result.js';
import { beijingClock, DAY, HOUR, MINUTE, SECOND } from '../../base/time.js';

/** A Beijing calendar day, `2026-03-01`: what WeChat Pay makes a bill for. */
export type BillDate = Brand<string, 'BillDate'>;

/**
 * `waiting`: for its bills, or a run is under way. `empty`: no line and no trade of ours. `balanced`: nothing is open. `differs`:
 * a discrepancy is open, or WeChat Pay has no bill of a day on which we took money. `failed`: no bill that can be trusted.
 */
export const DAY_STATES = ['waiting', 'empty', 'balanced', 'differs', 'failed'] as const;
export type DayState = (typeof DAY_STATES)[number];

/** `failing`: a step of its run fails again and again, and is tried again each minute. */
export const DAY_WAITS = ['trade_bill', 'fundflow_bill', 'gateway', 'repairs', 'failing'] as const;
export type DayWait = (typeof DAY_WAITS)[number];

/** `*_untrusted`: its file is not what WeChat Pay announced, cannot be read, or contradicts its own summary. */
export const DAY_FAILURES = ['trade_untrusted', 'fundflow_untrusted', 'bill_refused'] as const;
export type DayFailure = (typeof DAY_FAILURES)[number];

/** `none`: WeChat Pay says there was no such movement that day (NO_STATEMENT_EXIST). Lines count only in `imported`. */
export const BILL_STATES = ['waiting', 'importing', 'imported', 'none', 'untrusted'] as const;
export type BillState = (typeof BILL_STATES)[number];

/** Nothing more is to come of them: an untrusted one is awaited no longer. */
export const BILLS_DEALT_WITH: readonly BillState[] = ['imported', 'none', 'untrusted'];

/** `refused`: WeChat Pay gives this merchant no such bill. */
export const BILL_DISTRUSTS = ['hash', 'unreadable', 'summary', 'refused'] as const;
export type BillDistrust = (typeof BILL_DISTRUSTS)[number];

/** Why a file is not trusted, and in words of ours where: a line and a column, a figure, WeChat Pay's code; null: not known. */
export type Distrusted = { readonly distrust: BillDistrust; readonly distrustWhy: string | null };

/** WeChat Pay keeps bills for three months. */
export const MAX_AGE_DAYS = 90;

/** After midnight in Beijing: bills are made from 9:00 on and there from 10:00. */
const READY_AFTER_MS = 10 * HOUR + 5 * MINUTE;

/** A run that still waits for a bill after so long is shown as stuck. */
const LATE_AFTER_MS = 3 * HOUR;

export const isLate = (startedAt: Date, now: Date): boolean => now.getTime() - startedAt.getTime() >= LATE_AFTER_MS;

const FETCH_DELAYS_MS = [SECOND, 5 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE] as const;
export const LONGEST_FETCH_DELAY_MS = 10 * MINUTE;

/** Milliseconds to the next try after the `n`th at a bill that was not answered, or whose file broke off. */
export const fetchDelayMs = (n: number): number => FETCH_DELAYS_MS[n - 1] ?? LONGEST_FETCH_DELAY_MS;

/** What is not in its own day's bill is awaited in those of so many days after it. */
export const POOL_DAYS = 3;

/** How far two clocks of WeChat Pay may be apart: a trade of these minutes is in the bill of either day. */
export const MIDNIGHT_MINUTES = 10;

/** Times that a line of this day's bill may have, `until` not included: of days whose lines are still awaited in it, too. */
export const spanOfBill = (date: BillDate): { readonly from: Date; readonly until: Date } => ({
  from: startOf(daysAfter(date, -POOL_DAYS)),
  until: new Date(startOf(date).getTime() + DAY + MIDNIGHT_MINUTES * MINUTE),
});

export type DateRefusal = 'malformed' | 'future' | 'today' | 'not_ready' | 'too_old';

/** `not_ready`: yesterday, before 10:05 in Beijing. */
export function reconcilableDate(text: string, now: Date): Result<BillDate, DateRefusal> {
  const parsed = parseBillDate(text);
  if (!parsed.ok) return parsed;
  const age = daysBetween(parsed.value, beijingDate(now));
  if (age < 0) return err('future');
  if (age === 0) return err('today');
  if (age > MAX_AGE_DAYS) return err('too_old');
  return readyAt(parsed.value) > now ? err('not_ready') : parsed;
}

/** The first and the last day that may be reconciled now. */
export function reconcilableSpan(now: Date): { readonly from: BillDate; readonly to: BillDate } {
  const today = beijingDate(now);
  const yesterday = daysAfter(today, -1);
  return { from: daysAfter(today, -MAX_AGE_DAYS), to: readyAt(yesterday) <= now ? yesterday : daysAfter(today, -2) };
}

/** Any day there is, whether or not it can be reconciled. */
export function parseBillDate(text: string): Result<BillDate, 'malformed'> {
  const at = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : new Date(NaN);
  const isDay = !Number.isNaN(at.getTime()) && at.getUTCFullYear() > 0 && at.toISOString().startsWith(text);
  return isDay ? ok(text as BillDate) : err('malformed');
}

export const beijingDate = (at: Date): BillDate => beijingClock(at).slice(0, 10) as BillDate;

/** Its midnight in Beijing. */
export const startOf = (date: BillDate): Date => new Date(`${date}T00:00:00+08:00`);

/** When WeChat Pay has the bills of this day. */
export const readyAt = (date: BillDate): Date => new Date(startOf(date).getTime() + DAY + READY_AFTER_MS);

export const daysAfter = (date: BillDate, days: number): BillDate =>
  beijingDate(new Date(startOf(date).getTime() + days * DAY));

const daysBetween = (from: BillDate, to: BillDate): number =>
  Math.round((startOf(to).getTime() - startOf(from).getTime()) / DAY);

export type DayFacts = {
  readonly trade: BillState;
  readonly fundflow: BillState;
  /** Of those that are `untrusted`: WeChat Pay gives none. */
  readonly isTradeRefused: boolean;
  readonly isFundflowRefused: boolean;
  /** Warnings apart. */
  readonly hasOpenDiscrepancy: boolean;
  /** Own payments and refunds in the pool. */
  readonly expected: number;
  /** All that was counted, on either side. */
  readonly counted: number;
};

export type Verdict = { readonly state: DayState; readonly failure: DayFailure | null };

/** What a day whose trade bill was dealt with comes to. */
export function verdictOf(facts: DayFacts): Verdict {
  const { trade, fundflow, hasOpenDiscrepancy, expected, counted } = facts;
  if (trade === 'untrusted') return failed(facts.isTradeRefused ? 'bill_refused' : 'trade_untrusted');
  if (hasOpenDiscrepancy) return { state: 'differs', failure: null };
  // Money came in or went back, and WeChat Pay says that nothing did.
  if (trade === 'none' && expected > 0) return { state: 'differs', failure: null };
  if (fundflow === 'untrusted') return failed(facts.isFundflowRefused ? 'bill_refused' : 'fundflow_untrusted');
  return { state: counted === 0 ? 'empty' : 'balanced', failure: null };
}

const failed = (failure: DayFailure): Verdict => ({ state: 'failed', failure });
