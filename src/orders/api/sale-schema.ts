import { z } from '@hono/zod-openapi';
import { MAX_ORDER_FEN } from '../../base/money.js';
import { limitedText, printableText } from '../../http/kit/fields.js';
import { LIMIT_PAYS } from '../rules/sale.js';

const fen = z.int().min(0).max(MAX_ORDER_FEN).openapi({ description: 'Fen, 1/100 yuan.' });
const count = z.int().min(1).max(1_000_000);

/** As WeChat Pay names goods, in the sale and in what goes back of it. */
export const goodsFields = {
  merchantGoodsId: z.string().regex(/^[0-9A-Za-z_-]{1,32}$/, 'must be 1 to 32 of 0-9A-Za-z_-'),
  wechatpayGoodsId: limitedText(32).optional(),
  goodsName: printableText(256).optional(),
};

/** WeChat Pay takes 6,000; with this many a body stays within what is read of it. */
export const MAX_GOODS = 500;

const detail = z
  .strictObject({
    costPriceFen: fen.optional().openapi({ description: 'The price before discounts, fen.' }),
    invoiceId: printableText(32).optional(),
    goodsDetail: z
      .array(z.strictObject({ ...goodsFields, quantity: count, unitPriceFen: fen }))
      .min(1)
      .max(MAX_GOODS)
      .optional(),
  })
  .openapi({ description: "The goods, for WeChat Pay's coupons on single goods; API v2 takes 6,000 bytes of it." });

/** What WeChat Pay alone reads of the sale: passed on with every attempt of the order. */
export const saleFields = {
  goodsTag: printableText(32).optional().openapi({ description: "The tag that WeChat Pay's coupons ask for." }),
  detail: detail.optional(),
  limitPay: z
    .array(z.enum(LIMIT_PAYS))
    .min(1)
    .max(LIMIT_PAYS.length)
    .refine((words) => new Set(words).size === words.length, 'names one twice')
    .optional()
    .openapi({
      description:
        'Ways to pay that are excluded (`no_credit`: credit cards), or `balance_only`. API v2 takes `no_credit` alone; WeChat Pay no longer documents the others.',
    }),
  supportFapiao: z
    .boolean()
    .optional()
    .openapi({ description: "Shows the entry to an electronic invoice in the payer's receipt." }),
};

/** Where it is sold: of one attempt. */
export const sceneInfo = z
  .strictObject({
    deviceId: printableText(32).optional(),
    storeInfo: z
      .strictObject({
        id: printableText(32),
        name: printableText(256).optional(),
        areaCode: z
          .string()
          .regex(/^\d{1,32}$/, 'must be the digits of an administrative area')
          .optional(),
        address: printableText(512).optional(),
      })
      .optional(),
    h5Info: z
      .strictObject({
        appName: printableText(64).optional(),
        appUrl: printableText(128).optional(),
        bundleId: printableText(128).optional(),
        packageName: printableText(128).optional(),
      })
      .optional()
      .openapi({ description: 'For `h5`: the page or the app that the payer comes from.' }),
  })
  .openapi('SceneInfo', {
    description:
      'Where the payer buys: device, store, page or app. WeChat Pay takes it with `clientIp` alone. `codeScan` has `device` and `store` in its place.',
  });

export const payerIdentity = z
  .strictObject({ type: printableText(32), number: printableText(64), name: printableText(120) })
  .openapi('PayerIdentity', {
    description:
      "Who alone may pay, by document, as `IDCARD`: for `native`, `app` and `h5` over API v3, where WeChat Pay has opened it for the merchant. Number and name are encrypted with WeChat Pay's key before they are kept.",
  });
