import { z } from '@hono/zod-openapi';
import {
  ATTEMPT_STATES,
  CLOSED_REASONS,
  ENDINGS,
  FULFILMENT_STATES,
  ORDER_STATES,
  REVIEW_REASONS,
  STUCK_REASONS,
} from '../rules/states.js';
import { PRODUCTS } from '../rules/product.js';
import { REFUND_CAUSES, REFUND_STATES } from '../../refunds/rules/states.js';
import { gatewaySchema, orNull } from '../../http/kit/fields.js';

const fen = z.int().min(0);
const at = z.iso.datetime();
const said = z.string().nullable();

export const refundSaid = {
  refundId: said.openapi({ description: "WeChat Pay's number." }),
  channel: said,
  receivedAccount: said.openapi({ description: 'Where the money went, as WeChat Pay puts it.' }),
  acceptedAt: at.nullable(),
  gateway: orNull(gatewaySchema),
};

export const attemptSchema = z
  .strictObject({
    outTradeNo: z.string(),
    product: z.enum(PRODUCTS),
    state: z.enum(ATTEMPT_STATES),
    codeUrl: z.string().nullable().openapi({ description: 'What a `native` payer scans.' }),
    prepayId: z.string().nullable(),
    h5Url: z.string().nullable(),
    invoke: orNull(z.record(z.string(), z.string()).openapi('Invoke')).openapi({
      description: 'Signed parameters for `jsapi`, `miniProgram` and `app`, fresh in each answer; only while open.',
    }),
    codeExpiresAt: at.nullable(),
    transactionId: z.string().nullable(),
    paidFen: fen.openapi({ description: "What a query confirmed at WeChat Pay, whatever the order's state." }),
    refundedFen: fen,
    refundingFen: fen,
    gateway: orNull(gatewaySchema),
  })
  .openapi('Attempt');

export const refundSchema = z
  .strictObject({
    refundNo: z.string(),
    outTradeNo: z.string(),
    amountFen: fen,
    state: z.enum(REFUND_STATES),
    cause: z.enum(REFUND_CAUSES),
    reason: z.string().nullable(),
    ...refundSaid,
  })
  .openapi('RefundOfOrder');

/** Every 2xx of an order call. Absent is `null`; amounts are fen; attempts are in the order of their numbers. */
export const orderSchema = z
  .strictObject({
    orderNo: z.string(),
    mchid: z.string(),
    version: z.int().openapi({ description: 'Grows with every visible change; the id of stream events.' }),
    state: z.enum(ORDER_STATES),
    closedReason: z.enum(CLOSED_REASONS).nullable(),
    reviewReason: z.enum(REVIEW_REASONS).nullable(),
    ending: z
      .enum(ENDINGS)
      .nullable()
      .openapi({ description: 'A close is under way, and what it ends in unless money is found.' }),
    stuckReason: z.enum(STUCK_REASONS).nullable(),
    amountFen: fen,
    currency: z.literal('CNY'),
    paidFen: fen,
    payerFen: fen.nullable().openapi({ description: 'Paid less coupons; `null` for a payer in another currency.' }),
    payer: orNull(z.strictObject({ openid: said, bankType: said }).openapi('OrderPayer')).openapi({
      description: 'Of the attempt that made it paid, as is all of what follows.',
    }),
    tradeType: said,
    payerCurrency: said,
    payerAmount: fen.nullable().openapi({ description: "In the smallest unit of the payer's currency." }),
    coupons: z.array(
      z
        .strictObject({ couponId: said, name: said, scope: said, type: said, amountFen: fen.nullable() })
        .openapi('Coupon'),
    ),
    couponsLeftOut: z.int().openapi({
      description:
        'How many more coupons WeChat Pay named: `coupons` holds those it could read of the first 20. What all of them gave is `paidFen` less `payerFen`.',
    }),
    refundedFen: fen,
    refundingFen: fen,
    returnedFen: fen,
    fulfilment: z.enum(FULFILMENT_STATES),
    description: z.string(),
    attach: z.string().nullable(),
    metadata: orNull(z.record(z.string(), z.unknown()).openapi('Metadata')),
    returnUrl: said,
    expiresAt: at,
    createdAt: at,
    paidAt: at.nullable(),
    closedAt: at.nullable(),
    checkoutUrl: z.string(),
    attempts: z.array(attemptSchema),
    refunds: z.array(refundSchema).openapi({ description: 'In the order in which they were asked for.' }),
  })
  .openapi('Order');

export type AttemptView = z.infer<typeof attemptSchema>;
export type OrderView = z.infer<typeof orderSchema>;
