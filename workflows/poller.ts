import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { OrderEvent } from '../src/domain/order/events.js';
import { attemptOf, type Attempt } from '../src/domain/order/state.js';
import type { Facts } from './facts.js';
import { durable } from './proxies.js';

/** After a failure that is no answer: for polling it means "no news", whatever went wrong. */
const RESTART_AFTER = '1 minute';

export type Poller = {
  /** Polls this attempt and no other; null stops polling. */
  poll(outTradeNo: Attempt['outTradeNo'] | null): void;
};

/** One polling activity at most, beside the loop; its news is folded like any other fact. */
export function createPoller(facts: Facts): Poller {
  let current: { outTradeNo: Attempt['outTradeNo']; scope: CancellationScope } | null = null;

  const follow = async (attempt: Attempt, scope: CancellationScope): Promise<void> => {
    const news = await scope.run(() => newsOf(facts, attempt));
    // First free the place, then fold: the loop that wakes up must be able to poll again.
    if (current?.scope === scope) current = null;
    facts.fold(news);
  };

  return {
    poll(outTradeNo) {
      if (current?.outTradeNo === outTradeNo) return;
      current?.scope.cancel();
      current = null;
      const attempt = outTradeNo === null ? undefined : attemptOf(facts.now, outTradeNo);
      if (attempt === undefined) return;
      const scope = new CancellationScope({ cancellable: true });
      current = { outTradeNo: attempt.outTradeNo, scope };
      follow(attempt, scope).catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      });
    },
  };
}

async function newsOf(facts: Facts, attempt: Attempt): Promise<OrderEvent> {
  const { outTradeNo } = attempt;
  const openedAtMs = attempt.openedAtMs ?? Date.now();
  for (;;) {
    try {
      const { mchid, orderNo, trouble: told } = facts.now;
      const input = { mchid, orderNo, outTradeNo, patience: 'durable', told, openedAtMs } as const;
      const reply = await durable('wechat', `poll ${outTradeNo}`).pollTrade(input);
      if (reply.kind === 'answer') return { type: 'tradeAnswered', outTradeNo, answer: reply.answer };
      return reply.kind === 'trouble' ? { type: 'troubled', reason: reply.reason } : { type: 'recovered' };
    } catch (error) {
      if (isCancellation(error)) throw error;
      await sleep(RESTART_AFTER);
    }
  }
}
