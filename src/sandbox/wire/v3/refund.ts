import { z } from 'zod';
import { applyRefund, type RefundRequest } from '../../refund/apply.js';
import { refundAnswer } from '../../refund/message.js';
import type { Trade } from '../../trade/trade.js';
import { errors, success, type Answer } from './answer.js';
import type { Call, Ledger, Operation } from './operation.js';
import { bodyField, canonical, parseBody } from './parse.js';
import { staleRefund, type Refund } from '../../refund/refund.js';
import { outRefundNoPattern, outTradeNoPattern } from '../../trade/number.js';
import { notifyUrl, text } from './fields.js';

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

export function refundQueryOperation({ refunds }: Ledger): Operation {
  const find = (call: Call): Refund | undefined => refunds.find(call.merchant.row.mchid, call.pathParameter);
  return {
    api: 'refundQuery',
    outTradeNo: (call) => find(call)?.outTradeNo,
    run(call, bend) {
      if (!outRefundNoPattern.test(call.pathParameter)) return errors.badOutRefundNo(call.pathParameter);
      const refund = find(call);
      const seen = refund && bend.stale ? staleRefund(refund) : refund;
      return seen ? success(refundAnswer(seen)) : errors.refundNotExist();
    },
  };
}

const fen = z.int().min(1);
const outRefundNo = z.string().regex(outRefundNoPattern, '应为1到64个数字、大小写字母、_-|*@');

const goods = z.strictObject({
  merchant_goods_id: text(32, 1),
  wechatpay_goods_id: text(32).optional(),
  goods_name: text(256).optional(),
  unit_price: z.int().min(0),
  refund_amount: z.int().min(0),
  refund_quantity: fen,
});

const amount = z
  .strictObject({
    refund: fen,
    total: fen,
    currency: z.literal('CNY'),
    from: z.array(z.strictObject({ account: z.enum(['AVAILABLE', 'UNAVAILABLE']), amount: fen })).optional(),
  })
  .refine(({ from, refund }) => !from || from.reduce((sum, part) => sum + part.amount, 0) === refund, {
    path: ['from'],
    message: '出资金额之和应等于退款金额',
  });

/** The body of a refund request, unknown fields refused. */
const refundBody = z
  .strictObject({
    transaction_id: text(32, 1).optional(),
    out_trade_no: z.string().regex(outTradeNoPattern, '应为6到32个数字、大小写字母、_-|*').optional(),
    out_refund_no: outRefundNo,
    reason: text(80).optional(),
    notify_url: notifyUrl(256).optional(),
    funds_account: z.enum(['AVAILABLE', 'UNSETTLED']).optional(),
    amount,
    goods_detail: z.array(goods).min(1).optional(),
  })
  .refine((body) => (body.transaction_id ?? body.out_trade_no) !== undefined, {
    path: ['transaction_id'],
    message: 'transaction_id和out_trade_no必须二选一',
  });

const banks = [
  ...['CMB', 'COMM', 'ABC', 'CCB', 'ICBC', 'BOC', 'PAB', 'SPDB'],
  ...['CITIC', 'CEB', 'CMBC', 'CIB', 'GDB', 'PSBC', 'NBCB'],
];
const bankTypes = new Set(banks.map((bank) => `${bank}_DEBIT`));

const encrypted = text(1024, 1);

/** The body of a call that sends an abnormal refund to a bank card. */
export const abnormalRefundBody = z.discriminatedUnion('type', [
  z.strictObject({ out_refund_no: outRefundNo, type: z.literal('MERCHANT_BANK_CARD') }),
  z.strictObject({
    out_refund_no: outRefundNo,
    type: z.literal('USER_BANK_CARD'),
    bank_type: z.string().refine((bankType) => bankTypes.has(bankType), '不支持的银行'),
    bank_account: encrypted,
    real_name: encrypted,
  }),
]);

type RefundBody = z.infer<typeof refundBody>;
