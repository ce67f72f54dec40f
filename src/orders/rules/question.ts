import type { OutTradeNo } from '../../base/ids.js';
import type { Step } from './next-step.js';
import { attemptOf, endingOf, type OrderState } from './state.js';

/** The steps that ask WeChat Pay something about one attempt. */
export type GatewayStep = Extract<Step, { kind: 'prepay' | 'query' | 'close' }>;

/**
 * What a call is made for: while that is the same, somebody has asked for it once, and a call that is made again for it waits its
 * turn like any other.
 */
export function questionOf(state: OrderState, { kind, outTradeNo }: GatewayStep): string {
  const attempt = attemptOf(state, outTradeNo);
  const { ask = null, closing = null, code = null } = attempt ?? {};
  const of = kind === 'prepay' ? [code?.expiresAtMs] : [closing?.next.kind, closing?.askedAtMs];
  return [kind, outTradeNo, ...(kind === 'query' && ask !== null ? [ask.why, ask.atMs] : of)].join();
}

/** A person or the shop waits for its answer; a deadline, a poll and a notify can wait their turn. */
export function isAskedFor(state: OrderState, { kind, outTradeNo }: GatewayStep): boolean {
  const { ask = null, closing = null } = attemptOf(state, outTradeNo) ?? {};
  // Also to find out why there is no code yet for an order that is being created.
  const isClosingAsked = closing?.askedAtMs != null || state.phase.state === 'creating';
  switch (kind) {
    case 'prepay':
      // A code is always for somebody who waits.
      return true;
    case 'query':
      return (ask !== null && ask.why !== 'settle') || isClosingAsked;
    case 'close':
      return isClosingAsked;
    default:
      return kind satisfies never;
  }
}

/** All that is asked about this number, and why the order ends: a call that is under way answers it while it is the same. */
export function questionsOf(state: OrderState, outTradeNo: OutTradeNo): string {
  const attempt = attemptOf(state, outTradeNo);
  return [attempt?.ask?.why, attempt?.ask?.atMs, attempt?.doubt?.transactionId, endingOf(state)].join();
}
