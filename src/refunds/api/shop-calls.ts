import { createRoute, z } from '@hono/zod-openapi';
import { parseRefundNo } from '../../base/ids.js';
import { refundAnswer } from '../../orders/rules/view.js';
import { createRefund } from '../use-cases/create.js';
import { requireRefund } from '../use-cases/refund.js';
import { actorLabel } from '../../http/kit/actor.js';
import { problems } from '../../http/kit/problem.js';
import { bodyLike } from '../../http/kit/call.js';
import { amountSchema, parsedText, printableText } from '../../http/kit/fields.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';
import { orderRefOf, orderRequest } from '../../orders/api/order-call.js';
import { refundRequest, refundRefOf, refundContent } from './refund-call.js';

export const registerRefundCalls: Route = (app, given) => {
  app.openapi(create, async (c) => {
    const { refundNo, amountFen, reason = null } = c.req.valid('json');
    c.set('about', { refundNo });
    const ref = orderRefOf(c);
    const actor = c.get('actor');
    const asker = actor.kind === 'operator' ? { actor: actorLabel(actor), reason } : null;
    const deps = { ...useCaseDeps(given), log: given.log.child({ requestId: c.get('requestId') }) };
    const { refund, isNew } = await createRefund(deps, ref, { refundNo, amountFen, reason }, asker);
    return c.json(refundAnswer(refund), isNew ? 201 : 200);
  });
  app.openapi(get, async (c) => {
    const ref = refundRefOf(c);
    return c.json(refundAnswer(await requireRefund(given.connection, ref)), 200);
  });
};

const REASON_BYTES = 80;

const refundNoSchema = parsedText(parseRefundNo, 'must be 1 to 64 of 0-9A-Za-z_-').openapi({
  type: 'string',
  pattern: '^[0-9A-Za-z_-]{1,64}$',
  description:
    "The shop's own number: 1 to 64 characters, each a letter, a digit, `-` or `_`. Unique per mchid, and what makes a repeat safe.",
});

const createRefundSchema = z
  .strictObject({
    refundNo: refundNoSchema,
    amountFen: amountSchema,
    reason: printableText(REASON_BYTES)
      .optional()
      .openapi({ description: `Shown to the payer by WeChat Pay; at most ${REASON_BYTES} bytes of UTF-8.` }),
  })
  .openapi('CreateRefund');

const EXAMPLES = {
  part: { value: { refundNo: 'R-1001', amountFen: 200, reason: 'Sold out in part' } },
} as const;

const create = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/refunds',
  operationId: 'createRefund',
  tags: ['Refunds'],
  summary: 'Give money of a paid order back, or repeat a refund',
  description:
    'The refundNo makes it safe to repeat: an equal body answers the same refund, another one `refund_conflict`. The money is held at once; WeChat Pay is asked afterwards, and the refund ends by itself. Up to 50 refunds of one payment, within 365 days.',
  security: [{ apiKey: [] }],
  request: { ...orderRequest, body: bodyLike(createRefundSchema, EXAMPLES) },
  responses: {
    200: refundContent('A repeat: the refund as it is.'),
    201: refundContent('Recorded, and its money held.'),
    ...problems(
      'order_not_found',
      'refund_conflict',
      'order_not_paid',
      'order_in_review',
      'refund_exceeds_paid',
      'refund_limit_reached',
      'refund_too_old',
    ),
  },
});

const get = createRoute({
  method: 'get',
  path: '/v1/refunds/{refundNo}',
  operationId: 'getRefund',
  tags: ['Refunds'],
  summary: "One refund, the shop's or PaySaga's own",
  security: [{ apiKey: [] }],
  request: refundRequest,
  responses: { 200: refundContent('The refund.'), ...problems('refund_not_found') },
});
