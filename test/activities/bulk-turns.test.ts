import { expect, test } from 'vitest';
import { createTurns } from '../../activities/bulk.js';

test('in no second more than twenty orders begin', async () => {
  let now = 0;
  const sleep = (ms: number): Promise<void> => {
    now += ms;
    return Promise.resolve();
  };
  const turn = createTurns({ nowMs: () => now, sleep });
  const begun: number[] = [];

  while (begun.length < 100) {
    await turn();
    begun.push(now);
  }

  for (const at of begun) expect(begun.filter((it) => it >= at && it < at + 1_000).length).toBeLessThanOrEqual(20);
  expect(now).toBeGreaterThan(4_500);
  expect(now).toBeLessThan(6_500);
});
