import { createRoute, z } from '@hono/zod-openapi';
import { answer } from '../../http/kit/call.js';
import { orNull } from '../../http/kit/fields.js';
import { problems } from '../../http/kit/problem.js';
import type { Route } from '../../http/kit/route.js';
import { eventSchema, eventView } from '../../shop-events/api/events.js';
import { listDayEvents } from '../../shop-events/store/outbox.js';
import { discrepancyAnswer } from '../rules/view.js';
import { loadDay } from '../store/day.js';
import { discrepanciesTold } from '../store/end.js';
import { dayRefOf, dayRequest, requireDay } from './day-call.js';
import { discrepancySchema } from './discrepancies.js';

export const registerDayEvents: Route = (app, { connection: { db } }) => {
  app.openapi(route, async (c) => {
    const day = requireDay(await loadDay(db, dayRefOf(c)));
    const events = await listDayEvents(db, day, MOST);
    const told = await discrepanciesTold(db, day.mchid, events);
    const items = events.map((event) => {
      const discrepancy = told.get(event.id);
      return { ...eventView(event), discrepancy: discrepancy === undefined ? null : discrepancyAnswer(discrepancy) };
    });
    return c.json({ items }, 200);
  });
};

// Written out rather than extended: in JSON Schema an extension of a closed object can never be satisfied.
const dayEventSchema = z
  .strictObject({
    ...eventSchema.shape,
    discrepancy: orNull(discrepancySchema).openapi({
      description: 'What `discrepancy.opened` is about, as it stands now; `null` of every other event.',
    }),
  })
  .openapi('ReconciliationEvent');

/** A run tells 101 at most. */
const MOST = 200;

const route = createRoute({
  method: 'get',
  path: '/v1/reconciliations/{date}/events',
  operationId: 'listReconciliationEvents',
  tags: ['Reconciliation'],
  summary: 'What the shop was told of a day, the latest first',
  description: `\`reconciliation.completed\` of each run, and each \`discrepancy.opened\`; the newest ${MOST} with their deliveries. An operator sends one again by its id.`,
  security: [{ apiKey: [] }],
  request: dayRequest,
  responses: {
    200: answer('The events.', z.strictObject({ items: z.array(dayEventSchema) }).openapi('ReconciliationEvents')),
    ...problems('reconciliation_not_found'),
  },
});
