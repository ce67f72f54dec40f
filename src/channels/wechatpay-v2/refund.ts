import { z } from 'zod';
import { plainText } from '../../base/text.js';
import type {
  QueriedRefund,
  RefundAnswer,
  RefundDetails,
  RefundFact,
  RefundStatus,
} from '../../orders/rules/gateway-answer.js';
import type { OutRefundNo } from '../../base/ids.js';
import type { FundsAccount } from '../../refunds/rules/source.js';
import { maybeText, text, token } from '../fields.js';
import { unreadable, type Bounded } from '../flow/call.js';
import type { RefundRequest } from '../port.js';
import { exchangeByNumber, type ExchangeDeps } from './exchange.js';
import { fen, maybeCount, maybeFen, maybeTime } from './fields.js';
import type { Fields } from './xml.js';

/** Repeatable: WeChat Pay refunds a number once, and answers the same request again. */
export async function callRefund(
  deps: ExchangeDeps,
  { notifyUrl, ...refund }: RefundRequest & { notifyUrl: string },
  bounds: Bounded,
): Promise<RefundAnswer> {
  const fields = refundFields(notifyUrl, refund);
  const answer = await exchangeByNumber(deps, { api: 'refund', path: '/secapi/pay/refund', fields }, bounds);
  if (answer.kind === 'definitive') return { kind: answer.meaning, refusal: answer.refusal };
  const accepted = appliedRefund.safeParse(answer.fields).data;
  if (accepted?.out_refund_no === refund.outRefundNo && accepted.out_trade_no === refund.outTradeNo)
    return { kind: 'accepted', refund: factOf(accepted, 'processing', null), details: NO_DETAILS };
  throw notThisRefund(deps, refund.outRefundNo);
}

const refundFields = (notifyUrl: string, refund: RefundRequest): Fields => ({
  out_trade_no: refund.outTradeNo,
  out_refund_no: refund.outRefundNo,
  total_fee: String(refund.totalFen),
  refund_fee: String(refund.amountFen),
  refund_fee_type: 'CNY',
  ...(refund.reason === null ? {} : { refund_desc: plainText(refund.reason) }),
  ...(refund.source?.fundsAccount === undefined ? {} : { refund_account: ACCOUNTS[refund.source.fundsAccount] }),
  notify_url: notifyUrl,
});

const ACCOUNTS = {
  AVAILABLE: 'REFUND_SOURCE_RECHARGE_FUNDS',
  UNSETTLED: 'REFUND_SOURCE_UNSETTLED_FUNDS',
} as const satisfies Record<FundsAccount, string>;

function notThisRefund({ mchid, log }: ExchangeDeps, outRefundNo: OutRefundNo): Error {
  log.warn({ mchid, outRefundNo }, 'a refund call was answered with something that is not this refund');
  return unreadable(200);
}

/** Numbers and the refunded sum decide; whatever else is odd must not hide the money. */
const appliedRefund = z.object({
  refund_id: token(32),
  out_refund_no: token(64),
  out_trade_no: token(32),
  transaction_id: token(32),
  refund_fee: fen,
  total_fee: maybeFen,
});

/** That it was taken is all that API v2 says of a refund before it is asked for. */
const NO_DETAILS: RefundDetails = { channel: null, receivedAccount: null, acceptedAtMs: null };

function factOf(refund: z.infer<typeof appliedRefund>, status: RefundStatus, successAtMs: number | null): RefundFact {
  return {
    refundId: refund.refund_id,
    outRefundNo: refund.out_refund_no,
    outTradeNo: refund.out_trade_no,
    transactionId: refund.transaction_id,
    status,
    refundFen: refund.refund_fee,
    totalFen: refund.total_fee,
    successAtMs: status === 'succeeded' ? successAtMs : null,
  };
}

/** A payment has at most fifty refunds, of which a page holds ten or more. */
const MAX_PAGES = 6;

/** By its number, which finds it alone; should WeChat Pay list all of its trade, page by page. */
export async function callRefundQuery(
  deps: ExchangeDeps,
  { outRefundNo }: { outRefundNo: OutRefundNo },
  bounds: Bounded,
): Promise<QueriedRefund> {
  let offset = 0;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const fields = { out_refund_no: outRefundNo, ...(offset === 0 ? {} : { offset: String(offset) }) };
    const answer = await exchangeByNumber(deps, { api: 'refundQuery', path: '/pay/refundquery', fields }, bounds);
    if (answer.kind === 'definitive') return { kind: answer.meaning };
    const found = readRefund(answer.fields, outRefundNo);
    if (found !== undefined) return found;
    const { refund_count: count, total_refund_count: total } = counts.parse(answer.fields);
    offset += count;
    if (count === 0 || offset >= total) break;
  }
  throw notThisRefund(deps, outRefundNo);
}

const counts = z.object({ refund_count: maybeCount, total_refund_count: maybeCount });

const STATUSES: ReadonlyMap<string, RefundStatus> = new Map([
  ['PROCESSING', 'processing'],
  // The old word for a refund of which WeChat Pay does not know yet.
  ['NOTSURE', 'processing'],
  ['SUCCESS', 'succeeded'],
  ['REFUNDCLOSE', 'closed'],
  ['CHANGE', 'abnormal'],
]);

export const refundStatusOf = (word: string): RefundStatus | undefined => STATUSES.get(word);

const details = z.object({ channel: maybeText(32), account: maybeText(64), success: maybeTime });

/** `undefined`: the refund that was asked for is not on this page. */
function readRefund(fields: Fields, outRefundNo: OutRefundNo): QueriedRefund | undefined {
  const { refund_count: count } = counts.parse(fields);
  // Some answers about one refund count none.
  const index = Array.from({ length: Math.max(1, Math.min(count, 50)) }, (_, n) => n).find(
    (n) => fields[`out_refund_no_${n}`] === outRefundNo,
  );
  if (index === undefined) return undefined;
  const word = text(64).safeParse(fields[`refund_status_${index}`]).data ?? '';
  const status = refundStatusOf(word);
  if (status === undefined) return word === '' ? undefined : { kind: 'unrecognised', status: word };
  const refund = appliedRefund.safeParse({
    ...fields,
    out_refund_no: outRefundNo,
    refund_id: fields[`refund_id_${index}`],
    refund_fee: fields[`refund_fee_${index}`],
  }).data;
  if (refund === undefined) return undefined;
  const { channel, account, success } = details.parse({
    channel: fields[`refund_channel_${index}`],
    // The name is WeChat Pay's.
    account: fields[`refund_recv_accout_${index}`],
    success: fields[`refund_success_time_${index}`],
  });
  return {
    kind: 'found',
    refund: factOf(refund, status, success),
    details: { channel, receivedAccount: account, acceptedAtMs: null },
  };
}
