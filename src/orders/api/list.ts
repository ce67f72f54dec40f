import { createRoute, z } from '@hono/zod-openapi';
import { findOrders } from '../store/find.js';
import { listOrders, listPaidOrders, listStuckOrders } from '../store/list.js';
import type { Mchid } from '../../base/ids.js';
import { PRODUCTS } from '../rules/product.js';
import { CLOSED_REASONS, ORDER_STATES, STUCK_REASONS } from '../rules/states.js';
import { orderSchema } from './order-schema.js';
import { problems } from '../../http/kit/problem.js';
import { pageAnswer, pageOf, pageQuery } from '../../http/kit/call.js';
import { amountQuery, appidSchema, dateOf, instantSchema, SHORT_PAGES, wordsQuery } from '../../http/kit/fields.js';
import type { IngressDeps, Route } from '../../http/kit/route.js';
import { viewOf } from './order-call.js';

const SORTS = ['created', 'paid', 'stuckSince'] as const;
type Sort = (typeof SORTS)[number];

const from = instantSchema.optional().openapi({ description: 'Inclusive.' });
const to = instantSchema.optional().openapi({ description: 'Exclusive.' });

const filters = {
  q: wordsQuery.optional().openapi({
    description: `A number, whole: of the order, an attempt, a transaction or a refund. Or words, in any order, each the beginning of one in the order's number, its description or a value of its metadata (the first 64 characters of each, 256 of all); what is written without spaces, as Chinese, is found by any two or more characters of it that stand together, a long number by its last four digits. Upper and lower case are one. Goes with all other filters. ${SHORT_PAGES}`,
    example: '龙井',
  }),
  amountFen: amountQuery.optional(),
  state: z.enum(ORDER_STATES).optional(),
  stuckReason: z
    .enum([...STUCK_REASONS, 'any'])
    .optional()
    .openapi({ description: '`any`: whatever is stuck.' }),
  closedReason: z.enum(CLOSED_REASONS).optional(),
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
const PAID = ['paidFrom', 'paidTo'] as const;
const FILTERS = {
  'sort=created': ['state', 'stuckReason', ...CREATED],
  'product or appid': ['product', 'appid', ...CREATED],
  amountFen: ['amountFen', 'state', ...CREATED],
  closedReason: ['closedReason', ...CREATED],
  'sort=paid': [...PAID, 'product', 'appid'],
  'amountFen and sort=paid': ['amountFen', ...PAID],
  'sort=stuckSince': ['stuckReason'],
} as const satisfies Record<string, readonly Filter[]>;

const querySchema = z
  .strictObject({
    mchid: z.string().optional(),
    ...filters,
    sort: z.enum(SORTS).optional().openapi({
      description:
        '`created`: newest first, with `createdFrom`, `createdTo` and one of these: `state` and `stuckReason`; `amountFen` and `state`; `closedReason`; `product` and `appid`. The default. `paid`: orders that are paid, the newest payment first, with `paidFrom`, `paidTo` and either `amountFen` or `product` and `appid`; the default where `paidFrom` or `paidTo` is given without `q`. `stuckSince`: what is stuck longest first, with a `stuckReason`. Any other filter beside them is refused. With `q` the order is that of creation, and every filter goes.',
    }),
    ...pageQuery,
  })
  .superRefine((query, context) => {
    for (const [field, message] of objections(query)) context.addIssue({ code: 'custom', path: [field], message });
  });

type Query = z.output<typeof querySchema>;

const sortOf = ({ q, sort, paidFrom, paidTo }: Pick<Query, 'q' | 'sort' | 'paidFrom' | 'paidTo'>): Sort =>
  sort ?? (q !== undefined || (paidFrom ?? paidTo) === undefined ? 'created' : 'paid');

/** Of a combination that no index serves: each field that is too much, and why. */
function objections(query: Omit<Query, 'cursor' | 'limit'>): (readonly [string, string])[] {
  const sort = sortOf(query);
  if (query.q !== undefined) return sort === 'created' ? [] : [['sort', 'q goes with created']];
  if (sort === 'stuckSince' && query.stuckReason === undefined) return [['sort', 'stuckSince goes with a stuckReason']];
  const named = servedBy(sort, query);
  const taken: readonly Filter[] = FILTERS[named];
  const implied = sort === 'paid' ? 'paid' : named === 'closedReason' ? 'closed' : undefined;
  return Object.keys(filters)
    .filter((name): name is Filter => Reflect.get(query, name) !== undefined)
    .filter((name) => !taken.includes(name) && !(name === 'state' && query.state === implied))
    .map((name) => [name, `does not go with ${named}`]);
}

function servedBy(sort: Sort, query: Omit<Query, 'cursor' | 'limit'>): keyof typeof FILTERS {
  if (sort === 'paid') return query.amountFen === undefined ? 'sort=paid' : 'amountFen and sort=paid';
  if (sort === 'stuckSince') return 'sort=stuckSince';
  if (query.amountFen !== undefined) return 'amountFen';
  if (query.closedReason !== undefined) return 'closedReason';
  return (query.product ?? query.appid) === undefined ? 'sort=created' : 'product or appid';
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
  const { q, state, stuckReason, closedReason, product, appid, amountFen, cursor, limit } = query;
  const of = { mchids: [mchid], product, appid, amountFen, cursor, limit };
  const created = { createdFrom: dateOf(query.createdFrom), createdTo: dateOf(query.createdTo) };
  const paid = { paidFrom: dateOf(query.paidFrom), paidTo: dateOf(query.paidTo) };
  if (q !== undefined) return findOrders(db, { q, ...of, state, stuckReason, closedReason, ...created, ...paid });
  const sort = sortOf(query);
  switch (sort) {
    case 'created':
      return listOrders(db, { ...of, state, stuckReason, closedReason, ...created });
    case 'paid':
      return listPaidOrders(db, { ...of, ...paid });
    case 'stuckSince':
      return listStuckOrders(db, { mchids: [mchid], stuckReason, cursor, limit });
    default:
      return sort satisfies never;
  }
}
