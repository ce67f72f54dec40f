import { z } from '@hono/zod-openapi';
import { unmapped } from '../../net/address.js';
import { H5_TYPES, needsClientIp, needsOpenid, PRODUCTS, type Product } from '../rules/product.js';
import type { PayerRequest } from '../use-cases/payer.js';
import { limitedText, printableText } from '../../http/kit/fields.js';
import { payerIdentity, sceneInfo } from './sale-schema.js';

// One string rather than a choice of two formats, of which generators make a class.
const address = z
  .union([z.ipv4(), z.ipv6()], 'must be an IPv4 or IPv6 address')
  .transform((text) => unmapped(text))
  .openapi({ type: 'string', description: 'IPv4 or IPv6.' });

/** What the payer's phone shows. WeChat Pay's begin with 10 to 15 by custom, which it does not promise. */
const authCode = z
  .string()
  .regex(/^\d{18}$/, 'must be the 18 digits that the payer shows')
  .openapi({ description: "The payer's code, as scanned: charged once, then forgotten." });

/** How the payer pays: the same fields for the first attempt (with the order) and for later ones. */
export const payerFields = {
  product: z.enum(PRODUCTS),
  appid: limitedText(32)
    .optional()
    .openapi({ description: "One of the merchant's appids for this product; default: the first, always." }),
  payer: z
    .strictObject({
      openid: printableText(128).optional(),
      authCode: authCode.optional(),
      identity: payerIdentity.optional(),
    })
    .openapi('Payer')
    .optional()
    .openapi({ description: '`openid` is required for `jsapi` and `miniProgram`, `authCode` for `codeScan`.' }),
  device: z
    .strictObject({ id: printableText(32).optional(), ip: address })
    .openapi('Device')
    .optional()
    .openapi({ description: "For `codeScan`, where it is required: the till, with the shop's own address." }),
  store: z
    .union([
      z.strictObject({ id: z.string().regex(/^\d{1,32}$/, 'must be 1 to 32 digits') }).openapi('StoreById'),
      z.strictObject({ outId: printableText(32) }).openapi('StoreByOutId'),
    ])
    .openapi('Store')
    .optional()
    .openapi({
      description: "For `codeScan`, where it is required: WeChat Pay's number of the store, or the merchant's own.",
    }),
  clientIp: address.optional().openapi({
    description:
      "The payer's own address, IPv4 or IPv6 (`::ffff:203.0.113.9` is `203.0.113.9`), sent wherever WeChat Pay takes it. Required for `h5` and with `sceneInfo`; must be a public one where the merchant's gateway is WeChat Pay.",
  }),
  h5Type: z.enum(H5_TYPES).optional().openapi({ description: 'For `h5`; default `Wap`.' }),
  sceneInfo: sceneInfo.optional(),
};

/** Which fields a product needs, and which it does not take. */
export function requirePayer(body: PayerRequest, ctx: z.RefinementCtx): void {
  const { product, payer, device, store, clientIp, h5Type, sceneInfo: scene } = body;
  const isScan = product === 'codeScan';
  const isNamed = needsOpenid(product);
  const rules: readonly Rule[] = [
    { path: ['payer', 'openid'], value: payer?.openid, isNeeded: isNamed, isTaken: !isScan },
    { path: ['payer', 'authCode'], value: payer?.authCode, isNeeded: isScan, only: 'codeScan' },
    { path: ['payer', 'identity'], value: payer?.identity, isTaken: !isScan && !isNamed },
    { path: ['device'], value: device, isNeeded: isScan, only: 'codeScan' },
    { path: ['store'], value: store, isNeeded: isScan, only: 'codeScan' },
    { path: ['clientIp'], value: clientIp, isNeeded: needsClientIp(product), isTaken: !isScan },
    { path: ['h5Type'], value: h5Type, only: 'h5' },
    { path: ['sceneInfo'], value: scene, isTaken: !isScan },
    { path: ['sceneInfo', 'h5Info'], value: scene?.h5Info, only: 'h5' },
  ];
  for (const { path, value, isNeeded = false, isTaken = true, only = product } of rules) {
    const say = (message: string) => ctx.addIssue({ code: 'custom', path, message });
    if (value === undefined && isNeeded) say(`is required for ${product}`);
    if (value !== undefined && !isTaken) say(`is not for ${product}`);
    if (value !== undefined && only !== product) say(`is only for ${only}`);
  }
  if (scene !== undefined && clientIp === undefined && !isScan)
    ctx.addIssue({ code: 'custom', path: ['clientIp'], message: 'is required with sceneInfo' });
}

type Rule = {
  readonly path: string[];
  readonly value: unknown;
  readonly isNeeded?: boolean;
  readonly isTaken?: boolean;
  readonly only?: Product;
};
