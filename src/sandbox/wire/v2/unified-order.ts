import { isIP } from 'node:net';
import { z } from 'zod';
import type { Gateway } from '../../gateway.js';
import { compactTime } from '../../store/clock.js';
import { prepay, type PrepaidTrade, type PrepayRequest } from '../../trade/prepay.js';
import { prepayTypes } from '../../trade/trade.js';
import { notifyUrl, outTradeNo, text } from '../fields.js';
import { refusal, success, type Answer, type Call, type Operation } from './call.js';
import { fen, moment, parseParameters, repeatable } from './parameters.js';

const order = z
  .object({
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
    notify_url: notifyUrl(256),
    trade_type: z.enum(prepayTypes),
    product_id: text(32, 1).optional(),
    limit_pay: z.literal('no_credit').optional(),
    openid: text(128, 1).optional(),
    receipt: z.enum(['Y', 'N']).optional(),
    profit_sharing: z.enum(['Y', 'N']).optional(),
    scene_info: text(256).optional(),
  })
  .superRefine((body, context) => {
    const missing = requiredBy[body.trade_type];
    if (missing !== undefined && body[missing] === undefined) {
      context.addIssue({ code: 'custom', path: [missing], message: '' });
    } else if (missing === 'scene_info' && !hasH5Info(body.scene_info)) {
      context.addIssue({ code: 'custom', path: [missing], message: '应为JSON，其中应有h5_info' });
    }
  });

type Order = z.infer<typeof order>;

const requiredBy = { NATIVE: 'product_id', JSAPI: 'openid', APP: undefined, MWEB: 'scene_info' } as const;

export function unifiedOrderOperation(gateway: Gateway): Operation {
  return {
    api: 'prepay',
    path: '/pay/unifiedorder',
    outTradeNo: ({ fields }) => fields.get('out_trade_no'),
    run: (call) => unifiedOrder(gateway, call),
  };
}

function unifiedOrder({ clock, store, trades }: Gateway, call: Call): Answer {
  const parsed = parseParameters(call, order);
  if (!parsed.ok) return parsed.answer;
  const { mchid } = call.merchant.row;
  const existing = trades.find(mchid, parsed.value.out_trade_no);
  const request = toRequest(parsed.value, call);
  const now = clock.now();
  if (!existing && !fitsIn(request.timeExpire, now)) return refusals.timeExpire;
  const result = prepay(request, existing, now);
  if ('refused' in result) return refusals[result.refused];
  store.write(trades.put(result.trade));
  return success(codesOf(result.trade, call.origin));
}

/** API v3 raises a short time to pay to a minute, API v2 refuses it. The upper limit is that of API v3. */
function fitsIn(timeExpire: number | undefined, now: number): boolean {
  return timeExpire === undefined || (timeExpire >= now + 60_000 && timeExpire <= now + 15 * 86_400_000);
}

const refusals = {
  timeExpire: refusal('INVALID_REQUEST', 'time_expire时间过短或过长，应在1分钟到15天之间'),
  paid: refusal('ORDERPAID', '该订单已支付'),
  closed: refusal('ORDERCLOSED', '该订单已关闭，请更换商户订单号重新下单'),
  over: refusal('INVALID_REQUEST', '该订单已超过支付结束时间'),
  used: refusal('OUT_TRADE_NO_USED', '商户订单号重复'),
  changed: refusal('INVALID_REQUEST', '201 商户订单号重复'),
};

function toRequest(body: Order, call: Call): PrepayRequest {
  return {
    tradeType: body.trade_type,
    appid: body.appid,
    mchid: call.merchant.row.mchid,
    outTradeNo: body.out_trade_no,
    description: body.body,
    totalFen: body.total_fee,
    notifyUrl: body.notify_url,
    attach: body.attach,
    deviceId: body.device_info,
    payerOpenid: body.openid,
    timeExpire: body.time_expire,
    request: repeatable(call),
    signingSerial: '',
    signType: call.signType,
  };
}

function codesOf(trade: PrepaidTrade, origin: string): Readonly<Record<string, string>> {
  const { code, tradeType } = trade;
  switch (tradeType) {
    case 'NATIVE':
      return {
        trade_type: tradeType,
        prepay_id: `wx${compactTime(trade.createdAt)}${code}`,
        code_url: `weixin://wxpay/bizpayurl?pr=${code}`,
      };
    case 'MWEB': {
      const mwebUrl = `${origin}/sandbox/h5?prepay_id=${code}&package=${code.slice(-10)}`;
      return { trade_type: tradeType, prepay_id: code, mweb_url: mwebUrl };
    }
    case 'JSAPI':
    case 'APP':
      return { trade_type: tradeType, prepay_id: code };
  }
}

const scene = z.looseObject({ h5_info: z.looseObject({ type: z.string() }) });

function hasH5Info(text: string | undefined): boolean {
  try {
    return scene.safeParse(JSON.parse(text ?? '')).success;
  } catch {
    return false;
  }
}
