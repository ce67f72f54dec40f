import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { listInbox } from '../../inbox/store/inbox.js';
import { requireOperator } from '../auth/authenticate.js';
import type { IngressDeps } from '../deps.js';
import type { IngressEnv } from '../env.js';
import { pageOf, pageQuery } from '../page.js';
import { problems } from '../problems.js';
import { inboxRowSchema, inboxView } from './inbox-view.js';

const route = createRoute({
  method: 'get',
  path: '/v1/inbox',
  operationId: 'listInbox',
  tags: ['Operators'],
  summary: 'Verified notifies, newest first, and what became of them',
  security: [{ apiKey: [] }],
  request: {
    query: z.strictObject({
      mchid: z.string().optional(),
      status: inboxRowSchema.shape.status.optional(),
      ...pageQuery,
    }),
  },
  responses: {
    200: {
      description: 'One page; `nextCursor` is null on the last.',
      content: {
        'application/json': {
          schema: z
            .strictObject({ items: z.array(inboxRowSchema), nextCursor: z.string().nullable() })
            .openapi('InboxPage'),
        },
      },
    },
    ...problems(),
  },
});

export function registerListInbox(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    requireOperator(c.get('actor'));
    const { status, cursor, limit } = c.req.valid('query');
    const page = pageOf(
      await listInbox(deps.connection.db, {
        mchid: c.get('mchid'),
        limit,
        ...(status === undefined ? {} : { status }),
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
    return c.json({ items: page.items.map(inboxView), nextCursor: page.nextCursor }, 200);
  });
}
