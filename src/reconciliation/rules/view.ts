import type { Mchid } from '../../base/ids.js';
import type { BillKind } from './bill-line.js';
import type { Class, DiscrepancyClass, DiscrepancyStatus, Repair, Subject } from './classes.js';
import { fenOfMillifen } from './fee.js';
import type { BillDate, BillDistrust, BillState, DayFailure, DayState, DayWait } from './day.js';

export type DayView = {
  readonly mchid: Mchid;
  readonly date: BillDate;
  readonly state: DayState;
  readonly run: number;
  readonly failure: DayFailure | null;
  readonly waitsFor: DayWait | null;
  readonly waitingSince: Date | null;
  readonly stalledSince: Date | null;
  readonly nextAt: Date | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly feeMillifen: number | null;
  readonly bills: readonly BillView[];
  readonly sums: readonly SumView[];
  readonly open: readonly { readonly class: DiscrepancyClass; readonly count: number }[];
};

export type BillView = {
  readonly kind: BillKind;
  readonly state: BillState;
  readonly distrust: BillDistrust | null;
  readonly distrustWhy: string | null;
  readonly sha1: string | null;
  readonly lines: number;
  readonly fetchedAt: Date | null;
};

type SumView = {
  readonly class: Class;
  readonly subject: Subject;
  readonly isDiscrepant: boolean;
  readonly count: number;
  readonly billFen: number;
  readonly ownFen: number;
};

export type DayAnswer = ReturnType<typeof dayAnswer>;

/** A day as every reader sees it. Plain JSON; times are ISO 8601, absent is null. */
export function dayAnswer({ bills, sums, open, feeMillifen, ...day }: DayView) {
  return {
    date: day.date,
    mchid: day.mchid,
    state: day.state,
    run: day.run,
    failure: day.failure,
    waitsFor: day.waitsFor,
    waitingSince: iso(day.waitingSince),
    stalledSince: iso(day.stalledSince),
    nextAt: iso(day.nextAt),
    startedAt: day.startedAt.toISOString(),
    finishedAt: iso(day.finishedAt),
    bills: bills.map(({ kind, state, distrust, distrustWhy, sha1, lines, fetchedAt }) => ({
      ...{ kind, state, distrust, distrustWhy, sha1, lines },
      fetchedAt: iso(fetchedAt),
    })),
    classes: sums.map(({ isDiscrepant, ...sum }) => ({
      ...{ class: sum.class, subject: sum.subject, isDiscrepancy: isDiscrepant },
      ...{ count: sum.count, billFen: sum.billFen, ownFen: sum.ownFen },
    })),
    feesFen: feeMillifen === null ? null : fenOfMillifen(feeMillifen),
    openDiscrepancies: open.reduce((total, { count }) => total + count, 0),
  };
}

/** What both sides call the same thing, and what each says of it; null: nothing. */
type SidesView = {
  readonly orderNo: string | null;
  readonly outTradeNo: string | null;
  readonly transactionId: string | null;
  readonly outRefundNo: string | null;
  readonly refundId: string | null;
  readonly billFen: number | null;
  readonly ownFen: number | null;
};

const sidesOf = (it: SidesView) => ({
  orderNo: it.orderNo,
  outTradeNo: it.outTradeNo,
  transactionId: it.transactionId,
  refundNo: it.outRefundNo,
  refundId: it.refundId,
  billFen: it.billFen,
  ownFen: it.ownFen,
});

export type DiscrepancyView = SidesView & {
  readonly id: string;
  readonly mchid: Mchid;
  readonly date: BillDate;
  readonly class: DiscrepancyClass;
  readonly subject: Subject;
  readonly kind: BillKind | null;
  readonly lineNo: number | null;
  readonly differences: Readonly<Record<string, unknown>>;
  readonly status: DiscrepancyStatus;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly repairedBy: Repair | null;
  readonly closedBy: string | null;
  readonly reason: string | null;
  readonly recheckedBy: string | null;
  readonly recheckReason: string | null;
  readonly recheckedAt: Date | null;
};

export type DiscrepancyAnswer = ReturnType<typeof discrepancyAnswer>;

/** A discrepancy as every reader sees it; {@link dayAnswer}'s rules. */
export const discrepancyAnswer = (it: DiscrepancyView) => ({
  id: it.id,
  mchid: it.mchid,
  date: it.date,
  class: it.class,
  subject: it.subject,
  status: it.status,
  bill: it.kind,
  lineNo: it.lineNo,
  ...sidesOf(it),
  differences: it.differences,
  openedAt: it.openedAt.toISOString(),
  closedAt: iso(it.closedAt),
  repairedBy: it.repairedBy,
  closedBy: it.closedBy,
  reason: it.reason,
  recheckedBy: it.recheckedBy,
  recheckReason: it.recheckReason,
  recheckedAt: iso(it.recheckedAt),
});

export type LineView = SidesView & {
  readonly class: Class;
  readonly isDiscrepant: boolean;
  readonly subject: Subject;
  readonly lineNo: number | null;
  readonly at: Date | null;
};

export type LineAnswer = ReturnType<typeof lineAnswer>;

/** A line of a day as every reader sees it; {@link dayAnswer}'s rules. */
export const lineAnswer = (it: LineView) => ({
  class: it.class,
  isDiscrepancy: it.isDiscrepant,
  subject: it.subject,
  lineNo: it.lineNo,
  at: iso(it.at),
  ...sidesOf(it),
});

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
