import type { Logger } from 'pino';
import { describeError } from '../describe-error.js';

/**
 * `done`, or `late` when `work` took longer. Late work goes on: what it commits is not lost, and the sweeper delivers a row
 * it leaves behind. Its failure has no answer left to appear in, so it is logged here.
 */
export async function within(
  limitMs: number,
  work: Promise<void>,
  log: Pick<Logger, 'warn'>,
): Promise<'done' | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  let isLate = false;
  const deadline = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => {
      isLate = true;
      resolve('late');
    }, limitMs);
  });
  const done = work.then(
    () => 'done' as const,
    (error: unknown) => {
      if (!isLate) throw error;
      log.warn({ error: describeError(error) }, 'a notify failed after it was answered');
      return 'late' as const;
    },
  );
  try {
    return await Promise.race([done, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
