import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { resend } from '../use-cases/resend.js';
import { useCaseDeps, type IngressDeps } from '../../http/kit/route.js';
import type { IngressEnv } from '../../http/kit/route.js';
import { eventSchema, eventView } from './event-view.js';
import { problems } from '../../http/kit/problem.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { rowRequest } from '../../http/kit/fields.js';

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
    200: { description: 'It is being sent.', content: { 'application/json': { schema: eventSchema } } },
    ...problems('event_not_found', 'event_withdrawn', 'outcome_pending'),
  },
});

export function registerResendEvent(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const asker = operatorAsker(c.get('actor'), c.req.valid('json').reason);
    const ref = { mchid: c.get('mchid'), id: c.req.valid('param').id };
    return c.json(eventView(await resend(useCaseDeps(deps), ref, asker)), 200);
  });
}
