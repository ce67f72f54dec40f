import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { GatewayReply, Trouble } from '../../src/orders/rules/trouble.js';

const RESTART_AFTER = '1 minute';

export type Poller<Target extends string> = {
  /** Null stops polling. */
  poll(target: Target | null): void;
};

/** At most one polling activity beside the loop. `ask` is repeated after any failure but its own cancellation. */
export function createPoller<Target extends string, News>(
  ask: (target: Target) => Promise<News>,
  fold: (news: News) => void,
): Poller<Target> {
  let current: { target: Target; scope: CancellationScope } | null = null;

  const follow = async (target: Target, scope: CancellationScope): Promise<void> => {
    const news = await scope.run(() => untilNews(() => ask(target)));
    // Before the fold: the loop that it wakes must be able to poll again.
    if (current?.scope === scope) current = null;
    fold(news);
  };

  return {
    poll(target) {
      if (current?.target === target) return;
      current?.scope.cancel();
      current = null;
      if (target === null) return;
      const scope = new CancellationScope({ cancellable: true });
      current = { target, scope };
      follow(target, scope).catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      });
    },
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
  reply: GatewayReply<Answer> | { readonly kind: 'recovered' },
  eventOf: (answer: Answer) => Event,
): Event | { readonly type: 'troubled'; readonly reason: Trouble } | { readonly type: 'recovered' } {
  if (reply.kind === 'answer') return eventOf(reply.answer);
  return reply.kind === 'trouble' ? { type: 'troubled', reason: reply.reason } : { type: 'recovered' };
}
