import { z } from 'zod';
import type { GatewayRefusal } from '../domain/gateway-answer.js';

const text = z.string().nullable();

const gatewayRefusal: z.ZodType<GatewayRefusal> = z.object({
  status: z.number(),
  code: z.string(),
  message: z.string(),
  detail: z.object({ field: text, issue: text }).nullable(),
});

/** From a column that holds what WeChat Pay refused with. */
export const refusalOf = (column: unknown): GatewayRefusal | null =>
  column === null ? null : gatewayRefusal.parse(column);
