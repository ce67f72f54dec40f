import { z } from '@hono/zod-openapi';
import { parseOrderNo } from '../../domain/ids.js';
import { MAX_ORDER_FEN, parseOrderAmount } from '../../domain/money.js';
import { limitedText, printableText } from '../text-schema.js';
import { payerFields, requirePayer } from './payer-schema.js';

const METADATA_BYTES = 4096;

const fulfilmentSchema = z
  .strictObject({
    required: z.boolean(),
    deadlineSeconds: z.int().min(60).max(2_592_000).optional(),
    onDeadline: z.enum(['refund', 'review']).optional(),
  })
  .refine((policy) => !policy.required, 'fulfilment is not available in this version')
  .refine((policy) => policy.required || (policy.deadlineSeconds ?? policy.onDeadline) === undefined, {
    message: 'deadlineSeconds and onDeadline are only for required: true',
  })
  .openapi({ description: '`required: true` is refused: fulfilment is not available in this version.' });

const policySchema = z.strictObject({
  latePayment: z.enum(['refund', 'accept', 'review']).optional().openapi({
    description:
      'What becomes of money that arrives after the order was closed. Kept with the order; this version puts such money in `review` whatever is said here.',
  }),
  fulfilment: fulfilmentSchema.optional(),
});

const orderNoSchema = z
  .string()
  .transform((text, ctx) => {
    const parsed = parseOrderNo(text);
    if (parsed.ok) return parsed.value;
    ctx.addIssue({ code: 'custom', message: 'must be 6 to 29 of 0-9A-Za-z_-' });
    return z.NEVER;
  })
  .openapi({
    type: 'string',
    pattern: '^[0-9A-Za-z_-]{6,29}$',
    description: "The shop's own number; unique per mchid, and what makes a repeat safe.",
  });

const amountSchema = z
  .number()
  .transform((amount, ctx) => {
    const parsed = parseOrderAmount(amount);
    if (parsed.ok) return parsed.value;
    ctx.addIssue({ code: 'custom', message: `must be a whole number of fen, 1 to ${MAX_ORDER_FEN}` });
    return z.NEVER;
  })
  .openapi({ type: 'integer', minimum: 1, maximum: MAX_ORDER_FEN, description: 'Fen, 1/100 yuan.' });

export const createOrderSchema = z
  .strictObject({
    orderNo: orderNoSchema,
    amountFen: amountSchema,
    description: printableText(127),
    ...payerFields,
    expiresInSeconds: z.int().min(60).max(604_800).default(7200),
    attach: limitedText(128).optional(),
    metadata: z
      .record(z.string(), z.unknown())
      .refine(
        (value) => Buffer.byteLength(JSON.stringify(value)) <= METADATA_BYTES,
        `must be at most ${METADATA_BYTES} bytes of JSON`,
      )
      .optional()
      .openapi({ description: `Any JSON object, at most ${METADATA_BYTES} bytes; returned as it is.` }),
    policy: policySchema.optional(),
  })
  .superRefine(requirePayer)
  .openapi('CreateOrder');

export type CreateOrderBody = z.output<typeof createOrderSchema>;
