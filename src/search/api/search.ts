import { createRoute, z } from '@hono/zod-openapi';
import { FOUND_NUMBERS, searchOrders } from '../store/search.js';
import { mchidsFor, requireOperator } from '../../http/kit/actor.js';
import { problems } from '../../http/kit/problem.js';
import type { Route } from '../../http/kit/route.js';

const hitSchema = z
  .strictObject({
    found: z.enum(FOUND_NUMBERS).openapi({
      description:
        "Whose number it is: the order's, a later attempt's `outTradeNo`, WeChat Pay's transaction, a refund's `outRefundNo`, WeChat Pay's `refund_id`.",
    }),
    mchid: z.string(),
    orderNo: z.string(),
    number: z.string(),
  })
  .openapi('SearchHit');

const route = createRoute({
  method: 'get',
  path: '/v1/search',
  operationId: 'searchOrders',
  tags: ['Operators'],
  summary: 'Find orders by any number: exactly this one',
  description: 'Of all merchants of the key, or of the one that `mchid` names.',
  security: [{ apiKey: [] }],
  request: {
    query: z.strictObject({
      number: z.string().min(1).max(64).openapi({ example: 'A-1001*2@return' }),
      mchid: z.string().optional(),
    }),
  },
  responses: {
    200: {
      description: 'The orders; none is no error.',
      content: {
        'application/json': { schema: z.strictObject({ items: z.array(hitSchema) }).openapi('SearchResult') },
      },
    },
    ...problems(),
  },
});

export const registerSearch: Route = (app, deps) => {
  app.openapi(route, async (c) => {
    const actor = requireOperator(c.get('actor'));
    const { number, mchid } = c.req.valid('query');
    return c.json({ items: await searchOrders(deps.connection.db, mchidsFor(actor, mchid), number) }, 200);
  });
};
