import { createRoute, z } from '@hono/zod-openapi';
import { MERCHANT_EVENT_TYPES, type MerchantEventRecord } from '../rules/event.js';
import { resend } from '../use-cases/resend.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { problems } from '../../http/kit/problem.js';
import { answer, rowRequest } from '../../http/kit/call.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';

export const registerResendEvent: Route = (app, deps) => {
  app.openapi(route, async (c) => {
    const asker = operatorAsker(c.get('actor'), c.req.valid('json').reason);
    const ref = { mchid: c.get('mchid'), id: c.req.valid('param').id };
    return c.json(eventView(await resend(useCaseDeps(deps), ref, asker)), 200);
  });
};

export const eventSchema = z
  .strictObject({
    id: z.string().openapi({ description: 'The `webhook-id` of every delivery.' }),
    type: z.enum(MERCHANT_EVENT_TYPES),
    createdAt: z.iso.datetime(),
    deliveredAt: z.iso.datetime().nullable().openapi({ description: 'When the shop first answered 2xx.' }),
    deliveries: z.array(
      z
        .strictObject({
          at: z.iso.datetime(),
          status: z.int().openapi({ description: 'HTTP status; 0 when none came back.' }),
          outcome: z.string().openapi({ description: '`delivered`, or why not, in a word.' }),
        })
        .openapi('Delivery'),
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

const route = createRoute({
  method: 'post',
  path: '/v1/events/{id}/resend',
  operationId: 'resendEvent',
  tags: ['Operators'],
  summary: 'Tell the shop again',
  description:
    'Also what was delivered: the same event under the same id, tried from the beginning of the schedule. The answer is the event as it stands; deliveries show as they happen.',
  security: [{ apiKey: [] }],
  request: rowRequest,
  responses: {
    200: answer('It is being sent.', eventSchema),
    ...problems('event_not_found', 'event_withdrawn', 'event_unaddressed', 'outcome_pending'),
  },
});
