import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { resendEvent, type EventToSend, loadEventToSend } from '../../shop-events/store/delivery.js';
import { listEvents } from '../../shop-events/store/outbox.js';
import type { MerchantEventRecord } from '../../shop-events/rules/event.js';
import { ApiError } from '../../http/kit/api-error.js';
import { operatorDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { eventSchema, eventView } from './event-view.js';
import { problems } from '../../http/kit/problem.js';
import { rowRequest, type RowCall } from '../../http/kit/fields.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { recordedAction, type Asker } from '../../temporal/operator/recorded-action.js';

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
    return c.json(eventView(await resend(deps, ref, asker)), 200);
  });
}

/** The event as it stands once it is being sent again. Throws `event_not_found`, `event_withdrawn`. */
export async function resend(deps: IngressDeps, { mchid, id }: RowCall, asker: Asker): Promise<MerchantEventRecord> {
  const event = await loadEventToSend(deps.connection.db, id);
  if (event?.mchid !== mchid) throw notFound();
  const { orderNo } = event;
  const asked = { mchid, orderNo, eventId: id, action: 'resend', parameters: {}, ...asker } as const;
  const outcome = await recordedAction(operatorDeps(deps), asked, () => sendAgain(deps, event));
  if (outcome === 'withdrawn') throw new ApiError('event_withdrawn', 'It stopped being true before the shop was told.');
  const record = (await listEvents(deps.connection.db, event)).find((it) => it.id === id);
  if (record === undefined) throw notFound();
  return record;
}

/** The row first: should Temporal not be reached, the sweeper finds it and a repeat goes on with it. */
async function sendAgain(deps: IngressDeps, { mchid, id }: EventToSend): Promise<'resent' | 'withdrawn'> {
  const outcome = await resendEvent(deps.connection.db, { mchid, id }, deps.now());
  if (outcome === 'event_not_found') throw notFound();
  if (outcome === 'resent') await deps.events.resend(id);
  return outcome;
}

const notFound = (): ApiError => new ApiError('event_not_found', 'This merchant has no event with that id.');
