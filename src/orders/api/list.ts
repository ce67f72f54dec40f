import { createRoute, z } from '@hono/zod-openapi';
import { listOrders, listPaidOrders, listStuckOrders } from '../store/list.js';
import type { Mchid } from '../../base/ids.js';
import { PRODUCTS } from '../rules/product.js';
import { ORDER_STATES, STUCK_REASONS } from '../rules/states.js';
import { orderSchema } from './order-schema.js';
import { problems } from '../../http/kit/problem.js';
import { pageAnswer, pageOf, pageQuery } from '../../http/kit/call.js';
import { appidSchema, dateOf, instantSchema } from '../../http/kit/fields.js';
import type { IngressDeps, Route } from '../../http/kit/route.js';
import { viewOf } from './order-call.js';

const SORTS = ['created', 'paid', 'stuckSince'] as const;
type Sort = (typeof SORTS)[number];

const from = instantSchema.optional().openapi({ description: 'Inclusive.' });
const to = instantSchema.optional().openapi({ description: 'Exclusive.' });

const filters = {
  state: z.enum(ORDER_STATES).optional(),
  stuckReason: z
    .enum([...STUCK_REASONS, 'any'])
    .optional()
    .openapi({ description: '`any`: whatever is stuck.' }),
  createdFrom: from,
  createdTo: to,
  paidFrom: from.openapi({ description: "Inclusive; WeChat Pay's time of success." }),
  paidTo: to,
  product: z.enum(PRODUCTS).optional().openapi({
    description: 'Of the attempt that made the order paid; of an order that is not paid, of its first attempt.',
  }),
  appid: appidSchema.optional().openapi({ description: 'Of the same attempt as `product`.' }),
};
type Filter = keyof typeof filters;

/** What there is an index for, in each order. */
const CREATED = ['createdFrom', 'createdTo'] as const;
const FILTERS = {
  'sort=created': ['state', 'stuckReason', ...CREATED],
  'product or appid': ['product', 'appid', ...CREATED],
  'sort=paid': ['paidFrom', 'paidTo', 'product', 'appid'],
  'sort=stuckSince': ['stuckReason'],
} as const satisfies Record<string, readonly Filter[]>;

const querySchema = z
  .strictObject({
    mchid: z.string().optional(),
    ...filters,
    sort: z.enum(SORTS).optional().openapi({
      description:
        '`created`: newest first, with `createdFrom`, `createdTo` and either `state` and `stuckReason` or `product` and `appid`; the default. `paid`: orders that are paid, the newest payment first, with `paidFrom`, `paidTo`, `product`, `appid`; the default where `paidFrom` or `paidTo` is given. `stuckSince`: what is stuck longest first, with a `stuckReason`. Any other filter beside them is refused.',
    }),
    ...pageQuery,
  })
  .superRefine((query, context) => {
    for (const [field, message] of objections(query)) context.addIssue({ code: 'custom', path: [field], message });
  });

type Query = z.output<typeof querySchema>;

const sortOf = ({ sort, paidFrom, paidTo }: Pick<Query, 'sort' | 'paidFrom' | 'paidTo'>): Sort =>
  sort ?? ((paidFrom ?? paidTo) === undefined ? 'created' : 'paid');

/** Of a combination that no index serves: each field that is too much, and why. */
function objections(query: Omit<Query, 'cursor' | 'limit'>): (readonly [string, string])[] {
  const sort = sortOf(query);
  if (sort === 'stuckSince' && query.stuckReason === undefined) return [['sort', 'stuckSince goes with a stuckReason']];
  const isOfAttempt = sort === 'created' && (query.product ?? query.appid) !== undefined;
  const named = isOfAttempt ? 'product or appid' : (`sort=${sort}` as const);
  const taken: readonly Filter[] = FILTERS[named];
  const isImplied = (name: Filter) => name === 'state' && sort === 'paid' && query.state === 'paid';
  return Object.keys(filters)
    .filter((name): name is Filter => Reflect.get(query, name) !== undefined)
    .filter((name) => !taken.includes(name) && !isImplied(name))
    .map((name) => [name, `does not go with ${named}`]);
}

const route = createRoute({
  method: 'get',
  path: '/v1/orders',
  operationId: 'listOrders',
  tags: ['Orders'],
  summary: 'Orders, newest first; those that are paid, the newest payment first; those that are stuck, oldest first',
  security: [{ apiKey: [] }],
  request: { query: querySchema },
  responses: {
    200: pageAnswer('OrderPage', orderSchema),
    ...problems(),
  },
});

export const registerListOrders: Route = (app, deps) => {
  app.openapi(route, async (c) => {
    const page = pageOf(await pageFor(deps, c.get('mchid'), c.req.valid('query')));
    return c.json({ items: page.items.map((order) => viewOf(deps, order)), nextCursor: page.nextCursor }, 200);
  });
};

function pageFor({ connection: { db } }: IngressDeps, mchid: Mchid, query: Query) {
  const { state, stuckReason, product, appid, cursor, limit } = query;
  const sort = sortOf(query);
  switch (sort) {
    case 'created': {
      const times = { createdFrom: dateOf(query.createdFrom), createdTo: dateOf(query.createdTo) };
      return listOrders(db, { mchid, state, stuckReason, product, appid, ...times, cursor, limit });
    }
    case 'paid': {
      const times = { paidFrom: dateOf(query.paidFrom), paidTo: dateOf(query.paidTo) };
      return listPaidOrders(db, { mchid, product, appid, ...times, cursor, limit });
    }
    case 'stuckSince':
      return listStuckOrders(db, { mchids: [mchid], stuckReason, cursor, limit });
    default:
      return sort satisfies never;
  }
}
