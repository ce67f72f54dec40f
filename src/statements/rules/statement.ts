import type { Mchid } from '../../base/ids.js';
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

/** What is returned was never counted as paid, and so is no part of `netFen`. */
export type Takings = {
  readonly paidCount: number;
  readonly paidFen: number;
  readonly refundedCount: number;
  readonly refundedFen: number;
  readonly returnedCount: number;
  readonly returnedFen: number;
  readonly netFen: number;
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
): Statement {
  const groupOf = (text: string): string => (groupBy === 'month' ? text.slice(0, 'yyyy-mm'.length) : text);
  const isCalendar = groupBy === 'day' || groupBy === 'month';
  const known = isCalendar ? daysOf({ from, to }) : movements.map(({ group }) => group).toSorted();
  const items = [...new Set(known.map(groupOf))].map((group) => ({
    group,
    ...takingsOf(movements.filter((movement) => groupOf(movement.group) === group)),
  }));
  return { mchid, from, to, groupBy, items, totals: takingsOf(movements) };
}

function takingsOf(movements: readonly Movement[]): Takings {
  const of = (kind: Movement['kind'], field: 'count' | 'sumFen'): number =>
    movements.filter((it) => it.kind === kind).reduce((sum, it) => sum + it[field], 0);
  const [paidFen, refundedFen] = [of('paid', 'sumFen'), of('refunded', 'sumFen')];
  return {
    ...{ paidCount: of('paid', 'count'), paidFen },
    ...{ refundedCount: of('refunded', 'count'), refundedFen },
    ...{ returnedCount: of('returned', 'count'), returnedFen: of('returned', 'sumFen') },
    netFen: paidFen - refundedFen,
  };
}
