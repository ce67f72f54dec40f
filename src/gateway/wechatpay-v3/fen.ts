import { z } from 'zod';
import { parseFen, type Fen } from '../../domain/money.js';

/** Money on the wire: a JSON integer of fen. */
export const fen = z.number().transform((value, context): Fen => {
  const parsed = parseFen(value);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: 'custom', message: parsed.error });
  return z.NEVER;
});
