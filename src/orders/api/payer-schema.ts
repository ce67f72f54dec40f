import { z } from '@hono/zod-openapi';
import { H5_TYPES, needsClientIp, needsOpenid, PRODUCTS } from '../rules/product.js';
import type { PayerRequest } from '../use-cases/payer.js';
import { limitedText, printableText } from '../../http/kit/fields.js';

/** How the payer pays: the same fields for the first attempt (with the order) and for later ones. */
export const payerFields = {
  product: z.enum(PRODUCTS),
  appid: limitedText(32)
    .optional()
    .openapi({ description: "One of the merchant's appids for this product; default: the first, always." }),
  payer: z
    .strictObject({ openid: printableText(128) })
    .optional()
    .openapi({ description: 'Required for `jsapi` and `miniProgram`.' }),
  clientIp: z
    .union([z.ipv4().openapi({ format: 'ipv4' }), z.ipv6().openapi({ format: 'ipv6' })])
    .optional()
    .openapi({ description: "The payer's own address, IPv4 or IPv6. Required for `h5`." }),
  h5Type: z.enum(H5_TYPES).optional().openapi({ description: 'For `h5`; default `Wap`.' }),
};

export function requirePayer(body: PayerRequest, ctx: z.RefinementCtx): void {
  if (needsOpenid(body.product) && body.payer === undefined) {
    ctx.addIssue({ code: 'custom', path: ['payer', 'openid'], message: `is required for ${body.product}` });
  }
  if (needsClientIp(body.product) && body.clientIp === undefined) {
    ctx.addIssue({ code: 'custom', path: ['clientIp'], message: `is required for ${body.product}` });
  }
  if (body.product !== 'h5' && body.h5Type !== undefined) {
    ctx.addIssue({ code: 'custom', path: ['h5Type'], message: 'is only for h5' });
  }
}
