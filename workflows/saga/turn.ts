import { patched } from '@temporalio/workflow';
import { until } from './saga.js';

/** Decisions one after the other, each until it has its outcome: a saga keeps one, and the next would take it away. */
export function inTurn(): <T>(decide: () => Promise<T>) => Promise<T> {
  let isTaken = false;
  return async (decide) => {
    // Again after each wait: one of several that wake took the turn. Histories of before decided at once.
    while (isTaken && patched('2026-11-decisions-in-turn')) await until(() => !isTaken);
    isTaken = true;
    try {
      return await decide();
    } finally {
      isTaken = false;
    }
  };
}
