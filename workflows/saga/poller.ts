import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { PollReply, Trouble } from '../../src/orders/rules/trouble.js';

const RESTART_AFTER = '1 minute';

/** At most one polling activity beside the loop; null stops it. `ask` is repeated after any failure but its own cancellation. */
export function createPoller<Target extends string, News>(
  ask: (target: Target) => Promise<News>,
  fold: (news: News) => void,
): (target: Target | null) => void {
  let current: { target: Target; scope: CancellationScope } | null = null;

  const follow = async (target: Target, scope: CancellationScope): Promise<void> => {
    const news = await scope.run(() => untilNews(() => ask(target)));
    // Before the fold: the loop that it wakes must be able to poll again.
    if (current?.scope === scope) current = null;
    fold(news);
  };

  return (target) => {
    if (current?.target === target) return;
    current?.scope.cancel();
    current = null;
    if (target === null) return;
    const scope = new CancellationScope({ cancellable: true });
    current = { target, scope };
    follow(target, scope).catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  };
}

async function untilNews<News>(ask: () => Promise<News>): Promise<News> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (isCancellation(error)) throw error;
      await sleep(RESTART_AFTER);
    }
  }
}

export function newsOf<Answer, Event>(
  reply: PollReply<Answer>,
  eventOf: (answer: Answer) => Event,
): Event | { readonly type: 'troubled'; readonly reason: Trouble } | { readonly type: 'recovered' } {
  if (reply.kind === 'answer') return eventOf(reply.answer);
  return reply.kind === 'trouble' ? { type: 'troubled', reason: reply.reason } : { type: 'recovered' };
}
