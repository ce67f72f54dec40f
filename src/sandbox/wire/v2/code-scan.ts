import { isIP } from 'node:net';
import { z } from 'zod';
import { authCodePattern } from '../../code-scan/auth-code.js';
import type { ChargeRefusal, ChargeRequest, ReverseRefusal } from '../../code-scan/charge.js';
import type { Gateway } from '../../gateway.js';
import { paymentFieldsOf } from '../../trade/transaction-v2.js';
import { outTradeNo, text } from '../fields.js';
import type { Bend } from '../strike.js';
import { refusal, success, type Answer, type Call, type Operation } from './call.js';
import { namedTrade } from './orders.js';
import { fen, moment, parseParameters, repeatable } from './parameters.js';

/** 付款码支付: the charge of a code that the payer shows, and its reverse. */
export function codeScanOperations(gateway: Gateway): Operation[] {
  return [
    {
      api: 'charge',
      path: '/pay/micropay',
      outTradeNo: ({ fields }) => fields.get('out_trade_no'),
      run: (call) => charge(gateway, call),
    },
    {
      api: 'reverse',
      path: '/secapi/pay/reverse',
      needsCertificate: true,
      outTradeNo: (call) => namedTrade(gateway, call)?.outTradeNo ?? call.fields.get('out_trade_no'),
      run: (call, bend) => reverse(gateway, call, bend),
    },
  ];
}

const chargeBody = z.object({
  appid: z.string(),
  device_info: text(32).optional(),
  body: text(128, 1),
  detail: text(6000).optional(),
  attach: text(127).optional(),
  out_trade_no: outTradeNo,
  fee_type: z.literal('CNY').optional(),
  total_fee: fen,
  spbill_create_ip: text(64, 1).refine((ip) => isIP(ip) !== 0, '不是IP地址'),
  time_start: moment.optional(),
  time_expire: moment.optional(),
  goods_tag: text(32).optional(),
  limit_pay: z.literal('no_credit').optional(),
  receipt: z.enum(['Y', 'N']).optional(),
  profit_sharing: z.enum(['Y', 'N']).optional(),
  auth_code: text(128, 1),
  scene_info: text(256).optional(),
});

type ChargeBody = z.infer<typeof chargeBody>;

function charge({ charges }: Gateway, call: Call): Answer {
  const parsed = parseParameters(call, chargeBody);
  if (!parsed.ok) return parsed.answer;
  const { auth_code } = parsed.value;
  if (!authCodePattern.test(auth_code)) return refusal('AUTH_CODE_ERROR', '付款码格式错误，请确认扫描的是付款码');
  const result = charges.charge(toRequest(parsed.value, call), auth_code);
  if ('refused' in result) return chargeRefusals[result.refused];
  const { trade } = result;
  return trade.payment ? success(paymentFieldsOf(trade, trade.payment)) : chargeRefusals.paying;
}

function toRequest(body: ChargeBody, call: Call): ChargeRequest {
  return {
    appid: body.appid,
    mchid: call.merchant.row.mchid,
    outTradeNo: body.out_trade_no,
    description: body.body,
    totalFen: body.total_fee,
    attach: body.attach,
    deviceId: body.device_info,
    request: repeatable(call),
    signingSerial: '',
    signType: call.signType,
  };
}

const chargeRefusals: Record<ChargeRefusal, Answer> = {
  paid: refusal('ORDERPAID', '该订单已支付'),
  paying: refusal('USERPAYING', '需要用户输入支付密码'),
  closed: refusal('ORDERCLOSED', '该订单已关闭，请更换商户订单号重新下单'),
  reversed: refusal('ORDERREVERSED', '该订单已撤销，请更换商户订单号重新下单'),
  used: refusal('OUT_TRADE_NO_USED', '商户订单号重复'),
  unknownCode: refusal('AUTH_CODE_INVALID', '101 付款码无效，请刷新再试'),
  usedCode: refusal('AUTH_CODE_INVALID', '101 每个二维码仅限使用一次，请刷新再试'),
  expiredCode: refusal('AUTHCODEEXPIRE', '二维码已过期，请用户在微信上刷新后再试'),
  couponTooBig: refusal('TRADE_ERROR', '交易错误，请更换商户订单号重新下单'),
};

const reverseBody = z
  .object({ transaction_id: text(32).optional(), out_trade_no: outTradeNo.optional() })
  .refine((body) => (body.transaction_id ?? body.out_trade_no) !== undefined, { path: ['out_trade_no'] });

function reverse(gateway: Gateway, call: Call, bend: Bend): Answer {
  const parsed = parseParameters(call, reverseBody);
  if (!parsed.ok) return parsed.answer;
  if (bend.recall) return recalled('Y', refusal('SYSTEMERROR', '系统超时，请重新调用撤销接口'));
  const trade = namedTrade(gateway, call);
  if (!trade) return recalled('N', unknown[parsed.value.transaction_id === undefined ? 'number' : 'id']);
  const refused = gateway.charges.reverse(trade);
  return refused ? reverseRefusals[refused] : recalled('N', success({}));
}

/** The answer, and whether the merchant is to call again. */
const recalled = (recall: 'Y' | 'N', answer: Answer): Answer => ({ ...answer, fields: { ...answer.fields, recall } });

const unknown = {
  number: refusal('ORDERNOTEXIST', '订单不存在'),
  id: refusal('INVALID_TRANSACTIONID', '无效transaction_id'),
};

const reverseRefusals: Record<ReverseRefusal, Answer> = {
  otherProduct: recalled('N', refusal('INVALID_REQUEST', '仅付款码支付订单可以撤销')),
  tooSoon: recalled('Y', refusal('INVALID_REQUEST', '支付后不能立即撤销，请稍后再试')),
  tooLate: recalled('N', refusal('REVERSE_EXPIRE', '订单超过7天，无法撤销')),
  refunded: recalled('N', refusal('INVALID_REQUEST', '订单已转入退款，无法撤销')),
  notEnough: recalled('Y', refusal('NOTENOUGH', '基本账户余额不足，请充值后重新撤销')),
};
