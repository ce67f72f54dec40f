import { isIP } from 'node:net';
import { z } from 'zod';
import { outTradeNoPattern } from '../trade/number.js';
import type { TradeType } from '../trade/trade.js';
import { notifyUrl } from './notify-url.js';
import { text } from './text.js';

const fen = z.int().min(1);

const goods = z.strictObject({
  merchant_goods_id: text(32, 1).regex(/^[0-9A-Za-z_-]+$/, '只能是半角字母、数字、-、_'),
  wechatpay_goods_id: text(32).optional(),
  goods_name: text(256).optional(),
  quantity: fen,
  unit_price: z.int().min(0),
});

const detail = z.strictObject({
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
  out_trade_no: z.string().regex(outTradeNoPattern, '应为6到32个数字、大小写字母、_-|*'),
  time_expire: z.iso.datetime({ offset: true, message: '不是RFC 3339时间' }).optional(),
  attach: text(128).optional(),
  notify_url: notifyUrl(255),
  goods_tag: text(32).optional(),
  support_fapiao: z.boolean().optional(),
  limit_pay: z.array(z.enum(['no_balance', 'no_credit', 'no_debit', 'balance_only'])).optional(),
  amount: z.strictObject({ total: fen, currency: z.literal('CNY').optional() }),
  detail: detail.optional(),
  settle_info: z.strictObject({ profit_sharing: z.boolean().optional() }).optional(),
};

const anyPayer = z.strictObject({ openid: text(128).optional(), identity: identity.optional() }).optional();
const optionalScene = z.strictObject(scene).optional();
const other = z.strictObject({ ...common, payer: anyPayer, scene_info: optionalScene });

const jsapi = z.strictObject({
  ...common,
  payer: z.strictObject({ openid: text(128, 1), identity: identity.optional() }, 'JSAPI支付必须传openid'),
  scene_info: optionalScene,
});

const h5 = z.strictObject({
  ...common,
  payer: anyPayer,
  scene_info: z.strictObject({ ...scene, h5_info: h5Info }),
});

/** The body of a prepay request, unknown fields refused. */
export const prepayBodies = { NATIVE: other, JSAPI: jsapi, APP: other, MWEB: h5 } satisfies Record<
  TradeType,
  z.ZodType
>;

export type PrepayBody = z.infer<typeof other> | z.infer<typeof jsapi> | z.infer<typeof h5>;
