import { z } from '@hono/zod-openapi';
import { MAX_ORDER_FEN, parseOrderAmount } from '../base/money.js';

/** Money that is asked for or asked back. */
export const amountSchema = z
  .number()
  .transform((amount, ctx) => {
    const parsed = parseOrderAmount(amount);
    if (parsed.ok) return parsed.value;
    ctx.addIssue({ code: 'custom', message: `must be a whole number of fen, 1 to ${MAX_ORDER_FEN}` });
    return z.NEVER;
  })
  .openapi({ type: 'integer', minimum: 1, maximum: MAX_ORDER_FEN, description: 'Fen, 1/100 yuan.' });
