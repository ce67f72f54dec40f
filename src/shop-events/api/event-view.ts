import { z } from '@hono/zod-openapi';
import { MERCHANT_EVENT_TYPES, type MerchantEventRecord } from '../rules/event.js';

export const eventSchema = z
  .strictObject({
    id: z.string().openapi({ description: 'The `webhook-id` of every delivery.' }),
    type: z.enum(MERCHANT_EVENT_TYPES),
    createdAt: z.iso.datetime(),
    deliveredAt: z.iso.datetime().nullable().openapi({ description: 'When the shop first answered 2xx.' }),
    deliveries: z.array(
      z.strictObject({
        at: z.iso.datetime(),
        status: z.int().openapi({ description: 'HTTP status; 0 when none came back.' }),
        outcome: z.string().openapi({ description: '`delivered`, or why not, in a word.' }),
      }),
    ),
  })
  .openapi('MerchantEvent');

export function eventView(event: MerchantEventRecord): z.infer<typeof eventSchema> {
  const { id, type, createdAt, deliveredAt, deliveries } = event;
  return {
    id,
    type,
    createdAt: createdAt.toISOString(),
    deliveredAt: deliveredAt?.toISOString() ?? null,
    deliveries: deliveries.map(({ at, status, outcome }) => ({ at: at.toISOString(), status, outcome })),
  };
}
