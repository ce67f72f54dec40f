import { describe, expect, test } from 'vitest';
import { until } from '../support/caller.js';
import { runLab } from './support/run-lab.js';

describe('npm run lab', () => {
  test('hurts every process and keeps every promise; nothing of it is left behind', async () => {
    const { code, stdout, last, left } = await runLab('--orders', '30', '--minutes', '1.2', '--seed', '6');
    expect(last, stdout).toMatch(
      /^lab: 30 orders, [1-9]\d* faults, [1-9]\d* kills, 0 violations, books differ by 0 fen$/,
    );
    expect(code).toBe(0);
    await until(async () => {
      const seen = await left.processes();
      return { seen, met: seen.length === 0 };
    });
    expect(await left.folders()).toEqual([]);
  });

  test('ends with 2 for wrong usage', async () => {
    const { code, stderr } = await runLab('--minutes', 'many');
    expect(stderr).toContain('a number above 0');
    expect(code).toBe(2);
  });
});
