import { z } from '@hono/zod-openapi';
import type { Route } from './route.js';

/** The body of one kind of event to the shop; its type tells what its data is. */
export const webhookSchema = <Type extends string, Data extends z.ZodType>(name: string, type: Type, data: Data) =>
  z.strictObject({ type: z.literal(type), timestamp: z.iso.datetime(), data }).openapi(name);

type EventSchema = z.ZodObject<{ type: z.ZodLiteral<string>; timestamp: z.ZodISODateTime; data: z.ZodType }>;

/** Documents what the shop's endpoint is sent; nothing is served. */
export const documentWebhook =
  (schema: EventSchema, when: string): Route =>
  (app) => {
    const type = schema.shape.type.value;
    app.openAPIRegistry.registerWebhook({
      method: 'post',
      path: type,
      operationId: `on-${type}`.replaceAll(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase()),
      tags: ['Webhooks'],
      summary: when,
      description: DESCRIPTION,
      request: { headers, body: { required: true, content: { 'application/json': { schema } } } },
      responses: { '2XX': { description: 'Heard, and what follows from it is committed.' } },
    });
  };

const DESCRIPTION =
  'Signed as Standard Webhooks are: verify the raw body before it is read. The same `webhook-id` is the same event, with the same bytes. Any other answer is told again, 5 s to 24 h later; 410 ends it.';

const headers = z.object({
  'webhook-id': z.string(),
  'webhook-timestamp': z
    .string()
    .openapi({ description: 'Seconds since 1970; refuse what is more than 5 minutes off.' }),
  'webhook-signature': z
    .string()
    .openapi({ description: 'For each secret `v1,` and a signature in base64, with a space between.' }),
});
