import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { parseRefundNo } from '../../base/ids.js';
import { refundAnswer } from '../../orders/rules/view.js';
import { createRefund } from '../use-cases/create.js';
import { requireRefund } from '../use-cases/refund.js';
import { amountSchema } from '../../http/kit/fields.js';
import { actorLabel } from '../../http/kit/actor.js';
import { useCaseDeps, type IngressDeps } from '../../http/kit/route.js';
import type { IngressEnv } from '../../http/kit/route.js';
import { mchidQuery, orderParams } from '../../orders/api/order-call.js';
import { problems } from '../../http/kit/problem.js';
import { printableText } from '../../http/kit/fields.js';
import { refundContent, refundParams } from './refund-call.js';

/** Refunds that a shop asks for, and any refund as it stands. */
export function registerRefundCalls(app: OpenAPIHono<IngressEnv>, given: IngressDeps): void {
  app.openapi(create, async (c) => {
    const { refundNo, amountFen, reason = null } = c.req.valid('json');
    c.set('about', { refundNo });
    const ref = { mchid: c.get('mchid'), orderNo: c.req.valid('param').orderNo };
    const actor = c.get('actor');
    const asker = actor.kind === 'operator' ? { actor: actorLabel(actor), reason } : null;
    const deps = { ...useCaseDeps(given), log: given.log.child({ requestId: c.get('requestId') }) };
    const { refund, isNew } = await createRefund(deps, ref, { refundNo, amountFen, reason }, asker);
    return c.json(refundAnswer(refund), isNew ? 201 : 200);
  });
  app.openapi(get, async (c) => {
    const ref = { mchid: c.get('mchid'), refundNo: c.req.valid('param').refundNo };
    return c.json(refundAnswer(await requireRefund(given.connection, ref)), 200);
  });
}

const REASON_BYTES = 80;

const refundNoSchema = z
  .string()
  .transform((text, ctx) => {
    const parsed = parseRefundNo(text);
    if (parsed.ok) return parsed.value;
    ctx.addIssue({ code: 'custom', message: 'must be 1 to 64 of 0-9A-Za-z_-' });
    return z.NEVER;
  })
  .openapi({
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

const create = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/refunds',
  operationId: 'createRefund',
  tags: ['Refunds'],
  summary: 'Give money of a paid order back, or repeat a refund',
  description:
    'The refundNo makes it safe to repeat: an equal body answers the same refund, another one `refund_conflict`. The money is held at once; WeChat Pay is asked afterwards, and the refund ends by itself. Up to 50 refunds of one payment, within 365 days.',
  security: [{ apiKey: [] }],
  request: {
    params: orderParams,
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: createRefundSchema } } },
  },
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
  request: { params: refundParams, query: mchidQuery },
  responses: { 200: refundContent('The refund.'), ...problems('refund_not_found') },
});
