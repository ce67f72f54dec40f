import { z } from '@hono/zod-openapi';
import { REFUND_CAUSES, REFUND_STATES } from '../rules/states.js';
import { refundSaid } from '../../orders/api/order-schema.js';

/** What every call about one refund has in common: its path and its answer. */
export const refundParams = z.object({
  refundNo: z.string().openapi({
    param: { name: 'refundNo', in: 'path' },
    example: 'R-1001',
    description: "The shop's own number, or one of PaySaga's (`A-1001*2@return`), percent-encoded.",
  }),
});

/** Every 2xx of a refund call. */
const refundSchema = z
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

export const refundContent = (description: string) => ({
  description,
  content: { 'application/json': { schema: refundSchema } },
});
