import { expect, test } from 'vitest';
import { runLab } from './support/run-lab.js';

test('a backlog settles by itself, within the limits, once gateway and workers are back', async () => {
  const { code, stdout, last } = await runLab('--backlog', '100', '--seed', '14');
  expect(last, stdout).toBe('lab: 100 orders, 20 faults, 3 kills, 0 violations, books differ by 0 fen');
  expect(code).toBe(0);
});
