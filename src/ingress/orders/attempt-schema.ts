import { z } from '@hono/zod-openapi';
import { payerFields, requirePayer } from './payer-schema.js';

export const openAttemptSchema = z
  .strictObject({
    ...payerFields,
    attemptKey: z
      .string()
      .regex(/^[0-9A-Za-z_-]{1,64}$/, 'must be 1 to 64 of 0-9A-Za-z_-')
      .optional()
      .openapi({ description: 'The same key always means the same attempt.' }),
  })
  .superRefine(requirePayer)
  .openapi('OpenAttempt');

export type OpenAttemptBody = z.output<typeof openAttemptSchema>;
