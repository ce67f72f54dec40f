import type { Mchid } from '../../base/ids.js';
import type { BillDate } from '../../reconciliation/rules/day.js';
import { daysOf, type Period } from './period.js';

export const GROUPINGS = ['day', 'month', 'product', 'appid'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/**
 * Money of some group that moved: `paid`, what made orders paid; `refunded`, of that; `returned`, what came in without making an
 * order paid (twice, late, disputed) and went back.
 */
export type Movement = {
  readonly kind: 'paid' | 'refunded' | 'returned';
  readonly group: string;
  readonly count: number;
  readonly sumFen: number;
};

/** What WeChat Pay's trade bill of a day sums up: of all systems of the merchant. Null: its file does not say. */
export type Settlement = { readonly date: BillDate; readonly feesFen: number; readonly settledFen: number | null };

/** What is returned was never counted as paid, and so is no part of `netFen`. */
export type Takings = {
  readonly paidCount: number;
  readonly paidFen: number;
  readonly refundedCount: number;
  readonly refundedFen: number;
  readonly returnedCount: number;
  readonly returnedFen: number;
  readonly netFen: number;
} & Billed;

/** Of the trade bills of all its days: null until the last of them is there, and of products and appids, which no bill sums up. */
type Billed = {
  readonly feesFen: number | null;
  /** What WeChat Pay pays out: without free coupons, less refunds and fees. */
  readonly settledFen: number | null;
};

export type Statement = Period & {
  readonly mchid: Mchid;
  readonly groupBy: Grouping;
  /** Every day or month of the period; of products and appids those that took or gave anything. */
  readonly items: readonly (Takings & { readonly group: string })[];
  readonly totals: Takings;
};

/** Of movements by day for `day` and `month`, else by the same group. */
export function statementOf(
  { mchid, from, to, groupBy }: Pick<Statement, 'mchid' | 'from' | 'to' | 'groupBy'>,
  movements: readonly Movement[],
  settlements: readonly Settlement[],
): Statement {
  const groupOf = (text: string): string => (groupBy === 'month' ? text.slice(0, 'yyyy-mm'.length) : text);
  const isCalendar = groupBy === 'day' || groupBy === 'month';
  const days = daysOf({ from, to });
  const known = isCalendar ? days : movements.map(({ group }) => group).toSorted();
  const billed = (of: readonly BillDate[]) =>
    billedOf(
      settlements.filter(({ date }) => of.includes(date)),
      of.length,
    );
  const items = [...new Set(known.map(groupOf))].map((group) => ({
    group,
    ...takingsOf(movements.filter((movement) => groupOf(movement.group) === group)),
    ...(isCalendar ? billed(days.filter((day) => groupOf(day) === group)) : NOT_BILLED),
  }));
  return { mchid, from, to, groupBy, items, totals: { ...takingsOf(movements), ...billed(days) } };
}

const NOT_BILLED: Billed = { feesFen: null, settledFen: null };

function billedOf(settlements: readonly Settlement[], days: number): Billed {
  if (settlements.length < days) return NOT_BILLED;
  const settled = settlements.map(({ settledFen }) => settledFen).filter((it) => it !== null);
  return {
    feesFen: sumOf(settlements.map(({ feesFen }) => feesFen)),
    settledFen: settled.length < days ? null : sumOf(settled),
  };
}

const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);

function takingsOf(movements: readonly Movement[]): Omit<Takings, keyof Billed> {
  const of = (kind: Movement['kind'], field: 'count' | 'sumFen'): number =>
    sumOf(movements.filter((it) => it.kind === kind).map((it) => it[field]));
  const [paidFen, refundedFen] = [of('paid', 'sumFen'), of('refunded', 'sumFen')];
  return {
    ...{ paidCount: of('paid', 'count'), paidFen },
    ...{ refundedCount: of('refunded', 'count'), refundedFen },
    ...{ returnedCount: of('returned', 'count'), returnedFen: of('returned', 'sumFen') },
    netFen: paidFen - refundedFen,
  };
}
