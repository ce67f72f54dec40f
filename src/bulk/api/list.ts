import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { listBulks } from '../store/bulk.js';
import { requireOperator } from '../../http/kit/actor.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { pageQuery } from '../../http/kit/fields.js';
import { problems } from '../../http/kit/problem.js';
import { bulkFields, bulkView } from './status.js';

const route = createRoute({
  method: 'get',
  path: '/v1/bulk',
  operationId: 'listBulks',
  tags: ['Operators'],
  summary: 'The latest bulks, newest first',
  security: [{ apiKey: [] }],
  request: { query: z.strictObject({ mchid: z.string().optional(), limit: pageQuery.limit }) },
  responses: {
    200: {
      description: 'Who did what, when and why, and how far it is.',
      content: {
        'application/json': {
          schema: z
            .strictObject({ items: z.array(z.strictObject(bulkFields).openapi('BulkFacts')) })
            .openapi('BulkList'),
        },
      },
    },
    ...problems(),
  },
});

export function registerListBulks(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    requireOperator(c.get('actor'));
    const found = await listBulks(deps.connection.db, [c.get('mchid')], c.req.valid('query').limit);
    return c.json({ items: found.map(({ failed, ...bulk }) => bulkView({ ...bulk, failedCount: failed })) }, 200);
  });
}
