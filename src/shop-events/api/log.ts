import { createRoute, z } from '@hono/zod-openapi';
import { ORDER_NO_PATTERN, type Mchid } from '../../base/ids.js';
import type { Db } from '../../db/connection.js';
import { ApiError } from '../../http/kit/api-error.js';
import { pageAnswer, pageOf, pageQuery } from '../../http/kit/call.js';
import { problems } from '../../http/kit/problem.js';
import type { Route } from '../../http/kit/route.js';
import { EVENT_STATUSES, MERCHANT_EVENT_TYPES } from '../rules/event.js';
import { positionOf, readEventLog, START, type LoggedEvent } from '../store/log.js';
import { streamEvents } from './log-stream.js';

export const registerEventLog: Route = (app, deps) => {
  const { db } = deps.connection;
  app.openapi(list, async (c) => {
    const { type, orderNo, after, cursor, limit } = c.req.valid('query');
    const mchid = c.get('mchid');
    const from =
      cursor === undefined ? await positionAfter(db, mchid, after ?? 'start') : await cursorOf(db, mchid, cursor);
    const { events, hasMore } = await readEventLog(db, { mchid, type, orderNo }, { after: from, limit });
    return c.json({ items: events.map(logView), nextCursor: hasMore ? (events.at(-1)?.id ?? null) : null }, 200);
  });
  app.openapi(stream, async (c) => {
    const { type, orderNo, after } = c.req.valid('query');
    const filter = { mchid: c.get('mchid'), type, orderNo };
    const since = c.req.header('last-event-id') ?? after;
    const begin = since === undefined ? undefined : { id: since, seq: await positionAfter(db, filter.mchid, since) };
    return streamEvents(c, deps, { filter, begin, write: (event) => JSON.stringify(logView(event)) });
  });
};

/** Throws `event_not_found`. */
async function positionAfter(db: Db, mchid: Mchid, after: string): Promise<number> {
  const position = after === 'start' ? START : await positionOf(db, mchid, after);
  if (position === undefined) throw new ApiError('event_not_found', `The merchant has no event ${after.slice(0, 40)}.`);
  return position;
}

const cursorOf = async (db: Db, mchid: Mchid, cursor: string): Promise<number> =>
  pageOf((await positionOf(db, mchid, cursor)) ?? 'bad_cursor');

const logSchema = z
  .strictObject({
    id: z.string().openapi({ description: 'The `webhook-id` of every delivery.' }),
    type: z.enum(MERCHANT_EVENT_TYPES),
    createdAt: z.iso.datetime(),
    orderNo: z.string().nullable().openapi({ description: 'Null where the event is of a day.' }),
    status: z.enum(EVENT_STATUSES).openapi({
      description:
        '`pending`: not told yet. `withdrawn`: no longer true before it was told. `exhausted`: tried as often as the schedule says. `unaddressed`: the shop has no endpoint.',
    }),
    tries: z.int().openapi({ description: 'Since it was written, or sent again.' }),
    deliveredAt: z.iso.datetime().nullable(),
    nextAt: z.iso.datetime().nullable().openapi({ description: 'When it is tried next.' }),
    body: z.string().openapi({ description: 'What every delivery carries, byte for byte; JSON.' }),
  })
  .openapi('LoggedEvent');

function logView({ id, type, createdAt, orderNo, status, tries, deliveredAt, nextAt, body }: LoggedEvent) {
  return {
    ...{ id, type, createdAt: createdAt.toISOString(), orderNo, status, tries },
    deliveredAt: deliveredAt?.toISOString() ?? null,
    nextAt: nextAt?.toISOString() ?? null,
    body,
  } satisfies z.infer<typeof logSchema>;
}

const filters = {
  mchid: z.string().optional(),
  type: z.enum(MERCHANT_EVENT_TYPES).optional(),
  orderNo: z.string().regex(new RegExp(ORDER_NO_PATTERN), 'must be an orderNo').optional(),
};
const after = z.string().max(64).optional();

const list = createRoute({
  method: 'get',
  path: '/v1/events',
  operationId: 'listEvents',
  tags: ['Events'],
  summary: 'What the shop is told, in the order in which it was written',
  description:
    'Of orders, refunds and days; also where the shop has no endpoint. An event shows once none can appear before it any more, so whoever goes on after the last one misses none.',
  security: [{ apiKey: [] }],
  request: {
    query: z.strictObject({
      ...filters,
      after: after.openapi({
        description: 'An event’s id: only what was written after it. `start`, the default: all.',
      }),
      ...pageQuery,
    }),
  },
  responses: { 200: pageAnswer('EventPage', logSchema), ...problems('event_not_found') },
});

const stream = createRoute({
  method: 'get',
  path: '/v1/events/stream',
  operationId: 'streamEvents',
  tags: ['Events'],
  summary: 'Follow what the shop is told',
  description:
    'Server-sent events named `event`, one for each as it is written, with what `GET /v1/events` has of it; the id is the event’s. It begins with what is written from now on; `Last-Event-ID` goes on after that event, none left out and none twice. The first block is an `id` without data: after which event it begins, or `start`. A later delivery is not told. A comment comes every 15 s. A key may have 1,024 streams open at one ingress, those of orders included; one more is answered 429 `rate_limited` with `Retry-After`.',
  security: [{ apiKey: [] }],
  request: {
    query: z.strictObject({
      ...filters,
      after: after.openapi({ description: 'As `Last-Event-ID`; `start`: from the first event on.' }),
    }),
  },
  responses: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems('event_not_found'),
  },
});
