import { z } from 'zod';
import type { Gateway } from '../../gateway.js';
import type { ApplyRefusal, RefundRequest } from '../../refund/apply.js';
import { refundAnswer } from '../../refund/message.js';
import { staleRefund } from '../../refund/refund.js';
import { outRefundNoPattern } from '../../trade/number.js';
import type { Trade } from '../../trade/trade.js';
import { canonical, notifyUrl, outRefundNo, outTradeNo, text } from '../fields.js';
import type { Bend } from '../strike.js';
import { bodyField, fen, parseBody } from './body.js';
import { sensitiveProblem } from './sensitive.js';
import { errors, failure, success, type Answer, type Call, type Operation } from './call.js';

const refundsPath = '/v3/refund/domestic/refunds';

export function refundOperations(gateway: Gateway): Operation[] {
  return [
    {
      api: 'refund',
      method: 'POST',
      path: refundsPath,
      outTradeNo: (call) =>
        bodyField(call.body, 'out_trade_no') ??
        namedTrade(gateway, call, { transaction_id: bodyField(call.body, 'transaction_id') })?.outTradeNo,
      run: (call) => apply(gateway, call),
    },
    {
      api: 'refundQuery',
      method: 'GET',
      path: `${refundsPath}/:id`,
      outTradeNo: (call) => byOutRefundNo(gateway, call)?.outTradeNo,
      run: (call, bend) => query(gateway, call, bend),
    },
    {
      api: 'abnormalRefund',
      method: 'POST',
      path: `${refundsPath}/:id/apply-abnormal-refund`,
      outTradeNo: (call) => byRefundId(gateway, call)?.outTradeNo,
      run: (call) => redirect(gateway, call),
    },
  ];
}

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

const refundBody = z
  .strictObject({
    transaction_id: text(32, 1).optional(),
    out_trade_no: outTradeNo.optional(),
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

type RefundBody = z.infer<typeof refundBody>;

function apply(gateway: Gateway, call: Call): Answer {
  const parsed = parseBody(call.body, refundBody);
  if (!parsed.ok) return parsed.answer;
  const body = parsed.value;
  const request = toRequest(body, call.merchant.row.mchid, call.serial);
  const result = gateway.refundLife.apply(request, namedTrade(gateway, call, body));
  if ('refused' in result) return refusals[result.refused];
  return success(refundAnswer(result.refund));
}

const refusals: Record<ApplyRefusal, Answer> = {
  changed: errors.changedReentry(),
  unknown: failure(404, 'RESOURCE_NOT_EXISTS', '订单不存在或未支付，请核实后再试', 268512771),
  mismatch: failure(400, 'INVALID_REQUEST', '参数与订单信息不一致，请核实后再试', 268435461),
  overdue: failure(403, 'TRADE_OVERDUE', '订单已经超过可退款的最大期限', 268447914),
  tooMany: failure(400, 'INVALID_REQUEST', '订单部分退款次数已达上限50次', 268435464),
  tooSoon: failure(429, 'FREQUENCY_LIMITED', '同一订单的多次退款需间隔1分钟以上，请稍后用原单号重试', 268447840),
  tooMuch: failure(400, 'INVALID_REQUEST', '申请退款金额大于订单剩余可退金额', 268435464),
  notEnough: failure(403, 'NOT_ENOUGH', '基本账户余额不足，请充值后用原单号重试', 268435464),
};

type TradeNames = Pick<RefundBody, 'transaction_id' | 'out_trade_no'>;

function namedTrade({ trades }: Gateway, call: Call, { transaction_id, out_trade_no }: TradeNames): Trade | undefined {
  const { mchid } = call.merchant.row;
  if (transaction_id !== undefined) return trades.findByTransactionId(mchid, transaction_id);
  return out_trade_no === undefined ? undefined : trades.find(mchid, out_trade_no);
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
    request: canonical(body),
    signingSerial,
  };
}

function query(gateway: Gateway, call: Call, bend: Bend): Answer {
  if (!outRefundNoPattern.test(call.pathParameter)) return errors.badOutRefundNo(call.pathParameter);
  const refund = byOutRefundNo(gateway, call);
  const seen = refund && bend.stale ? staleRefund(refund) : refund;
  return seen ? success(refundAnswer(seen)) : errors.refundNotExist();
}

const byOutRefundNo = ({ refunds }: Gateway, call: Call) => refunds.find(call.merchant.row.mchid, call.pathParameter);

const byRefundId = ({ refunds }: Gateway, call: Call) =>
  refunds.findByRefundId(call.merchant.row.mchid, call.pathParameter);

const banks = [
  ...['CMB', 'COMM', 'ABC', 'CCB', 'ICBC', 'BOC', 'PAB', 'SPDB'],
  ...['CITIC', 'CEB', 'CMBC', 'CIB', 'GDB', 'PSBC', 'NBCB'],
];
const bankTypes = new Set(banks.map((bank) => `${bank}_DEBIT`));

const encrypted = text(1024, 1);

const abnormalRefundBody = z.discriminatedUnion('type', [
  z.strictObject({ out_refund_no: outRefundNo, type: z.literal('MERCHANT_BANK_CARD') }),
  z.strictObject({
    out_refund_no: outRefundNo,
    type: z.literal('USER_BANK_CARD'),
    bank_type: z.string().refine((bankType) => bankTypes.has(bankType), '不支持的银行'),
    bank_account: encrypted,
    real_name: encrypted,
  }),
]);

const cardOf = (body: { bank_account: string; real_name: string }) => ({
  '/bank_account': body.bank_account,
  '/real_name': body.real_name,
});

/** A repeat of an accepted call gets the refund as it stands. */
function redirect(gateway: Gateway, call: Call): Answer {
  const parsed = parseBody(call.body, abnormalRefundBody);
  if (!parsed.ok) return parsed.answer;
  const unread = parsed.value.type === 'USER_BANK_CARD' && sensitiveProblem(call, cardOf(parsed.value));
  if (unread) return unread;
  const refund = byRefundId(gateway, call);
  if (refund?.outRefundNo !== parsed.value.out_refund_no) return errors.refundNotExist();
  const request = canonical(parsed.value);
  if (refund.status !== 'ABNORMAL') {
    return refund.abnormalRefund?.request === request ? success(refundAnswer(refund)) : errors.refundNotAbnormal();
  }
  const receivedBy = parsed.value.type === 'MERCHANT_BANK_CARD' ? '商户结算银行账户' : '支付用户银行卡';
  return success(refundAnswer(gateway.refundLife.redirect(refund, { request, receivedBy })));
}
