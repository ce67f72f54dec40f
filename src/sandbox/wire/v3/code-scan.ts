import { isIP } from 'node:net';
import { z } from 'zod';
import { authCodePattern } from '../../code-scan/auth-code.js';
import type { ChargeRefusal, ChargeRequest, ReverseRefusal } from '../../code-scan/charge.js';
import type { Gateway } from '../../gateway.js';
import { appidsOf } from '../../identity/merchant.js';
import { outTradeNoPattern } from '../../trade/number.js';
import { transactionOf } from '../../trade/transaction.js';
import { canonical, outTradeNo, text } from '../fields.js';
import type { Bend } from '../strike.js';
import { bodyField, fen, parseBody } from './body.js';
import { errors, failure, success, type Answer, type Call, type Operation } from './call.js';
import { orderDetail } from './prepay.js';

/** 付款码支付: the charge of a code that the payer shows, and its reverse. */
export function codeScanOperations(gateway: Gateway): Operation[] {
  return [
    {
      api: 'charge',
      method: 'POST',
      path: '/v3/pay/transactions/codepay',
      outTradeNo: (call) => bodyField(call.body, 'out_trade_no'),
      run: (call) => charge(gateway, call),
    },
    {
      api: 'reverse',
      method: 'POST',
      path: '/v3/pay/transactions/out-trade-no/:id/reverse',
      outTradeNo: (call) => call.pathParameter,
      run: (call, bend) => reverse(gateway, call, bend),
    },
  ];
}

/** WeChat Pay's number of the place, or the merchant's own code of it. */
const store = z
  .strictObject({
    id: z
      .string()
      .regex(/^\d{1,32}$/, '应为1到32个数字')
      .optional(),
    out_id: text(256, 1).optional(),
  })
  .refine(({ id, out_id }) => (id === undefined) !== (out_id === undefined), {
    path: ['id'],
    message: 'id和out_id必须二选一',
  });

const chargeBody = z.strictObject({
  appid: text(32, 1),
  mchid: text(32, 1),
  description: text(127, 1),
  out_trade_no: outTradeNo,
  attach: text(128).optional(),
  goods_tag: text(32).optional(),
  support_fapiao: z.boolean().optional(),
  payer: z.strictObject({ auth_code: z.string().regex(authCodePattern, '付款码格式错误') }),
  amount: z.strictObject({ total: fen, currency: z.literal('CNY').optional() }),
  scene_info: z.strictObject({
    /** Of the merchant's device, not of the payer's. */
    device_ip: text(45, 1).refine((value) => isIP(value) !== 0, '不是IP地址'),
    device_id: text(32).optional(),
    store_info: store,
  }),
  detail: orderDetail.optional(),
  settle_info: z.strictObject({ profit_sharing: z.boolean().optional() }).optional(),
});

type ChargeBody = z.infer<typeof chargeBody>;

function charge({ charges }: Gateway, call: Call): Answer {
  const { row } = call.merchant;
  const mchid = bodyField(call.body, 'mchid');
  if (mchid !== undefined && mchid !== row.mchid) return errors.mchidDiffersFromHeader(mchid, 'body');
  const parsed = parseBody(call.body, chargeBody);
  if (!parsed.ok) return parsed.answer;
  const body = parsed.value;
  if (!appidsOf(row).includes(body.appid)) return errors.appidNotBound();
  const result = charges.charge(toRequest(body, call.serial), body.payer.auth_code);
  if ('refused' in result) return chargeRefusals[result.refused];
  if (!result.trade.payment) return chargeRefusals.paying;
  const { goods_tag, support_fapiao, scene_info } = body;
  return success({ ...transactionOf(result.trade), goods_tag, support_fapiao, scene_info });
}

function toRequest(body: ChargeBody, signingSerial: string): ChargeRequest {
  return {
    appid: body.appid,
    mchid: body.mchid,
    outTradeNo: body.out_trade_no,
    description: body.description,
    totalFen: body.amount.total,
    attach: body.attach,
    deviceId: body.scene_info.device_id,
    request: canonical(body),
    signingSerial,
  };
}

const chargeRefusals: Record<ChargeRefusal, Answer> = {
  paid: errors.orderPaid(),
  paying: failure(202, 'USERPAYING', '用户支付中，需要输入密码', 268435456),
  closed: failure(400, 'ORDER_CLOSED', '该订单已关闭，请更换商户订单号重新下单', 268447914),
  reversed: failure(400, 'ORDER_REVERSED', '该订单已撤销，请更换商户订单号重新下单', 268447914),
  used: failure(403, 'OUT_TRADE_NO_USED', '商户订单号重复，请更换商户订单号重新下单', 268498688),
  unknownCode: failure(400, 'AUTH_CODE_INVALID', '付款码无效，请刷新后重试', 268435461),
  usedCode: failure(400, 'AUTH_CODE_INVALID', '每个付款码仅限使用一次，请刷新后重试', 268435461),
  expiredCode: failure(400, 'AUTH_CODE_EXPIRE', '付款码已过期，请刷新后重试', 268435461),
  couponTooBig: failure(403, 'TRADE_ERROR', '交易错误，请更换商户订单号重新下单', 268435464),
};

const reverseBody = z.strictObject({ appid: text(32, 1).optional(), mchid: text(32, 1) });

/** API v3 says nothing of calling again but SYSTEM_ERROR. */
function reverse({ charges, trades }: Gateway, call: Call, bend: Bend): Answer {
  if (!outTradeNoPattern.test(call.pathParameter)) return errors.badOutTradeNo(call.pathParameter);
  const parsed = parseBody(call.body, reverseBody);
  if (!parsed.ok) return parsed.answer;
  const { row } = call.merchant;
  const { appid, mchid } = parsed.value;
  if (mchid !== row.mchid) return errors.mchidDiffersFromHeader(mchid, 'body');
  if (appid === undefined || bend.recall) return errors.systemError();
  if (!appidsOf(row).includes(appid)) return errors.appidNotBound();
  const trade = trades.find(mchid, call.pathParameter);
  if (!trade) return errors.orderNotExist();
  const refused = charges.reverse(trade);
  return refused ? reverseRefusals[refused] : success({ appid, mchid, out_trade_no: trade.outTradeNo });
}

const reverseRefusals: Record<ReverseRefusal, Answer> = {
  otherProduct: failure(400, 'INVALID_REQUEST', '仅付款码支付订单可以撤销', 268435461),
  tooSoon: failure(400, 'INVALID_REQUEST', '支付后不能立即撤销，请稍后再试', 268435461),
  tooLate: failure(400, 'REVERSE_EXPIRE', '订单超过7天，无法撤销', 268447914),
  refunded: failure(400, 'INVALID_REQUEST', '订单已转入退款，无法撤销', 268435461),
  notEnough: failure(403, 'NOT_ENOUGH', '基本账户余额不足，请充值后重新撤销', 268435464),
};
