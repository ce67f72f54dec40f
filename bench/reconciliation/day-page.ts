import { connect, type Db } from '../../src/db/connection.js';
import { CLASSES } from '../../src/reconciliation/rules/classes.js';
import { daysAfter } from '../../src/reconciliation/rules/day.js';
import { loadDay, loadDays } from '../../src/reconciliation/store/day.js';
import { listDiscrepancies } from '../../src/reconciliation/store/discrepancies.js';
import { listLines } from '../../src/reconciliation/store/lines.js';
import { median } from '../measure.js';
import type { DayOptions, Found, GeneratedDay } from './day.js';

const ROUNDS = 101;
const WARM_UP = 10;
const PAGE = 20;

/** What the page of a day reads, of a large day and of a small one in turns. */
export async function measureDayPage(
  { databaseUrl, onProgress }: DayOptions,
  { large, small }: { readonly large: GeneratedDay; readonly small: GeneratedDay },
): Promise<Found> {
  onProgress(`Reading the pages of two days ${ROUNDS} times`);
  const { db, close } = connect(databaseUrl, { max: 1 });
  try {
    const costs = new Map<string, Record<Size, Cost>>();
    for (const [name, read] of Object.entries(READS)) {
      const times: Record<Size, number[]> = { large: [], small: [] };
      for (let round = -WARM_UP; round < ROUNDS; round += 1) {
        for (const [size, day] of [
          ['large', large],
          ['small', small],
        ] as const) {
          const startedAt = performance.now();
          await read(db, day);
          if (round >= 0) times[size].push(performance.now() - startedAt);
        }
      }
      costs.set(name, { large: costOf(times.large), small: costOf(times.small) });
    }
    return measuredOf(costs);
  } finally {
    await close();
  }
}

type Size = 'large' | 'small';

/** One read of a millisecond may wait for other processes more often than not: its least time tells most of itself. */
type Cost = { readonly medianMs: number; readonly leastMs: number };

const costOf = (times: readonly number[]): Cost => ({ medianMs: median(times), leastMs: Math.min(...times) });

type Read = (db: Db, day: GeneratedDay) => Promise<unknown>;

const READS: Readonly<Record<string, Read>> = {
  day: (db, day) => loadDay(db, day),
  'days of a week': (db, { mchid, date }) => loadDays(db, { mchid, from: daysAfter(date, -6), to: date }),
  ...Object.fromEntries(
    CLASSES.map((name) => [`lines ${name}`, (db, day) => listLines(db, day, { class: name, limit: PAGE })]),
  ),
  'lines matched, last page': (db, day) =>
    listLines(db, day, { class: 'matched', limit: PAGE, cursor: cursorNearEnd(day) }),
  discrepancies: (db, { mchid, date }) => listDiscrepancies(db, { mchids: [mchid], from: date, to: date, limit: PAGE }),
  'open discrepancies': (db, { mchid, date }) =>
    listDiscrepancies(db, { mchids: [mchid], status: 'open', from: date, to: date, limit: PAGE }),
};

const cursorNearEnd = ({ lines }: GeneratedDay) => Buffer.from(`lines ${lines - PAGE}`).toString('base64url');

function measuredOf(costs: ReadonlyMap<string, Record<Size, Cost>>): Found {
  const total = (size: Size) => [...costs.values()].reduce((sum, it) => sum + it[size].medianMs, 0);
  const ratios = [...costs].map(([name, { large, small }]) => ({ name, ratio: large.leastMs / small.leastMs }));
  const worst = ratios.reduce((a, b) => (a.ratio >= b.ratio ? a : b));
  return {
    figures: [
      {
        ...{ key: 'dayPageRatio', value: total('large') / total('small'), unit: 'ratio', budget: { atMost: 1.5 } },
        what: 'all reads of the pages of the large day ÷ of one of 10,000 lines, medians',
      },
      {
        ...{ key: 'dayPageWorstRatio', value: worst.ratio, unit: 'ratio', budget: { atMost: 1.5 } },
        what: `the same of the worst read, least times: ${worst.name}`,
      },
      { key: 'dayPageMs', value: total('large'), unit: 'ms', what: 'all these reads' },
    ],
    floors: { dayPageSmallMs: total('small') },
  };
}
