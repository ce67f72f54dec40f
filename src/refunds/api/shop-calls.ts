import { createRoute, z } from '@hono/zod-openapi';
import { parseRefundNo } from '../../base/ids.js';
import { withheldRefund } from '../../approvals/rules/view.js';
import { refundAnswer } from '../../orders/rules/view.js';
import { createRefund } from '../use-cases/create.js';
import { requireAsked } from '../use-cases/refund.js';
import { askerOf } from '../../http/kit/actor.js';
import { problems } from '../../http/kit/problem.js';
import { bodyLike } from '../../http/kit/call.js';
import { amountSchema, parsedText, printableText } from '../../http/kit/fields.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';
import { orderRefOf, orderRequest } from '../../orders/api/order-call.js';
import { FUNDS_ACCOUNTS } from '../rules/source.js';
import { goodsFields } from '../../orders/api/sale-schema.js';
import { MAX_ORDER_FEN } from '../../base/money.js';
import { askedContent, refundRequest, refundRefOf, refundContent, withheldContent } from './refund-call.js';

export const registerRefundCalls: Route = (app, given) => {
  app.openapi(create, async (c) => {
    const { reason = null, ...asked } = c.req.valid('json');
    c.set('about', { refundNo: asked.refundNo });
    const ref = orderRefOf(c);
    const asker = askerOf(c.get('actor'), reason);
    const deps = { ...useCaseDeps(given), log: given.log.child({ requestId: c.get('requestId') }) };
    const created = await createRefund(deps, ref, { ...asked, reason }, asker);
    if (created.kind === 'refund') return c.json(refundAnswer(created.refund), created.isNew ? 201 : 200);
    const { approval } = created;
    return c.json(withheldRefund(approval), approval.status === 'pending' ? 202 : 200);
  });
  app.openapi(get, async (c) => {
    const ref = refundRefOf(c);
    const asked = await requireAsked(given.connection, ref);
    return c.json('refund' in asked ? refundAnswer(asked.refund) : withheldRefund(asked.approval), 200);
  });
};

const REASON_BYTES = 80;
const MAX_REFUNDED_GOODS = 100;

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
    fundsAccount: z.enum(FUNDS_ACCOUNTS).optional().openapi({
      description:
        'The account that pays it: `AVAILABLE`, or `UNSETTLED` for what has not been settled yet. Default: as WeChat Pay chooses.',
    }),
    goodsDetail: z
      .array(
        z.strictObject({
          ...goodsFields,
          unitPriceFen: z.int().min(0).max(MAX_ORDER_FEN),
          refundAmountFen: z.int().min(0).max(MAX_ORDER_FEN),
          refundQuantity: z.int().min(1).max(1_000_000),
        }),
      )
      .min(1)
      .max(MAX_REFUNDED_GOODS)
      .optional()
      .openapi({ description: "What goes back of the sale's `detail`; API v2 takes none." }),
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
    'The refundNo makes it safe to repeat: an equal body answers the same refund, another one `refund_conflict`. The money is held at once; WeChat Pay is asked afterwards, and the refund ends by itself. Up to 50 refunds of one payment, within 365 days. Where the merchant has set `approval`, a refund that brings what was asked for without an approval above its sum is answered 202, `approval_pending`: it holds no money and begins once another person approves it.',
  security: [{ apiKey: [] }],
  request: { ...orderRequest, body: bodyLike(createRefundSchema, EXAMPLES) },
  responses: {
    200: askedContent('A repeat: the refund as it is, or what an approver rejected.'),
    201: refundContent('Recorded, and its money held.'),
    202: withheldContent('It waits for the approval of another person; so does a repeat.'),
    ...problems(
      'order_not_found',
      'refund_above_limit',
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
  responses: {
    200: askedContent('The refund, or what waits for an approval or was rejected.'),
    ...problems('refund_not_found'),
  },
});
