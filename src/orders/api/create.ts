import { createRoute, z } from '@hono/zod-openapi';
import { ORDER_NO_PATTERN, parseOrderNo } from '../../base/ids.js';
import { createOrder } from '../use-cases/create.js';
import { problems } from '../../http/kit/problem.js';
import { payerFields, requirePayer } from './payer-schema.js';
import { saleFields } from './sale-schema.js';
import { bodyLike, mchidQuery } from '../../http/kit/call.js';
import { amountSchema, parsedText, printableText, readableObject } from '../../http/kit/fields.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';
import { isBeingCharged, orderContent, viewOf } from './order-call.js';
import { returnUrlSchema } from './return-url.js';

const METADATA_BYTES = 4096;

const fulfilmentSchema = z
  .strictObject({
    required: z.boolean(),
    deadlineSeconds: z
      .int()
      .min(60)
      .max(2_592_000)
      .optional()
      .openapi({ description: 'From when the shop was told that the order is paid. Needed for `required: true`.' }),
    onDeadline: z.enum(['refund', 'review']).optional().openapi({ description: 'Default `refund`.' }),
  })
  .superRefine(({ required, deadlineSeconds, onDeadline }, ctx) => {
    if (required && deadlineSeconds === undefined) {
      ctx.addIssue({ code: 'custom', path: ['deadlineSeconds'], message: 'is needed for required: true' });
    }
    if (!required && (deadlineSeconds ?? onDeadline) !== undefined) {
      ctx.addIssue({ code: 'custom', message: 'deadlineSeconds and onDeadline are only for required: true' });
    }
  })
  .openapi('FulfilmentPolicy', {
    description:
      'Whether the shop says, by `POST …/fulfilment`, that the goods of a paid order are delivered. If it rejects them, or was told and says nothing until the deadline, the money goes back, or a person decides.',
  });

const policySchema = z
  .strictObject({
    latePayment: z.enum(['refund', 'accept', 'review']).optional().openapi({
      description:
        'What becomes of money that arrives after the order was closed: it goes back, the order becomes paid after all, or a person decides.',
    }),
    fulfilment: fulfilmentSchema.optional(),
  })
  .openapi('Policy');

const orderNoSchema = parsedText(parseOrderNo, 'must be 6 to 32 of 0-9A-Za-z_-').openapi({
  type: 'string',
  pattern: ORDER_NO_PATTERN,
  description:
    "The shop's own number: 6 to 32 characters, each a letter, a digit, `-` or `_`; upper and lower case are two numbers. Unique per mchid, and what makes a repeat safe. At WeChat Pay it is the first `outTradeNo`, so it is never used again, not even after the order was closed.",
});

export const createOrderSchema = z
  .strictObject({
    orderNo: orderNoSchema,
    amountFen: amountSchema,
    description: printableText(127),
    ...payerFields,
    expiresInSeconds: z.int().min(60).max(604_800).default(7200),
    attach: printableText(128)
      .optional()
      .openapi({ description: 'At most 128 bytes of UTF-8; of a merchant on API v2, 127.' }),
    metadata: readableObject
      .refine(
        (value) => Buffer.byteLength(JSON.stringify(value)) <= METADATA_BYTES,
        `must be at most ${METADATA_BYTES} bytes of JSON`,
      )
      .optional()
      .openapi({
        description: `Any JSON object, at most ${METADATA_BYTES} bytes; returned as it is, its keys perhaps in another order.`,
      }),
    ...saleFields,
    returnUrl: returnUrlSchema.optional(),
    policy: policySchema.optional(),
  })
  .superRefine(requirePayer)
  .openapi('CreateOrder');

const BOUGHT = { orderNo: 'TILL-1001', amountFen: 1_200, description: 'A cup of tea' };

const EXAMPLES = {
  native: { value: { ...BOUGHT, product: 'native' } },
  codeScan: {
    value: {
      ...BOUGHT,
      product: 'codeScan',
      payer: { authCode: '131234567890123456' },
      device: { id: 'till-1', ip: '203.0.113.7' },
      store: { outId: 'shop-7' },
    },
  },
} as const;

const route = createRoute({
  method: 'post',
  path: '/v1/orders',
  operationId: 'createOrder',
  tags: ['Orders'],
  summary: 'Create an order, or repeat a creation',
  description:
    'The orderNo makes it safe to repeat: an equal body answers the same order, another one `order_conflict`. Waits up to 8 s for WeChat Pay; after that, while Temporal is away, and while somebody has to repair the configuration, 202: it goes on by itself. `codeScan` charges the payer at once: 201 `paid`; 202 `awaitingPayment` while the payer types the password or nobody knows yet (asked every 5 s, after 45 s reversed); 422 `charge_refused`, after which `POST …/attempts` takes the next code.',
  security: [{ apiKey: [] }],
  request: {
    query: mchidQuery,
    body: bodyLike(createOrderSchema, EXAMPLES),
  },
  responses: {
    200: orderContent('A repeat: the order as it is.'),
    201: orderContent('Created, with the codes in `attempts[0]`.'),
    202: orderContent(
      'Recorded; WeChat Pay has not given a code yet, or has not said yet what became of the charge. `stuckReason` says if somebody must act.',
    ),
    ...problems('order_conflict', 'prepay_refused', 'charge_refused'),
  },
});

export const registerCreateOrder: Route = (app, deps) => {
  app.openapi(route, async (c) => {
    const body = c.req.valid('json');
    c.set('about', { orderNo: body.orderNo });
    const { order, isNew } = await createOrder(useCaseDeps(deps), c.get('mchid'), body);
    const view = viewOf(deps, order);
    if (order.state === 'creating' || isBeingCharged(order)) return c.json(view, 202);
    return isNew ? c.json(view, 201) : c.json(view, 200);
  });
};
