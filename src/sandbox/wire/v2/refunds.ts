import { z } from 'zod';
import type { Gateway } from '../../gateway.js';
import type { ApplyRefusal, RefundRequest } from '../../refund/apply.js';
import { refundFieldsOf, refundsFieldsOf } from '../../refund/message-v2.js';
import { staleRefund, type Refund } from '../../refund/refund.js';
import { notifyUrl, outRefundNo, outTradeNo, text } from '../fields.js';
import type { Bend } from '../strike.js';
import { refusal, success, type Answer, type Call, type Operation } from './call.js';
import { namedTrade } from './orders.js';
import { fen, parseParameters, repeatable } from './parameters.js';

export function refundOperations(gateway: Gateway): Operation[] {
  return [
    {
      api: 'refund',
      path: '/secapi/pay/refund',
      needsCertificate: true,
      outTradeNo: (call) => namedTrade(gateway, call)?.outTradeNo ?? call.fields.get('out_trade_no'),
      run: (call) => apply(gateway, call),
    },
    {
      api: 'refundQuery',
      path: '/pay/refundquery',
      outTradeNo: (call) => namedRefunds(gateway, call)[0]?.outTradeNo,
      run: (call, bend) => query(gateway, call, bend),
    },
  ];
}

const refundBody = z
  .object({
    transaction_id: text(32).optional(),
    out_trade_no: outTradeNo.optional(),
    out_refund_no: outRefundNo,
    total_fee: fen,
    refund_fee: fen,
    refund_fee_type: z.literal('CNY').optional(),
    refund_desc: text(80).optional(),
    refund_account: z.enum(['REFUND_SOURCE_UNSETTLED_FUNDS', 'REFUND_SOURCE_RECHARGE_FUNDS']).optional(),
    notify_url: notifyUrl(256).optional(),
  })
  .refine((body) => (body.transaction_id ?? body.out_trade_no) !== undefined, { path: ['out_trade_no'] });

type RefundBody = z.infer<typeof refundBody>;

function apply(gateway: Gateway, call: Call): Answer {
  const parsed = parseParameters(call, refundBody);
  if (!parsed.ok) return parsed.answer;
  const result = gateway.refundLife.apply(toRequest(parsed.value, call), namedTrade(gateway, call));
  if ('refund' in result) return success(refundFieldsOf(result.refund));
  const isUnknownId = result.refused === 'unknown' && parsed.value.transaction_id !== undefined;
  return isUnknownId ? refusal('INVALID_TRANSACTIONID', '无效transaction_id') : refusals[result.refused];
}

function toRequest(body: RefundBody, call: Call): RefundRequest {
  return {
    mchid: call.merchant.row.mchid,
    outRefundNo: body.out_refund_no,
    outTradeNo: body.out_trade_no,
    totalFen: body.total_fee,
    refundFen: body.refund_fee,
    fundsAccount: body.refund_account === 'REFUND_SOURCE_RECHARGE_FUNDS' ? 'AVAILABLE' : 'UNSETTLED',
    from: [],
    notifyUrl: body.notify_url,
    request: repeatable(call),
    signingSerial: '',
    signType: call.signType,
  };
}

const refusals: Record<ApplyRefusal, Answer> = {
  changed: refusal('ERROR', '订单金额或退款金额与之前请求不一致，请核实后再试'),
  unknown: refusal('ORDERNOTEXIST', '订单不存在或未支付'),
  mismatch: refusal('ERROR', '参数与订单信息不一致，请核实后再试'),
  overdue: refusal('TRADE_OVERDUE', '订单已经超过退款期限'),
  tooMany: refusal('ERROR', '订单部分退款次数已达上限50次'),
  tooSoon: refusal('FREQUENCY_LIMITED', '同一订单的多次退款需间隔1分钟以上，请稍后用原单号重试'),
  tooMuch: refusal('ERROR', '累计退款金额大于支付金额'),
  notEnough: refusal('NOTENOUGH', '基本账户余额不足，请充值后用原单号重试'),
};

const pageSize = 10;

const queryBody = z
  .object({
    refund_id: text(32).optional(),
    out_refund_no: outRefundNo.optional(),
    transaction_id: text(32).optional(),
    out_trade_no: outTradeNo.optional(),
    offset: z
      .string()
      .regex(/^\d{1,4}$/, '应为整数')
      .transform(Number)
      .optional(),
  })
  .refine((body) => (body.refund_id ?? body.out_refund_no ?? body.transaction_id ?? body.out_trade_no) !== undefined, {
    path: ['out_refund_no'],
  });

function query(gateway: Gateway, call: Call, bend: Bend): Answer {
  const parsed = parseParameters(call, queryBody);
  if (!parsed.ok) return parsed.answer;
  const { offset } = parsed.value;
  const all = namedRefunds(gateway, call).flatMap((refund) => (bend.stale ? staleRefund(refund) : refund) ?? []);
  const [first, ...others] = all.slice(offset, (offset ?? 0) + pageSize);
  if (!first) return refusal('REFUNDNOTEXIST', '退款单查询失败');
  const total = offset === undefined ? {} : { total_refund_count: String(all.length) };
  return success({ ...refundsFieldsOf([first, ...others]), ...total });
}

/** By the first of these names that the call has; those of an order oldest first. */
function namedRefunds(gateway: Gateway, call: Call): Refund[] {
  const { refunds } = gateway;
  const { mchid } = call.merchant.row;
  const [refundId, number] = [call.fields.get('refund_id'), call.fields.get('out_refund_no')];
  const one = (refund: Refund | undefined) => (refund ? [refund] : []);
  if (refundId !== undefined) return one(refunds.findByRefundId(mchid, refundId));
  if (number !== undefined) return one(refunds.find(mchid, number));
  const trade = namedTrade(gateway, call);
  return trade ? refunds.ofTrade(mchid, trade.outTradeNo) : [];
}
