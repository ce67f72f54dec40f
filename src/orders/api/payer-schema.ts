import { z } from '@hono/zod-openapi';
import { H5_TYPES, needsClientIp, needsOpenid, PRODUCTS } from '../rules/product.js';
import type { PayerRequest } from '../use-cases/payer.js';
import { limitedText, printableText } from '../../http/kit/fields.js';

// One string rather than a choice of two formats, of which generators make a class.
const address = z.union([z.ipv4(), z.ipv6()]).openapi({ type: 'string', description: 'IPv4 or IPv6.' });

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
    .strictObject({ openid: printableText(128).optional(), authCode: authCode.optional() })
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
  clientIp: address.optional().openapi({ description: "The payer's own address, IPv4 or IPv6. Required for `h5`." }),
  h5Type: z.enum(H5_TYPES).optional().openapi({ description: 'For `h5`; default `Wap`.' }),
};

export function requirePayer(body: PayerRequest, ctx: z.RefinementCtx): void {
  if (needsOpenid(body.product) && body.payer?.openid === undefined) {
    ctx.addIssue({ code: 'custom', path: ['payer', 'openid'], message: `is required for ${body.product}` });
  }
  if (needsClientIp(body.product) && body.clientIp === undefined) {
    ctx.addIssue({ code: 'custom', path: ['clientIp'], message: `is required for ${body.product}` });
  }
  if (body.product !== 'h5' && body.h5Type !== undefined) {
    ctx.addIssue({ code: 'custom', path: ['h5Type'], message: 'is only for h5' });
  }
  const ofCodeScan = [
    { path: ['payer', 'authCode'], value: body.payer?.authCode },
    { path: ['device'], value: body.device },
    { path: ['store'], value: body.store },
  ];
  const isScan = body.product === 'codeScan';
  for (const { path, value } of ofCodeScan) {
    if (isScan && value === undefined) ctx.addIssue({ code: 'custom', path, message: 'is required for codeScan' });
    if (!isScan && value !== undefined) ctx.addIssue({ code: 'custom', path, message: 'is only for codeScan' });
  }
  const ofOthers = [
    { path: ['payer', 'openid'], value: body.payer?.openid },
    { path: ['clientIp'], value: body.clientIp },
  ];
  for (const { path, value } of ofOthers) {
    if (isScan && value !== undefined) ctx.addIssue({ code: 'custom', path, message: 'is not for codeScan' });
  }
}
