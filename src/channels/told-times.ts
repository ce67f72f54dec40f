import { MINUTE } from '../base/time.js';
import type { RefundDetails, RefundFact } from '../orders/rules/gateway-answer.js';
import type { Gateway } from './port.js';

/** Two clocks that are further apart verify none of each other's signatures. */
const CLOCKS_APART_MS = 5 * MINUTE;

/** A gateway whose answers tell only of what has been: a time that is still to come is as good as none. */
export function pastOnly(gateway: Gateway, now: () => Date): Gateway {
  const past = (atMs: number | null): number | null =>
    atMs !== null && atMs <= now().getTime() + CLOCKS_APART_MS ? atMs : null;
  const said = <Answer extends object>(answer: Answer): Answer =>
    isOfRefund(answer)
      ? {
          ...answer,
          refund: { ...answer.refund, successAtMs: past(answer.refund.successAtMs) },
          details: { ...answer.details, acceptedAtMs: past(answer.details.acceptedAtMs) },
        }
      : answer;
  return {
    ...gateway,
    async query(...call) {
      const answer = await gateway.query(...call);
      if (!('trade' in answer)) return answer;
      return { ...answer, trade: { ...answer.trade, successAtMs: past(answer.trade.successAtMs) } };
    },
    refund: async (...call) => said(await gateway.refund(...call)),
    queryRefund: async (...call) => said(await gateway.queryRefund(...call)),
    abnormalRefund: async (...call) => said(await gateway.abnormalRefund(...call)),
  };
}

type OfRefund = { readonly refund: RefundFact; readonly details: RefundDetails };

const isOfRefund = (answer: object): answer is OfRefund => 'refund' in answer && 'details' in answer;
