import { describe, expect, it, test } from 'vitest';
import { statementCsv } from '../../../src/statements/rules/csv.js';
import { daysOf, parsePeriod, spanOf, type Period } from '../../../src/statements/rules/period.js';
import { statementOf, type Grouping, type Movement, type Settlement } from '../../../src/statements/rules/statement.js';
import { MCHID } from '../../db/fixtures.js';

function period(from: string, to: string): Period {
  const parsed = parsePeriod(from, to);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

describe('a period', () => {
  it('has its first and its last day, in Beijing', () => {
    expect(daysOf(period('2026-02-27', '2026-03-01'))).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
    expect(daysOf(period('2026-03-01', '2026-03-01'))).toEqual(['2026-03-01']);
    const span = { from: new Date('2026-02-26T16:00:00Z'), to: new Date('2026-03-01T16:00:00Z') };
    expect(spanOf(period('2026-02-27', '2026-03-01'))).toEqual(span);
  });

  it('is at most as long as a leap year', () => {
    expect(daysOf(period('2028-01-01', '2028-12-31'))).toHaveLength(366);
    expect(parsePeriod('2026-01-01', '2027-01-02')).toMatchObject({ ok: false, error: { field: 'to' } });
  });

  it.each([
    ['from', '2026-02-30', '2026-03-01'],
    ['from', '2026-3-1', '2026-03-01'],
    ['from', '', '2026-03-01'],
    ['from', '1999-12-31', '2000-01-01'],
    ['from', '0000-01-01', '0000-01-01'],
    ['to', '2026-03-01', '2026-02-29'],
    ['to', '2026-03-01', '2026-02-28'],
    ['to', '2999-12-31', '3000-01-01'],
    ['to', '2026-03-01', '20260302'],
  ])('is refused for its %s: %s to %s', (field, from, to) => {
    expect(parsePeriod(from, to)).toMatchObject({ ok: false, error: { field } });
  });
});

const moved = (kind: Movement['kind'], group: string, count: number, sumFen: number) => ({
  kind,
  group,
  count,
  sumFen,
});
const BY_DAY = [
  moved('paid', '2026-02-28', 2, 1_205),
  moved('refunded', '2026-02-28', 1, 1_300),
  moved('returned', '2026-03-02', 1, 700),
  moved('paid', '2026-03-02', 1, 100),
];
const PERIOD = period('2026-02-28', '2026-03-02');
const made = (
  groupBy: Grouping,
  movements: readonly Movement[],
  of = PERIOD,
  settlements: readonly Settlement[] = [],
) => statementOf({ mchid: MCHID, ...of, groupBy }, movements, settlements);
const NOTHING = {
  ...{ paidCount: 0, paidFen: 0, refundedCount: 0, refundedFen: 0, returnedCount: 0, returnedFen: 0, netFen: 0 },
  ...{ feesFen: null, settledFen: null },
};

test('a statement has every day, and totals; what was returned is no part of the net', () => {
  const { items, totals } = made('day', BY_DAY);
  expect(items).toEqual([
    {
      ...NOTHING,
      group: '2026-02-28',
      paidCount: 2,
      paidFen: 1_205,
      refundedCount: 1,
      refundedFen: 1_300,
      netFen: -95,
    },
    { ...NOTHING, group: '2026-03-01' },
    { ...NOTHING, group: '2026-03-02', paidCount: 1, paidFen: 100, returnedCount: 1, returnedFen: 700, netFen: 100 },
  ]);
  expect(totals).toEqual({
    ...{ paidCount: 3, paidFen: 1_305, refundedCount: 1, refundedFen: 1_300 },
    ...{ returnedCount: 1, returnedFen: 700, netFen: 5, feesFen: null, settledFen: null },
  });
});

test('a statement by month sums its days', () => {
  const { items, totals } = made('month', BY_DAY);
  expect(items.map(({ group, paidFen, netFen }) => [group, paidFen, netFen])).toEqual([
    ['2026-02', 1_205, -95],
    ['2026-03', 100, 100],
  ]);
  expect(totals).toEqual(made('day', BY_DAY).totals);
});

test('a statement by product has those that moved anything', () => {
  const movements = [moved('refunded', 'native', 1, 5), moved('paid', 'app', 1, 7), moved('paid', 'native', 1, 9)];
  expect(made('product', movements).items.map(({ group, netFen }) => [group, netFen])).toEqual([
    ['app', 7],
    ['native', 4],
  ]);
  expect(made('appid', []).items).toEqual([]);
});

describe('fees and settlement', () => {
  const bill = (index: number, feesFen: number, settledFen: number | null): Settlement => {
    const date = daysOf(PERIOD)[index];
    if (date === undefined) throw new Error('no such day');
    return { date, feesFen, settledFen };
  };
  const billed = (groupBy: Grouping, settlements: readonly Settlement[]) => {
    const { items, totals } = made(groupBy, BY_DAY, PERIOD, settlements);
    return [...items, totals].map(({ feesFen, settledFen }) => [feesFen, settledFen]);
  };

  it('are those of the bills, once every day of a group has one', () => {
    const all = [bill(2, 1, 699), bill(0, 7, -102), bill(1, -3, 3)];
    expect(billed('day', all)).toEqual([[7, -102], [-3, 3], [1, 699], [5, 600]]); // prettier-ignore
    expect(billed('month', all)).toEqual([[7, -102], [-2, 702], [5, 600]]); // prettier-ignore
    const [, ...without] = all;
    expect(billed('day', without)).toEqual([[7, -102], [-3, 3], [null, null], [null, null]]); // prettier-ignore
    expect(billed('month', without)).toEqual([[7, -102], [null, null], [null, null]]); // prettier-ignore
  });

  it('of an old file are the fees alone', () => {
    expect(billed('month', [bill(0, 7, null), bill(1, 0, 0), bill(2, 1, 5)])).toEqual([[7, null], [1, 5], [8, null]]); // prettier-ignore
  });

  it.each(['product', 'appid'] as const)('of one %s are in no bill; the totals have them', (groupBy) => {
    const all = [bill(0, 7, 1), bill(1, 0, 0), bill(2, 1, 5)];
    expect(billed(groupBy, all).at(-1)).toEqual([8, 6]);
    expect(
      billed(groupBy, all)
        .slice(0, -1)
        .every(([fees]) => fees === null),
    ).toBe(true);
  });
});

test('as CSV it has a line a group, with amounts in yuan', () => {
  const head = 'paidCount,paidYuan,refundedCount,refundedYuan,returnedCount,returnedYuan,netYuan,feesYuan,settledYuan';
  expect(statementCsv(made('day', BY_DAY, period('2026-02-28', '2026-03-01')))).toBe(
    `\ufeffday,${head}\r\n2026-02-28,2,12.05,1,13.00,0,0.00,-0.95,,\r\n2026-03-01,0,0.00,0,0.00,0,0.00,0.00,,\r\n`,
  );
});
