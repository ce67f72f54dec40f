import { setTimeout as pause } from 'node:timers/promises';

/** Each pause is a fifth longer than the one before, up to the longest. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;

/** Asks again until the answer is truthy. */
export async function until<T>(ask: () => Promise<T | undefined | false>, patienceMs = 600_000): Promise<T> {
  const giveUpAt = Date.now() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.2)) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > giveUpAt) throw new Error('it never came true');
    await pause(pauseMs);
  }
}
