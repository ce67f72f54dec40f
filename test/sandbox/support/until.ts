import { setImmediate } from 'node:timers/promises';

/** Asks again until the answer is truthy. */
export async function until<T>(ask: () => Promise<T | undefined | false>, patienceMs = 600_000): Promise<T> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > giveUpAt) throw new Error('it never came true');
    await setImmediate();
  }
}
