import type { OutTradeNo } from '../src/base/ids.js';
import type { OrderEvent } from '../src/domain/order/events.js';
import { attemptOf } from '../src/domain/order/state.js';
import type { Facts } from './facts.js';
import { createPoller, type Poller } from './poller.js';
import { durable } from './proxies.js';

/** Asks about one attempt until there is news of it. */
export const createOrderPoller = (facts: Facts): Poller<OutTradeNo> =>
  createPoller(
    (outTradeNo) => newsOf(facts, outTradeNo),
    (news) => facts.fold(news),
  );

async function newsOf(facts: Facts, outTradeNo: OutTradeNo): Promise<OrderEvent> {
  const { mchid, orderNo, trouble: told } = facts.now;
  const openedAtMs = attemptOf(facts.now, outTradeNo)?.openedAtMs ?? Date.now();
  const input = { mchid, orderNo, outTradeNo, patience: 'durable', told, openedAtMs } as const;
  const reply = await durable('wechat', `poll ${outTradeNo}`).pollTrade(input);
  if (reply.kind === 'answer') return { type: 'tradeAnswered', outTradeNo, answer: reply.answer };
  return reply.kind === 'trouble' ? { type: 'troubled', reason: reply.reason } : { type: 'recovered' };
}
