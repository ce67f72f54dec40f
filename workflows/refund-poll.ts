import type { RefundEvent } from '../src/domain/refund/events.js';
import type { RefundStateName } from '../src/domain/refund/states.js';
import type { RefundFacts } from './facts.js';
import { createPoller, type Poller } from './poller.js';
import { durable } from './proxies.js';

/** Asks about the refund until WeChat Pay says something else than the state it is in. */
export const createRefundPoller = (facts: RefundFacts): Poller<RefundStateName> =>
  createPoller(
    (known) => newsOf(facts, known),
    (news) => facts.fold(news),
  );

async function newsOf(facts: RefundFacts, known: RefundStateName): Promise<RefundEvent> {
  const { mchid, orderNo, outTradeNo, outRefundNo, trouble: told } = facts.now;
  const input = { mchid, orderNo, outTradeNo, outRefundNo, patience: 'durable', told, known } as const;
  const reply = await durable('wechat', `poll ${outRefundNo}`).pollRefund(input);
  if (reply.kind === 'answer') return { type: 'refundQueried', answer: reply.answer };
  return reply.kind === 'trouble' ? { type: 'troubled', reason: reply.reason } : { type: 'recovered' };
}
