import { z } from 'zod';
import { answerText, refusedWith, type GatewayRefusal } from '../domain/gateway-answer.js';

const text = z.string().nullable();

const gatewayRefusal: z.ZodType<GatewayRefusal> = z.object({
  status: z.number(),
  code: text,
  message: z.string(),
  detail: z.object({ field: text, issue: text }).nullable(),
});

/** Whether it is to be kept: a refusal stays when a later call gets an answer that leaves open what became of it. */
export function isNews(kept: unknown, answer: GatewayRefusal): boolean {
  const before = refusalOf(kept ?? null);
  if (before === null) return true;
  const displaces = refusedWith(before) === null || refusedWith(answer) !== null;
  return displaces && answerText(before) !== answerText(answer);
}

/** From a column that holds what the gateway answered. */
export const refusalOf = (column: unknown): GatewayRefusal | null =>
  column === null ? null : gatewayRefusal.parse(column);
