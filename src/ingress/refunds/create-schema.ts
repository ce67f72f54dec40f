import { z } from '@hono/zod-openapi';
import { parseRefundNo } from '../../base/ids.js';
import { amountSchema, printableText } from '../../http/kit/fields.js';

const REASON_BYTES = 80;

const refundNoSchema = z
  .string()
  .transform((text, ctx) => {
    const parsed = parseRefundNo(text);
    if (parsed.ok) return parsed.value;
    ctx.addIssue({ code: 'custom', message: 'must be 1 to 64 of 0-9A-Za-z_-' });
    return z.NEVER;
  })
  .openapi({
    type: 'string',
    pattern: '^[0-9A-Za-z_-]{1,64}$',
    description:
      "The shop's own number: 1 to 64 characters, each a letter, a digit, `-` or `_`. Unique per mchid, and what makes a repeat safe.",
  });

export const createRefundSchema = z
  .strictObject({
    refundNo: refundNoSchema,
    amountFen: amountSchema,
    reason: printableText(REASON_BYTES)
      .optional()
      .openapi({ description: `Shown to the payer by WeChat Pay; at most ${REASON_BYTES} bytes of UTF-8.` }),
  })
  .openapi('CreateRefund');
