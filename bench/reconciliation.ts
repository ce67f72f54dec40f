import type { BenchOptions, Measured } from './part.js';
import { writeBooks, writeFundBill } from './reconciliation/books.js';
import { generatedDay, type DayOptions } from './reconciliation/day.js';
import { measureDayPage } from './reconciliation/day-page.js';
import { importDay, measureImport } from './reconciliation/import.js';
import { matched, measureMatch } from './reconciliation/match.js';

/** Lines of the day that a large one is compared with. */
const SMALL = 10_000;

/** A day of bills: imported, matched with our books, and looked at. */
export async function reconciliation({ lines = 1_000_000, rounds = 3, ...shared }: BenchOptions): Promise<Measured> {
  const { folder, onProgress } = shared;
  const databaseUrl = await shared.database();
  const options: DayOptions = { databaseUrl, folder, rounds, onProgress };
  const large = generatedDay('2026-03-10', lines);
  const small = generatedDay('2025-12-01', Math.min(SMALL, lines));
  onProgress(`Writing our books of a day of ${lines} lines and of one of ${small.lines}`);
  for (const day of [small, large]) await writeBooks(databaseUrl, day);
  const imported = await measureImport(options, large);
  await importDay(options, small);
  for (const day of [small, large]) await writeFundBill(databaseUrl, day);
  const found = await measureMatch(options, large);
  await matched(databaseUrl, small);
  const page = await measureDayPage(options, { large, small });
  return {
    figures: [imported, found, page].flatMap(({ figures }) => figures),
    floors: { ...imported.floors, ...found.floors, ...page.floors },
    sizes: { lines, rounds },
  };
}
