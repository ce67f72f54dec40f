import { expect, test } from 'vitest';
import { z } from 'zod';
import { bench } from '../support/bench.js';

const reportSchema = z.object({
  importRatio: z.number().positive(),
  importTimeRatio: z.number().positive(),
  importRssMb: z.number().nonnegative(),
  // /proc counts in steps of 10 ms; storing 10,000 lines takes several.
  importBackendCpuMs: process.platform === 'linux' ? z.number().positive() : z.null(),
  importLinesPerSecond: z.number().positive(),
  matchSeconds: z.number().positive(),
  matchLinesPerSecond: z.number().positive(),
  matchTableScans: z.number(),
  dayPageRatio: z.number().positive(),
  dayPageWorstRatio: z.number().positive(),
  floors: z.record(z.string(), z.number().nullable()),
  missed: z.array(z.string()),
  sizes: z.object({ reconciliation: z.object({ lines: z.number(), rounds: z.number() }) }),
});

test('a day of 10,000 lines goes through all of it: planted differences are found, no table is read as a whole, nothing is left', async () => {
  const { code, stdout, stderr, left } = await bench('reconciliation', '--lines', '10000', '--rounds', '1', '--json');
  expect(stderr).not.toContain('bench:');
  const report = reportSchema.parse(JSON.parse(stdout));

  expect(report).toMatchObject({ sizes: { reconciliation: { lines: 10_000, rounds: 1 } }, matchTableScans: 0 });
  // How fast it was says nothing here.
  expect(code).toBe(report.missed.length === 0 ? 0 : 1);
  expect(left).toEqual([]);
});

test('what it cannot measure is wrong usage', async () => {
  for (const args of [['bills'], ['reconciliation', '--lines', 'many'], ['--rounds', '0']]) {
    const { code, stdout, stderr } = await bench(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: /);
  }
});
