import { z } from 'zod';
import { parseFen, type Fen } from '../../base/money.js';

/** Money on the wire: a JSON integer of fen. */
export const fen = z.number().transform((value, context): Fen => {
  const parsed = parseFen(value);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: 'custom', message: parsed.error });
  return z.NEVER;
});

/** Money that does not decide: `null` when it is absent or no fen. */
export const maybeFen = z
  .unknown()
  .optional()
  .transform((value) => fen.safeParse(value).data ?? null);
