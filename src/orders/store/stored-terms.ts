import { z } from 'zod';
import type { Till } from '../rules/product.js';
import { LIMIT_PAYS, type PayerIdentity, type SaleTerms, type SceneInfo, type Sealed } from '../rules/sale.js';

const text = z.string().optional();

const sale: z.ZodType<SaleTerms> = z.object({
  goodsTag: text,
  detail: z
    .object({
      costPriceFen: z.number().optional(),
      invoiceId: text,
      goodsDetail: z
        .array(
          z.object({
            merchantGoodsId: z.string(),
            wechatpayGoodsId: text,
            goodsName: text,
            quantity: z.number(),
            unitPriceFen: z.number(),
          }),
        )
        .optional(),
    })
    .optional(),
  limitPay: z.array(z.enum(LIMIT_PAYS)).optional(),
  supportFapiao: z.boolean().optional(),
});

export const saleOf = (value: unknown): SaleTerms | null => (value === null ? null : sale.parse(value));

const till: z.ZodType<Till> = z.object({
  device: z.object({ id: text, ip: z.string() }),
  store: z.union([z.object({ id: z.string() }), z.object({ outId: z.string() })]),
});

export const tillOf = (value: unknown): Till | null => (value === null ? null : till.parse(value));

const scene: z.ZodType<SceneInfo> = z.object({
  deviceId: text,
  storeInfo: z.object({ id: z.string(), name: text, areaCode: text, address: text }).optional(),
  h5Info: z.object({ appName: text, appUrl: text, bundleId: text, packageName: text }).optional(),
});

export const sceneOf = (value: unknown): SceneInfo | null => (value === null ? null : scene.parse(value));

const identity = z.object({ serial: z.string(), type: z.string(), number: z.string(), name: z.string() });

export const identityOf = (value: unknown): Sealed<PayerIdentity> | null =>
  value === null ? null : identity.parse(value);
