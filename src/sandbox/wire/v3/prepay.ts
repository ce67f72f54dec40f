import { isIP } from 'node:net';
import { z } from 'zod';
import type { Gateway } from '../../gateway.js';
import { appidsOf } from '../../identity/merchant.js';
import type { Clock } from '../../store/clock.js';
import { prepay, type PrepaidTrade, type PrepayRequest } from '../../trade/prepay.js';
import type { PrepayType } from '../../trade/trade.js';
import { canonical, notifyUrl, outTradeNo, text } from '../fields.js';
import { bodyField, fen, parseBody } from './body.js';
import { sensitiveProblem } from './sensitive.js';
import { errors, failure, parameterError, success, type Answer, type Call, type Operation } from './call.js';

const goods = z.strictObject({
  merchant_goods_id: text(32, 1).regex(/^[0-9A-Za-z_-]+$/, '只能是半角字母、数字、-、_'),
  wechatpay_goods_id: text(32).optional(),
  goods_name: text(256).optional(),
  quantity: fen,
  unit_price: z.int().min(0),
});

export const orderDetail = z.strictObject({
  cost_price: z.int().min(0).optional(),
  invoice_id: text(32).optional(),
  goods_detail: z.array(goods).min(1).max(6000).optional(),
});

const scene = {
  payer_client_ip: text(45, 1).refine((value) => isIP(value) !== 0, '不是IP地址'),
  device_id: text(32).optional(),
  store_info: z
    .strictObject({
      id: text(32, 1),
      name: text(256).optional(),
      area_code: text(32).optional(),
      address: text(512).optional(),
    })
    .optional(),
};

const h5Info = z.strictObject({
  type: text(32, 1),
  app_name: text(64).optional(),
  app_url: text(128).optional(),
  bundle_id: text(128).optional(),
  package_name: text(128).optional(),
});

const identity = z.strictObject({ type: text(32, 1), number: text(1024).optional(), name: text(1024).optional() });

const common = {
  appid: text(32, 1),
  mchid: text(32, 1),
  description: text(127, 1),
  out_trade_no: outTradeNo,
  time_expire: z.iso.datetime({ offset: true, message: '不是RFC 3339时间' }).optional(),
  attach: text(128).optional(),
  notify_url: notifyUrl(255),
  goods_tag: text(32).optional(),
  support_fapiao: z.boolean().optional(),
  limit_pay: z.array(z.enum(['no_balance', 'no_credit', 'no_debit', 'balance_only'])).optional(),
  amount: z.strictObject({ total: fen, currency: z.literal('CNY').optional() }),
  detail: orderDetail.optional(),
  settle_info: z.strictObject({ profit_sharing: z.boolean().optional() }).optional(),
};

const anyPayer = z.strictObject({ openid: text(128).optional(), identity: identity.optional() }).optional();
const optionalScene = z.strictObject(scene).optional();
const other = z.strictObject({ ...common, payer: anyPayer, scene_info: optionalScene });

const jsapi = z.strictObject({
  ...common,
  // 实名支付 is of the products that name no openid.
  payer: z.strictObject({ openid: text(128, 1) }, 'JSAPI支付必须传openid'),
  scene_info: optionalScene,
});

const h5 = z.strictObject({ ...common, payer: anyPayer, scene_info: z.strictObject({ ...scene, h5_info: h5Info }) });

const prepayBodies = { NATIVE: other, JSAPI: jsapi, APP: other, MWEB: h5 } satisfies Record<PrepayType, z.ZodType>;

type PrepayBody = z.infer<typeof other> | z.infer<typeof jsapi> | z.infer<typeof h5>;

const products = { native: 'NATIVE', jsapi: 'JSAPI', app: 'APP', h5: 'MWEB' } as const;

export function prepayOperations(gateway: Gateway): Operation[] {
  return Object.entries(products).map(([product, tradeType]) => ({
    api: 'prepay',
    method: 'POST',
    path: `/v3/pay/transactions/${product}`,
    outTradeNo: (call) => bodyField(call.body, 'out_trade_no'),
    run: (call) => runPrepay(gateway, tradeType, call),
  }));
}

function runPrepay(gateway: Gateway, tradeType: PrepayType, call: Call): Answer {
  const { row } = call.merchant;
  const mchid = bodyField(call.body, 'mchid');
  if (mchid !== undefined && mchid !== row.mchid) return errors.mchidDiffersFromHeader(mchid, 'body');
  const parsed = parseBody<PrepayBody>(call.body, prepayBodies[tradeType]);
  if (!parsed.ok) return parsed.answer;
  const body = parsed.value;
  if (!appidsOf(row).includes(body.appid)) return errors.appidNotBound();
  const named = body.payer !== undefined && 'identity' in body.payer ? body.payer.identity : undefined;
  const unread = sensitiveProblem(call, {
    '/payer/identity/number': named?.number,
    '/payer/identity/name': named?.name,
  });
  if (unread) return unread;
  const tooLate = timeExpireTooLate(body, gateway.clock);
  if (tooLate) return tooLate;
  const existing = gateway.trades.find(row.mchid, body.out_trade_no);
  const result = prepay(toRequest(body, tradeType, call.serial), existing, gateway.clock.now());
  if ('refused' in result) return refusals[result.refused];
  gateway.store.write(gateway.trades.put(result.trade));
  return success(codeOf(result.trade, call.origin));
}

const refusals = {
  paid: errors.orderPaid(),
  closed: failure(400, 'ORDER_CLOSED', '该订单已关闭，请更换商户订单号重新下单', 268447914),
  over: failure(400, 'INVALID_REQUEST', '该订单已超过支付结束时间', 268447914),
  used: failure(403, 'OUT_TRADE_NO_USED', '商户订单号重复，请使用原参数重试或更换商户订单号', 268498688),
  changed: errors.changedReentry(),
};

/** The documentation names 7 days for Native and 15 for the others; the longer one is taken for all. */
function timeExpireTooLate(body: PrepayBody, clock: Clock): Answer | undefined {
  if (body.time_expire === undefined) return undefined;
  if (Date.parse(body.time_expire) <= clock.now() + 15 * 86_400_000) return undefined;
  const detail = { field: '/time_expire', value: body.time_expire, issue: 'later than 15 days', location: 'body' };
  return parameterError('支付结束时间超过上限', detail);
}

function toRequest(body: PrepayBody, tradeType: PrepayType, signingSerial: string): PrepayRequest {
  return {
    tradeType,
    appid: body.appid,
    mchid: body.mchid,
    outTradeNo: body.out_trade_no,
    description: body.description,
    totalFen: body.amount.total,
    notifyUrl: body.notify_url,
    attach: body.attach,
    deviceId: body.scene_info?.device_id,
    payerOpenid: body.payer?.openid,
    timeExpire: body.time_expire === undefined ? undefined : Date.parse(body.time_expire),
    request: canonical(body),
    signingSerial,
  };
}

function codeOf(trade: PrepaidTrade, origin: string): object {
  switch (trade.tradeType) {
    case 'NATIVE':
      return { code_url: `weixin://wxpay/bizpayurl/up?pr=${trade.code}&groupid=00` };
    case 'MWEB':
      return { h5_url: `${origin}/sandbox/h5?prepay_id=${trade.code}&package=${trade.code.slice(-10)}` };
    case 'JSAPI':
    case 'APP':
      return { prepay_id: trade.code };
  }
}
