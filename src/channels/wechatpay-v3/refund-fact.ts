import { z } from 'zod';
import type { RefundDetails, RefundFact, RefundStatus } from '../../domain/gateway-answer.js';
import { fen, maybeFen } from './fen.js';
import { maybeText, maybeTime, text, token } from './text.js';

const STATUSES: ReadonlyMap<string, RefundStatus> = new Map([
  ['PROCESSING', 'processing'],
  ['SUCCESS', 'succeeded'],
  ['CLOSED', 'closed'],
  ['ABNORMAL', 'abnormal'],
]);

/** WeChat Pay's word for how far a refund is, in ours; `undefined`: one nobody described. */
export function refundStatusOf(word: string): RefundStatus | undefined {
  return STATUSES.get(word);
}

const anyRefund = z.object({ out_refund_no: z.string(), status: text(64) });

/**
 * The body of every answer about a refund; direct merchants get no mchid. Numbers, status and the sum that is refunded decide:
 * the rest may be absent or odd without hiding what became of the money.
 */
const refundObject = z.object({
  refund_id: token(32),
  out_refund_no: token(64),
  out_trade_no: token(32),
  transaction_id: token(32),
  /** Absent means CNY; anything else is not fen. */
  amount: z.object({ refund: fen, total: maybeFen, currency: z.literal('CNY').nullish() }),
  success_time: maybeTime,
  create_time: maybeTime,
  channel: maybeText(32),
  user_received_account: maybeText(64),
});

export type ReadRefund =
  | { readonly kind: 'found'; readonly refund: RefundFact; readonly details: RefundDetails }
  | { readonly kind: 'unrecognised'; readonly status: string };

/** What was asked about; the answer must be about the same. */
export type AskedRefund = {
  readonly outRefundNo: string;
  readonly outTradeNo?: string;
  readonly refundId?: string;
};

/** What an answer says about the refund that was asked for; `undefined` when it is not an answer to that question. */
export function readRefund(body: unknown, asked: AskedRefund): ReadRefund | undefined {
  const any = anyRefund.safeParse(body).data;
  if (any === undefined || any.status === '' || any.out_refund_no !== asked.outRefundNo) return undefined;
  const status = refundStatusOf(any.status);
  if (status === undefined) return { kind: 'unrecognised', status: any.status };
  const refund = refundObject.safeParse(body).data;
  if (refund === undefined || refund.out_trade_no !== (asked.outTradeNo ?? refund.out_trade_no)) return undefined;
  if (refund.refund_id !== (asked.refundId ?? refund.refund_id)) return undefined;
  const { channel, user_received_account: receivedAccount, create_time: acceptedAtMs } = refund;
  return { kind: 'found', refund: factOf(refund, status), details: { channel, receivedAccount, acceptedAtMs } };
}

function factOf(refund: z.infer<typeof refundObject>, status: RefundStatus): RefundFact {
  const { success_time: successTime } = refund;
  return {
    refundId: refund.refund_id,
    outRefundNo: refund.out_refund_no,
    outTradeNo: refund.out_trade_no,
    transactionId: refund.transaction_id,
    status,
    refundFen: refund.amount.refund,
    totalFen: refund.amount.total,
    successAtMs: status === 'succeeded' ? successTime : null,
  };
}
