import { z } from 'zod';
import type {
  QueriedRefund,
  RefundAnswer,
  RefundDetails,
  RefundFact,
  RefundStatus,
} from '../../orders/rules/gateway-answer.js';
import type { OutRefundNo } from '../../base/ids.js';
import type { AbnormalRefundRequest, RefundRequest } from '../port.js';
import { unreadable, type Bounded } from '../flow/call.js';
import { exchange, type Exchanged, type ExchangeDeps } from './exchange.js';
import { parseJson } from '../../base/parse-json.js';
import { pathSegment } from './transport.js';
import { fen, maybeFen, maybeText, maybeTime, text, token } from '../fields.js';

const REFUNDS = '/v3/refund/domestic/refunds';

/** Repeatable: WeChat Pay refunds a number once, and answers the same request again with what became of it. */
export async function callRefund(
  deps: ExchangeDeps,
  { notifyUrl, ...refund }: RefundRequest & { notifyUrl: string },
  bounds: Bounded,
): Promise<RefundAnswer> {
  const body = refundBody(notifyUrl, refund);
  const answer = await exchange(deps, { api: 'refund', method: 'POST', path: REFUNDS, body }, bounds);
  return refundAnswer(deps, answer, { outRefundNo: refund.outRefundNo, outTradeNo: refund.outTradeNo });
}

export async function callRefundQuery(
  deps: ExchangeDeps,
  { outRefundNo }: { outRefundNo: OutRefundNo },
  bounds: Bounded,
): Promise<QueriedRefund> {
  const path = `${REFUNDS}/${pathSegment(outRefundNo)}`;
  const answer = await exchange(deps, { api: 'refundQuery', method: 'GET', path }, bounds);
  return answer.kind === 'definitive' ? { kind: answer.meaning } : readProven(deps, answer, { outRefundNo });
}

export async function callAbnormalRefund(
  deps: ExchangeDeps,
  { card, ...asked }: AbnormalRefundRequest,
  bounds: Bounded,
): Promise<RefundAnswer> {
  const path = `${REFUNDS}/${pathSegment(asked.refundId)}/apply-abnormal-refund`;
  const body = JSON.stringify({ out_refund_no: asked.outRefundNo, ...receiverOf(card) });
  const call = { api: 'abnormalRefund', method: 'POST', path, body, serial: card?.serial } as const;
  return refundAnswer(deps, await exchange(deps, call, bounds), asked);
}

function receiverOf(card: AbnormalRefundRequest['card']): object {
  if (card === null) return { type: 'MERCHANT_BANK_CARD' };
  const { bankType: bank_type, bankAccount: bank_account, realName: real_name } = card;
  return { type: 'USER_BANK_CARD', bank_type, bank_account, real_name };
}

function refundAnswer(
  deps: ExchangeDeps,
  answer: Exchanged<'refund' | 'abnormalRefund'>,
  asked: AskedRefund,
): RefundAnswer {
  if (answer.kind === 'definitive') return { kind: answer.meaning, refusal: answer.refusal };
  const read = readProven(deps, answer, asked);
  if (read.kind === 'found') return { kind: 'accepted', refund: read.refund, details: read.details };
  deps.log.warn({ mchid: deps.mchid, outRefundNo: asked.outRefundNo, status: read.status }, 'refund of unknown status');
  throw unreadable(answer.status);
}

/** 202 is "accepted, not finished: repeat". */
function readProven(deps: ExchangeDeps, answer: { status: number; body: Buffer }, asked: AskedRefund): ReadRefund {
  const read = answer.status === 200 ? readRefund(parseJson(answer.body), asked) : undefined;
  if (read !== undefined) return read;
  const fields = { mchid: deps.mchid, outRefundNo: asked.outRefundNo, status: answer.status };
  deps.log.warn(fields, 'a refund call was answered with something that is not this refund');
  throw unreadable(answer.status);
}

/** The same refund always gives the same text. Without `notify_url` WeChat Pay notifies the console's address, in v2 XML. */
export function refundBody(notifyUrl: string, refund: RefundRequest): string {
  return JSON.stringify({
    out_trade_no: refund.outTradeNo,
    out_refund_no: refund.outRefundNo,
    ...(refund.reason === null ? {} : { reason: refund.reason }),
    notify_url: notifyUrl,
    amount: { refund: refund.amountFen, total: refund.totalFen, currency: 'CNY' },
    funds_account: refund.source?.fundsAccount,
    goods_detail: refund.source?.goodsDetail?.map((goods) => ({
      merchant_goods_id: goods.merchantGoodsId,
      wechatpay_goods_id: goods.wechatpayGoodsId,
      goods_name: goods.goodsName,
      unit_price: goods.unitPriceFen,
      refund_amount: goods.refundAmountFen,
      refund_quantity: goods.refundQuantity,
    })),
  });
}

const STATUSES: ReadonlyMap<string, RefundStatus> = new Map([
  ['PROCESSING', 'processing'],
  ['SUCCESS', 'succeeded'],
  ['CLOSED', 'closed'],
  ['ABNORMAL', 'abnormal'],
]);

export const refundStatusOf = (word: string): RefundStatus | undefined => STATUSES.get(word);

const anyRefund = z.object({ out_refund_no: z.string(), status: text(64) });

/** Direct merchants get no mchid. Numbers, status and the refunded sum decide; whatever else is odd must not hide the money. */
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

type ReadRefund =
  | { readonly kind: 'found'; readonly refund: RefundFact; readonly details: RefundDetails }
  | { readonly kind: 'unrecognised'; readonly status: string };

type AskedRefund = { readonly outRefundNo: string; readonly outTradeNo?: string; readonly refundId?: string };

/** `undefined`: not about the refund that was asked for. */
export function readRefund(body: unknown, asked: AskedRefund): ReadRefund | undefined {
  const said = anyRefund.safeParse(body).data;
  if (said === undefined || said.status === '' || said.out_refund_no !== asked.outRefundNo) return undefined;
  const status = refundStatusOf(said.status);
  if (status === undefined) return { kind: 'unrecognised', status: said.status };
  const refund = refundObject.safeParse(body).data;
  if (refund === undefined || refund.out_trade_no !== (asked.outTradeNo ?? refund.out_trade_no)) return undefined;
  if (refund.refund_id !== (asked.refundId ?? refund.refund_id)) return undefined;
  const { channel, user_received_account: receivedAccount, create_time: acceptedAtMs } = refund;
  return { kind: 'found', refund: factOf(refund, status), details: { channel, receivedAccount, acceptedAtMs } };
}

function factOf(refund: z.infer<typeof refundObject>, status: RefundStatus): RefundFact {
  return {
    refundId: refund.refund_id,
    outRefundNo: refund.out_refund_no,
    outTradeNo: refund.out_trade_no,
    transactionId: refund.transaction_id,
    status,
    refundFen: refund.amount.refund,
    totalFen: refund.amount.total,
    successAtMs: status === 'succeeded' ? refund.success_time : null,
  };
}
