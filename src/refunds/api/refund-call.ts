import { z } from '@hono/zod-openapi';
import type { Mchid } from '../../base/ids.js';
import { REFUND_CAUSES, REFUND_STATES } from '../rules/states.js';
import { refundSaid } from '../../orders/api/order-schema.js';
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
