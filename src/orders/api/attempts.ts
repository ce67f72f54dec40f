import { createRoute, z } from '@hono/zod-openapi';
import { openAttempt } from '../use-cases/open-attempt.js';
import { problems } from '../../http/kit/problem.js';
import { payerFields, requirePayer } from './payer-schema.js';
import { bodyOf } from '../../http/kit/call.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';
import { orderRefOf, orderContent, orderRequest } from './order-call.js';
import { viewOf } from './order-view.js';

const openAttemptSchema = z
  .strictObject({
    ...payerFields,
    attemptKey: z
      .string()
      .regex(/^[0-9A-Za-z_-]{1,64}$/, 'must be 1 to 64 of 0-9A-Za-z_-')
      .optional()
      .openapi({ description: 'The same key always means the same attempt.' }),
  })
  .superRefine(requirePayer)
  .openapi('OpenAttempt');

const route = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/attempts',
  operationId: 'openAttempt',
  tags: ['Orders'],
  summary: 'Let the payer pay in another way, or with a fresh code',
  description:
    'Parameters equal to the open attempt re-enter it: the same outTradeNo, with a fresh code if the old one has less than 60 s left. Others close the open attempt first, and open a new number only when it is confirmed closed.',
  security: [{ apiKey: [] }],
  request: { ...orderRequest, body: bodyOf(openAttemptSchema) },
  responses: {
    200: orderContent('The attempt is open already, or has a fresh code.'),
    201: orderContent('A new attempt is open.'),
    202: orderContent('Recorded; somebody must repair something first, see `stuckReason`.'),
    ...problems(
      'order_not_found',
      'order_closed',
      'order_not_payable',
      'order_expiring',
      'order_conflict',
      'too_many_attempts',
      'prepay_refused',
      'close_pending',
      'outcome_pending',
    ),
  },
});

const STATUSES = { open: 200, opened: 201, stuck: 202 } as const;

export const registerOpenAttempt: Route = (app, deps) => {
  app.openapi(route, async (c) => {
    const { attemptKey = null, ...payer } = c.req.valid('json');
    const ref = orderRefOf(c);
    const { attempt, order } = await openAttempt(useCaseDeps(deps), ref, { ...payer, attemptKey });
    return c.json(viewOf(deps, order), STATUSES[attempt]);
  });
};
