import { createRoute, z } from '@hono/zod-openapi';
import { closeOrder } from '../use-cases/close.js';
import { reportFulfilment } from '../use-cases/fulfilment.js';
import { openAttempt } from '../use-cases/open-attempt.js';
import { requireOrder } from '../use-cases/order.js';
import { syncOrder } from '../use-cases/sync.js';
import { askerOf, isStillValid } from '../../http/kit/actor.js';
import { problems } from '../../http/kit/problem.js';
import { bodyLike } from '../../http/kit/call.js';
import { eventStream } from '../../http/kit/event-stream.js';
import { reasonSchema } from '../../http/kit/fields.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';
import { orderRequest, isBeingCharged, orderRefOf, orderContent, viewOf } from './order-call.js';
import { payerFields, requirePayer } from './payer-schema.js';

export const registerShopCalls: Route = (app, given) => {
  const deps = useCaseDeps(given);
  app.openapi(openAttemptRoute, async (c) => {
    const { attemptKey = null, ...payer } = c.req.valid('json');
    const { attempt, order } = await openAttempt(deps, orderRefOf(c), { ...payer, attemptKey });
    return c.json(viewOf(given, order), isBeingCharged(order) ? 202 : STATUSES[attempt]);
  });
  app.openapi(sync, async (c) => {
    return c.json(viewOf(given, await syncOrder(deps, orderRefOf(c))), 200);
  });
  app.openapi(close, async (c) => {
    const { reason = null } = c.req.valid('json');
    const ref = orderRefOf(c);
    const { order, pending } = await closeOrder(deps, ref, askerOf(c.get('actor'), reason));
    return pending ? c.json(viewOf(given, order), 202) : c.json(viewOf(given, order), 200);
  });
  app.openapi(fulfilment, async (c) => {
    const { outcome, reason = null } = c.req.valid('json');
    const ref = orderRefOf(c);
    const order = await reportFulfilment(deps, ref, outcome, askerOf(c.get('actor'), reason));
    return c.json(viewOf(given, order), 200);
  });
  app.openapi(stream, async (c) => {
    const { mchid, orderNo } = await requireOrder(given.connection, orderRefOf(c));
    const actor = c.get('actor');
    return eventStream(c, {
      event: 'order',
      heartbeatMs: given.streamHeartbeatMs ?? HEARTBEAT_MS,
      stopping: given.stopping,
      log: given.log,
      takeSeat: () => given.takeStreamSeat(actor),
      subscribe: (listener) => given.changes.subscribe({ mchid, orderNo }, listener),
      isAllowed: () => isStillValid(given.connection.db, actor),
      read: async () => {
        const order = await requireOrder(given.connection, { mchid, orderNo });
        return { id: String(order.version), data: JSON.stringify(viewOf(given, order)) };
      },
    });
  });
};

const HEARTBEAT_MS = 15_000;

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

const ATTEMPT_EXAMPLES = {
  h5: { value: { attemptKey: 'on-the-phone', product: 'h5', clientIp: '203.0.113.9' } },
} as const;

const openAttemptRoute = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/attempts',
  operationId: 'openAttempt',
  tags: ['Orders'],
  summary: 'Let the payer pay in another way, or with a fresh code',
  description:
    'Parameters equal to the open attempt re-enter it: the same outTradeNo, with a fresh code if the old one has less than 60 s left. Others close the open attempt first, and open a new number only when it is confirmed closed. Of a merchant on API v2 no attempt can be closed in the first 5 minutes after its prepay: until then the call is answered 409 `close_too_early`, records nothing, and `Retry-After` says in how many seconds to repeat it.',
  security: [{ apiKey: [] }],
  request: { ...orderRequest, body: bodyLike(openAttemptSchema, ATTEMPT_EXAMPLES) },
  responses: {
    200: orderContent('The attempt is open already, or has a fresh code.'),
    201: orderContent('A new attempt is open.'),
    202: orderContent(
      'Recorded; somebody must repair something first, see `stuckReason`, or WeChat Pay has not said yet what became of the charge.',
    ),
    ...problems(
      'order_not_found',
      'order_closed',
      'order_not_payable',
      'order_expiring',
      'order_conflict',
      'too_many_attempts',
      'prepay_refused',
      'charge_refused',
      'close_too_early',
      'close_pending',
      'outcome_pending',
    ),
  },
});

const STATUSES = { open: 200, opened: 201, stuck: 202 } as const;

const sync = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/sync',
  operationId: 'syncOrder',
  tags: ['Orders'],
  summary: 'The payer came back: ask WeChat Pay now',
  description: 'At most one query per 5 s and order, else the last answer.',
  security: [{ apiKey: [] }],
  request: orderRequest,
  responses: { 200: orderContent('The order after the answer.'), ...problems('order_not_found', 'outcome_pending') },
});

const closeSchema = z.strictObject({ reason: reasonSchema.optional() }).openapi('CloseOrder');

const CLOSE_EXAMPLES = { withReason: { value: { reason: 'The payer changed their mind' } } } as const;

const close = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/close',
  operationId: 'closeOrder',
  tags: ['Orders'],
  summary: 'Close an order nobody should pay any more',
  description: 'Asks WeChat Pay, closes, and asks again. A payment that arrives meanwhile wins.',
  security: [{ apiKey: [] }],
  request: { ...orderRequest, body: bodyLike(closeSchema, CLOSE_EXAMPLES, false) },
  responses: {
    200: orderContent('Closed.'),
    202: orderContent('Recorded and going on; not confirmed closed within 8 s.'),
    ...problems('order_not_found', 'order_paid', 'order_not_payable'),
  },
});

const fulfilmentSchema = z
  .strictObject({ outcome: z.enum(['fulfilled', 'rejected']), reason: reasonSchema.optional() })
  .openapi('ReportFulfilment');

const FULFILMENT_EXAMPLES = {
  fulfilled: { value: { outcome: 'fulfilled' } },
  rejected: { value: { outcome: 'rejected', reason: 'Out of stock' } },
} as const;

const fulfilment = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/fulfilment',
  operationId: 'reportFulfilment',
  tags: ['Orders'],
  summary: 'Say whether the goods of a paid order are delivered',
  description:
    'For an order whose policy requires it. `rejected` gives back what was paid and is not back yet. What is said first stands.',
  security: [{ apiKey: [] }],
  request: { ...orderRequest, body: bodyLike(fulfilmentSchema, FULFILMENT_EXAMPLES) },
  responses: {
    200: orderContent('Recorded, or said before.'),
    ...problems(
      'order_not_found',
      'order_not_paid',
      'fulfilment_not_expected',
      'fulfilment_final',
      'refund_above_limit',
      'outcome_pending',
    ),
  },
});

const stream = createRoute({
  method: 'get',
  path: '/v1/orders/{orderNo}/stream',
  operationId: 'streamOrder',
  tags: ['Orders'],
  summary: "Follow an order's changes",
  description:
    'Server-sent events named `order`: the current state first, then one per change; the id is `version`, the data the order. With `Last-Event-ID` the first is left out if it is known. A comment comes every 15 s. A key may have 1,024 streams open at one ingress, those of events included; one more is answered 429 `rate_limited` with `Retry-After`.',
  security: [{ apiKey: [] }],
  request: orderRequest,
  responses: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems('order_not_found'),
  },
});
