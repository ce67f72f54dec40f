import { createRoute, z } from '@hono/zod-openapi';
import { actorLabel, requireOperator } from '../../http/kit/actor.js';
import { ApiError } from '../../http/kit/api-error.js';
import { answer, bodyLike, mchidQuery } from '../../http/kit/call.js';
import { problems } from '../../http/kit/problem.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';
import { parsePeriod, type Period } from '../../statements/rules/period.js';
import { beijingDate, daysAfter, parseBillDate } from '../rules/day.js';
import { loadDay, loadDays } from '../store/day.js';
import { runDay } from '../use-cases/run.js';
import { dayContent, dayRefOf, dayView, dayRequest, reconciliationSchema, requireDay } from './day-call.js';

export const registerDays: Route = (app, given) => {
  const { db } = given.connection;
  const deps = useCaseDeps(given);
  app.openapi(list, async (c) => {
    const days = await loadDays(db, { mchid: c.get('mchid'), ...periodOf(c.req.valid('query'), given.now()) });
    return c.json({ items: days.map((day) => dayView(day, given.now())) }, 200);
  });
  app.openapi(run, async (c) => {
    const askedBy = actorLabel(requireOperator(c.get('actor')));
    const { date } = c.req.valid('json');
    const { day, isNew } = await runDay(deps, { mchid: c.get('mchid'), date, askedBy });
    return c.json(dayView(requireDay(await loadDay(db, day)), given.now()), isNew ? 202 : 200);
  });
  app.openapi(get, async (c) => c.json(dayView(requireDay(await loadDay(db, dayRefOf(c))), given.now()), 200));
};

/** As long as the longest quarter: WeChat Pay keeps bills for 90 days. */
const MAX_DAYS = 92;

const DAYS_UNTIL_TOLD = 31;

function periodOf({ from, to }: { from?: string | undefined; to?: string | undefined }, now: Date): Period {
  const last = to ?? beijingDate(now);
  const day = parseBillDate(last);
  const first = from ?? (day.ok ? daysAfter(day.value, 1 - DAYS_UNTIL_TOLD) : beijingDate(now));
  const period = parsePeriod(first, last, MAX_DAYS);
  if (period.ok) return period.value;
  throw new ApiError('invalid_request', `query ${period.error.field}: ${period.error.message}.`);
}

const day = z.string().max(10).optional();

const list = createRoute({
  method: 'get',
  path: '/v1/reconciliations',
  operationId: 'listReconciliations',
  tags: ['Reconciliation'],
  summary: "Days and whether our books and WeChat Pay's bills agree, the latest first",
  description: 'A day that no run was ever begun for is not listed.',
  security: [{ apiKey: [] }],
  request: {
    query: z.strictObject({
      mchid: z.string().optional(),
      from: day.openapi({
        description: `A calendar day in Beijing; ${DAYS_UNTIL_TOLD} days until \`to\` unless told.`,
        example: '2026-03-01',
      }),
      to: day.openapi({
        description: `The last day, included, today unless told; at most ${MAX_DAYS} days.`,
        example: '2026-03-31',
      }),
    }),
  },
  responses: {
    200: answer('The days.', z.strictObject({ items: z.array(reconciliationSchema) }).openapi('ReconciliationList')),
    ...problems(),
  },
});

const runSchema = z
  .strictObject({
    date: z.string().max(32).openapi({
      description: "A calendar day in Beijing, of the last 90; yesterday's from 10:05 on.",
      example: '2026-03-01',
    }),
  })
  .openapi('RunReconciliation');

const run = createRoute({
  method: 'post',
  path: '/v1/reconciliations',
  operationId: 'runReconciliation',
  tags: ['Reconciliation'],
  summary: 'Reconcile a day now, or once more',
  description:
    'Days are reconciled by themselves from 10:05 on. The same day again fetches its bills, matches them and asks about what differs once more; what a person decided stays. A run under way that waits goes on at once. Operators only.',
  security: [{ apiKey: [] }],
  request: { query: mchidQuery, body: bodyLike(runSchema, { day: { value: { date: '2026-03-01' } } }) },
  responses: {
    200: dayContent('A run of this day was under way already: the day as it stands.'),
    202: dayContent('A run was begun; `GET /v1/reconciliations/{date}` tells how far it is.'),
    ...problems('date_in_future', 'bill_not_ready', 'date_too_old'),
  },
});

const get = createRoute({
  method: 'get',
  path: '/v1/reconciliations/{date}',
  operationId: 'getReconciliation',
  tags: ['Reconciliation'],
  summary: 'A day: its bills, both sides by class, and what is open',
  security: [{ apiKey: [] }],
  request: dayRequest,
  responses: { 200: dayContent('The day.'), ...problems('reconciliation_not_found') },
});
