import { parseMchid, type Mchid } from '../../src/base/ids.js';
import type { DiscrepancyClass } from '../../src/reconciliation/rules/classes.js';
import { parseBillDate, type BillDate } from '../../src/reconciliation/rules/day.js';
import type { BenchOptions, Measured } from '../part.js';

export type DayOptions = Pick<BenchOptions, 'folder' | 'onProgress'> & {
  readonly databaseUrl: string;
  /** Of imports, which take minutes. */
  readonly rounds: number;
};

export type Found = Omit<Measured, 'sizes'>;

/** A generated day of a merchant: its trade bill has so many lines, and our books say the same but for what is planted. */
export type GeneratedDay = { readonly mchid: Mchid; readonly date: BillDate; readonly lines: number };

export const APPID = 'wx8888888888888888';

/** Every tenth line is a refund of the payment on the line before it. */
export const REFUNDED = 10;
export const REFUND_FEN = 100;

export function generatedDay(date: string, lines: number): GeneratedDay {
  const [mchid, day] = [parseMchid('1900000001'), parseBillDate(date)];
  if (!mchid.ok || !day.ok) throw new Error(`${date} is no day`);
  return { mchid: mchid.value, date: day.value, lines };
}

/** One line of a hundred differs from our books, each time in the next of these classes. */
export const PLANT_EVERY = 100;
export const PLANTS = [
  'foreign',
  'amount',
  'paid_not_here',
  'fee',
  'refund_not_here',
] as const satisfies DiscrepancyClass[];
type Plant = (typeof PLANTS)[number];

/** The line of each block of so many that differs: its first, a payment, or its first refund. */
const plantLineOf = (block: number, plant: Plant): number =>
  block * PLANT_EVERY + (plant === 'refund_not_here' ? REFUNDED : 1);

const plantAt = (block: number): Plant => PLANTS[block % PLANTS.length] ?? PLANTS[0];

export function plantOf(n: number): Plant | undefined {
  const block = Math.floor((n - 1) / PLANT_EVERY);
  return n === plantLineOf(block, plantAt(block)) ? plantAt(block) : undefined;
}

/** How many of each class there are to find. */
export function plantedIn({ lines }: GeneratedDay): ReadonlyMap<Plant, number> {
  const counts = new Map<Plant, number>(PLANTS.map((name) => [name, 0]));
  for (let n = 1; n <= lines; n += 1) {
    const plant = plantOf(n);
    if (plant !== undefined) counts.set(plant, (counts.get(plant) ?? 0) + 1);
  }
  return counts;
}
