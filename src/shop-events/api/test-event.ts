import { createRoute, z } from '@hono/zod-openapi';
import { createKeyedRate, wholeSeconds } from '../../base/rate.js';
import { actorLabel, requireOperator } from '../../http/kit/actor.js';
import { ApiError } from '../../http/kit/api-error.js';
import { answer, bodyLike, mchidQuery } from '../../http/kit/call.js';
import { problems } from '../../http/kit/problem.js';
import type { Route } from '../../http/kit/route.js';
import { DomainError } from '../../orders/rules/domain-error.js';

/** Of each merchant: its shop is asked by hand, not measured. */
const RATE = { burst: 5, intervalMs: 5_000 };

export const registerTestEvent: Route = (app, { tellTest, log, now }) => {
  const tests = createKeyedRate(RATE, now);
  app.openapi(route, async (c) => {
    const actor = requireOperator(c.get('actor'));
    const mchid = c.get('mchid');
    const waitMs = tests.waitMs(mchid);
    if (waitMs > 0)
      throw new ApiError('rate_limited', 'Wait a moment before the next test.', {
        retryAfterSeconds: wholeSeconds(waitMs),
      });
    tests.count(mchid);
    const told = await tellTest(mchid);
    if (told === undefined)
      throw new DomainError('event_unaddressed', 'The shop has no endpoint: nobody would be told.');
    log.info({ mchid, by: actorLabel(actor), outcome: told.outcome, status: told.status }, 'a test event was sent');
    return c.json(told, 200);
  });
};

const toldSchema = z
  .strictObject({
    id: z.string().openapi({ description: 'Its `webhook-id`.' }),
    status: z.int().openapi({ description: 'HTTP status; 0 when none came back.' }),
    ms: z.int().openapi({ description: 'Milliseconds until then.' }),
    outcome: z.string().openapi({
      description:
        '`delivered`, `refused` (not a 2xx, a redirect too), `gone` (410), `timeout`, `unreachable`, `tls`, `forbidden_address`.',
    }),
  })
  .openapi('TestTold');

const route = createRoute({
  method: 'post',
  path: '/v1/events/test',
  operationId: 'sendTestEvent',
  tags: ['Operators'],
  summary: 'Send the shop a test event',
  description:
    'Signed and sent to the merchant’s endpoint as every event, once: `{"type":"test","timestamp":…,"data":{}}`. It is no event of the merchant’s and is not kept. Answers what came back, within 10 s. Five at once, then one every 5 s.',
  security: [{ apiKey: [] }],
  request: { query: mchidQuery, body: bodyLike(z.strictObject({}), { nothing: { value: {} } }, false) },
  responses: { 200: answer('What came of it.', toldSchema), ...problems('event_unaddressed') },
});
