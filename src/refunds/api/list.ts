import { createRoute, z } from '@hono/zod-openapi';
import { ORDER_NO_PATTERN } from '../../base/ids.js';
import { pageAnswer, pageOf, pageQuery } from '../../http/kit/call.js';
import { amountQuery, dateOf, instantSchema, SHORT_PAGES, wordsQuery } from '../../http/kit/fields.js';
import { problems } from '../../http/kit/problem.js';
import type { Route } from '../../http/kit/route.js';
import { refundAnswer } from '../../orders/rules/view.js';
import { REFUND_CAUSES, REFUND_STATES } from '../rules/states.js';
import { findRefunds } from '../store/find.js';
import { listRefunds, REFUND_TIMES } from '../store/list.js';
import { refundSchema } from './refund-call.js';

export const registerListRefunds: Route = (app, { connection: { db } }) => {
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const { q, orderNo, state, cause, amountFen, cursor, limit } = query;
    const time = timesOf(query)[0] ?? 'created';
    const from = dateOf(query[`${time}From`]);
    const to = dateOf(query[`${time}To`]);
    const filter = { mchids: [c.get('mchid')], orderNo, state, cause, amountFen, time, from, to, cursor, limit };
    const page = q === undefined ? listRefunds(db, filter) : findRefunds(db, { ...filter, q });
    const { items, nextCursor } = pageOf(await page);
    return c.json({ items: items.map(refundAnswer), nextCursor }, 200);
  });
};

const from = (description: string) => instantSchema.optional().openapi({ description: `Inclusive; ${description}` });
const to = instantSchema.optional().openapi({ description: 'Exclusive.' });

const ACCEPTED =
  'when WeChat Pay accepted it. Where it never said when: when it was first asked, else when the money was back, else when PaySaga learned of it. One that is not accepted yet, or was refused, is not listed.';

const querySchema = z
  .strictObject({
    mchid: z.string().optional(),
    q: wordsQuery.optional().openapi({
      description: `A number, whole: of the refund, here or at WeChat Pay, of its order or of the payment. Or words, each the beginning of one in the refund's number or its reason, as in the list of orders. Goes with all other filters. ${SHORT_PAGES}`,
      example: 'R-1001',
    }),
    amountFen: amountQuery.optional(),
    state: z
      .enum([...REFUND_STATES, 'unsettled'])
      .optional()
      .openapi({
        description: '`unsettled`: `requested`, `processing` or `abnormal`, while its money is held.',
      }),
    cause: z.enum(REFUND_CAUSES).optional().openapi({ description: '`external`: somebody else made it.' }),
    orderNo: z.string().regex(new RegExp(ORDER_NO_PATTERN), 'must be an orderNo').optional().openapi({
      description: 'The refunds of all its attempts; goes with everything else.',
    }),
    createdFrom: from('when it was asked for here, or became known.'),
    createdTo: to,
    acceptedFrom: from(ACCEPTED),
    acceptedTo: to,
    succeededFrom: from('when the money was back.'),
    succeededTo: to,
    ...pageQuery,
  })
  .superRefine((query, context) => {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message: `does not go with ${message}` });
    const [first = 'created', ...others] = timesOf(query);
    for (const time of others)
      refuse(query[`${time}From`] === undefined ? `${time}To` : `${time}From`, `${first} times`);
    if (query.q !== undefined || query.orderNo !== undefined) return;
    if (query.amountFen !== undefined && query.cause !== undefined) refuse('cause', 'amountFen, unless of one orderNo');
    if (first === 'created') return;
    if (query.amountFen !== undefined) refuse('amountFen', `${first} times, unless of one orderNo`);
    for (const field of ['state', 'cause'] as const)
      if (query[field] !== undefined) refuse(field, `${first} times, unless of one orderNo`);
  });

type Times = { readonly [Name in `${(typeof REFUND_TIMES)[number]}${'From' | 'To'}`]?: string | undefined };

/** The kinds of times that are asked about. */
const timesOf = (query: Times) =>
  REFUND_TIMES.filter((time) => (query[`${time}From`] ?? query[`${time}To`]) !== undefined);

const route = createRoute({
  method: 'get',
  path: '/v1/refunds',
  operationId: 'listRefunds',
  tags: ['Refunds'],
  summary: "Refunds, newest first: the shop's, PaySaga's own and those that somebody else made",
  description:
    'In the order of one kind of times, the one that is asked about: of creation unless told, and always with `q`. `state` goes with times of creation, and beside it either `cause` or `amountFen`; where a `q` or an `orderNo` is given, everything goes together.',
  security: [{ apiKey: [] }],
  request: { query: querySchema },
  responses: { 200: pageAnswer('RefundPage', refundSchema), ...problems() },
});
