import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { isNews, type PaidTrade, type TradeAnswer } from '../src/orders/rules/gateway-answer.js';
import { pollDelayMs } from '../src/orders/rules/schedules.js';
import type { GatewayReply } from '../src/orders/rules/trouble.js';
import { recordPayment } from '../src/orders/store/attempt.js';
import { recordEvidence } from '../src/orders/store/evidence.js';
import { knownRefunds } from '../src/refunds/store/apply.js';
import { callGateway, type GatewayCall, type GatewayCallInput, type GatewayDeps } from './gateway-call.js';

export type PollInput = GatewayCallInput & { readonly openedAtMs: number };

/** `recovered`: the gateway answers again after trouble that was shown; polling goes on in a new activity. */
export type PollReply = GatewayReply<TradeAnswer> | { readonly kind: 'recovered' };

/**
 * Asks WeChat Pay until there is news. Each "not paid yet" is a retryable, BENIGN failure that names its own next try, so that
 * the order's history does not grow while it waits.
 */
export async function pollTrade(deps: GatewayDeps, input: PollInput): Promise<PollReply> {
  const againInMs = (answer: TradeAnswer): number | null =>
    isNews(answer.kind) ? null : pollDelayMs(activityInfo().attempt, deps.now().getTime() - input.openedAtMs);
  const reply = await callGateway(deps, input, { api: 'query', run: queryOf(deps, input), againInMs });
  if (reply.kind === 'trouble') return reply;
  const delayMs = againInMs(reply.answer);
  if (delayMs === null) return reply;
  if (input.trouble !== null) return { kind: 'recovered' };
  throw ApplicationFailure.create({
    message: 'not paid yet',
    type: 'not_paid_yet',
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: delayMs,
  });
}

/** A query that shows money is evidence of its own, kept whatever the order makes of it. */
export function queryOf(deps: GatewayDeps, input: GatewayCallInput): GatewayCall<TradeAnswer>['run'] {
  return async (gateway, options, { note }) => {
    const { orderNo, outTradeNo } = input;
    const answer = await gateway.query({ outTradeNo }, options);
    if (answer.kind !== 'paid' && answer.kind !== 'refunded') return answer;
    const { trade } = answer;
    const known: TradeAnswer =
      answer.kind === 'paid' ? { kind: 'paid', trade } : await refundedOrPaid(deps, input, trade);
    await note(known.kind);
    const { mchid, appid, tradeType, totalFen, currency, transactionId } = trade;
    const fact = { mchid, appid, tradeType, totalFen, currency, transactionId, outTradeNo, source: 'query' as const };
    await recordEvidence(deps.db, { ...fact, orderNo }, deps.now());
    await recordPayment(deps.db, { mchid: input.mchid, outTradeNo }, answer.payment);
    return known;
  };
}

/** After any refund WeChat Pay says REFUND. If it is one that is known, the trade is as paid as before. */
async function refundedOrPaid({ db }: GatewayDeps, ref: GatewayCallInput, trade: PaidTrade): Promise<TradeAnswer> {
  const backFen = await knownRefunds(db, ref);
  return backFen === null ? { kind: 'refunded', trade } : { kind: 'paid', trade, backFen };
}
