import { z } from '@hono/zod-openapi';
import type { Mchid } from '../../base/ids.js';
import { REFUND_CAUSES, REFUND_STATES } from '../rules/states.js';
import { refundSaid } from '../../orders/api/order-schema.js';
import { WITHHELD_STATES } from '../../approvals/rules/view.js';
import { answer, mchidQuery } from '../../http/kit/call.js';

const params = z.object({
  refundNo: z.string().openapi({
    param: { name: 'refundNo', in: 'path' },
    example: 'R-1001',
    description: "The shop's own number, or one of PaySaga's (`A-1001*2@return`), percent-encoded.",
  }),
});

export const refundRequest = { params, query: mchidQuery };

type RefundCall = {
  readonly var: { readonly mchid: Mchid };
  readonly req: { valid(target: 'param'): { refundNo: string } };
};

export const refundRefOf = (c: RefundCall) => ({ mchid: c.var.mchid, refundNo: c.req.valid('param').refundNo });

export const refundSchema = z
  .strictObject({
    refundNo: z.string(),
    orderNo: z.string(),
    mchid: z.string(),
    outTradeNo: z.string().openapi({ description: 'The attempt whose money goes back.' }),
    amountFen: z.int().min(1),
    state: z.enum(REFUND_STATES).openapi({
      description: 'Final are `succeeded`, and `rejected` and `closed`, after which the money is free again.',
    }),
    cause: z.enum(REFUND_CAUSES),
    reason: z.string().nullable(),
    ...refundSaid,
    offline: z.boolean().openapi({ description: 'Paid back outside WeChat Pay, as an operator said.' }),
    createdAt: z.iso.datetime(),
    succeededAt: z.iso.datetime().nullable(),
  })
  .openapi('Refund');

export const refundContent = (description: string) => answer(description, refundSchema);

const withheldSchema = z
  .strictObject({
    refundNo: z.string(),
    orderNo: z.string(),
    mchid: z.string(),
    amountFen: z.int().min(1),
    state: z.enum(WITHHELD_STATES).openapi({
      description: 'Nothing went back and nothing is held. After `approval_rejected` the number is used up.',
    }),
    reason: z.string().nullable(),
    approvalId: z.string().openapi({ description: 'As `GET /v1/approvals` lists it.' }),
    createdAt: z.iso.datetime(),
    decidedAt: z.iso.datetime().nullable(),
  })
  .openapi('WithheldRefund', {
    description: 'A refund that is not begun: another person has to approve it, or rejected it.',
  });

const withheldExample = {
  refundNo: 'R-1001',
  orderNo: 'A-1001',
  mchid: '1900000001',
  amountFen: 128_000,
  state: 'approval_pending',
  reason: 'goods sent back',
  approvalId: '5b6d0a6e-3f0e-4d52-9d62-0f6f4f7a9b10',
  createdAt: '2026-11-29T05:00:00.000Z',
  decidedAt: null,
} satisfies z.input<typeof withheldSchema>;

export const withheldContent = (description: string) => ({
  description,
  content: {
    'application/json': { schema: withheldSchema, examples: { approval_pending: { value: withheldExample } } },
  },
});

export const askedContent = (description: string) => answer(description, z.union([refundSchema, withheldSchema]));
