import { applyRefund, type RefundRequest } from '../refund/apply.js';
import { refundAnswer } from '../refund/message.js';
import type { Trade } from '../trade/trade.js';
import { errors, success, type Answer } from './answer.js';
import type { Call, Ledger, Operation } from './call.js';
import { bodyField, canonical, parseBody } from './parse.js';
import { refundBody, type RefundBody } from './refund-body.js';

export function refundOperation(ledger: Ledger): Operation {
  return {
    api: 'refund',
    outTradeNo: (call) =>
      bodyField(call.body, 'out_trade_no') ??
      namedTrade(ledger, call, { transaction_id: bodyField(call.body, 'transaction_id') })?.outTradeNo,
    run: (call) => runRefund(ledger, call),
  };
}

function runRefund(ledger: Ledger, call: Call): Answer {
  const parsed = parseBody(call.body, refundBody);
  if (!parsed.ok) return parsed.answer;
  const body = parsed.value;
  const { mchid } = call.merchant.row;
  const trade = namedTrade(ledger, call, body);
  const result = applyRefund(toRequest(body, mchid, call.serial), {
    existing: ledger.refunds.find(mchid, body.out_refund_no),
    trade,
    earlier: trade ? ledger.refunds.ofTrade(mchid, trade.outTradeNo) : [],
    ...ledger.accounts.of(mchid),
    now: ledger.clock.now(),
  });
  if ('refused' in result) return refusals[result.refused]();
  if (result.trade) ledger.refundLife.begin(result.refund, result.trade);
  return success(refundAnswer(result.refund));
}

const refusals = {
  changed: errors.refundChanged,
  unknown: errors.nothingToRefund,
  mismatch: errors.refundDiffersFromOrder,
  overdue: errors.refundOverdue,
  tooMany: errors.refundsTooMany,
  tooSoon: errors.refundTooSoon,
  tooMuch: errors.refundTooMuch,
  notEnough: errors.notEnoughBalance,
};

function namedTrade(
  { trades }: Ledger,
  call: Call,
  names: Pick<RefundBody, 'transaction_id' | 'out_trade_no'>,
): Trade | undefined {
  const { mchid } = call.merchant.row;
  if (names.transaction_id !== undefined) return trades.findByTransactionId(mchid, names.transaction_id);
  return names.out_trade_no === undefined ? undefined : trades.find(mchid, names.out_trade_no);
}

function toRequest(body: RefundBody, mchid: string, signingSerial: string): RefundRequest {
  return {
    mchid,
    outRefundNo: body.out_refund_no,
    outTradeNo: body.out_trade_no,
    totalFen: body.amount.total,
    refundFen: body.amount.refund,
    fundsAccount: body.funds_account ?? 'AVAILABLE',
    from: body.amount.from ?? [],
    notifyUrl: body.notify_url,
    canonical: canonical(body),
    signingSerial,
  };
}
