import { z } from 'zod';

const fen = z.number();
const at = z.string();

const gateway = z
  .object({
    status: z.number(),
    code: z.string().nullable(),
    message: z.string(),
    detail: z.object({ field: z.string().nullable(), issue: z.string().nullable() }).nullable(),
  })
  .nullable();

const attempt = z.object({
  outTradeNo: z.string(),
  product: z.string(),
  state: z.string(),
  transactionId: z.string().nullable(),
  paidFen: fen,
  refundingFen: fen,
  refundedFen: fen,
  gateway,
});

export const refundAnswer = z.object({
  refundNo: z.string(),
  outTradeNo: z.string(),
  amountFen: fen,
  state: z.string(),
  cause: z.string(),
  reason: z.string().nullable(),
  gateway,
});
export type RefundAnswer = z.infer<typeof refundAnswer>;

export const orderAnswer = z.object({
  orderNo: z.string(),
  mchid: z.string(),
  state: z.string(),
  closedReason: z.string().nullable(),
  reviewReason: z.string().nullable(),
  stuckReason: z.string().nullable(),
  amountFen: fen,
  paidFen: fen,
  refundingFen: fen,
  refundedFen: fen,
  returnedFen: fen,
  fulfilment: z.string(),
  description: z.string(),
  createdAt: at,
  expiresAt: at,
  paidAt: at.nullable(),
  closedAt: at.nullable(),
  attempts: z.array(attempt),
  refunds: z.array(refundAnswer),
});
export type OrderAnswer = z.infer<typeof orderAnswer>;

export const stateOf = ({ state, closedReason, reviewReason }: OrderAnswer): string => {
  const reason = state === 'closed' ? closedReason : reviewReason;
  return reason === null ? state : `${state} (${reason})`;
};

export const explanation = z.object({
  since: at,
  nextStep: z.string(),
  nextAt: at.nullable(),
  lastAnswer: z.object({ api: z.string(), at, outcome: z.string(), gateway }).nullable(),
  attempts: z.number(),
  actor: z.enum(['nobody', 'payer', 'shop', 'operator', 'wechat']),
  commands: z.array(z.string()),
  waitingFor: z.string(),
  text: z.object({ zh: z.string(), en: z.string() }),
});
export type Explanation = z.infer<typeof explanation>;

export const eventAnswer = z.object({
  id: z.string(),
  type: z.string(),
  createdAt: at,
  deliveredAt: at.nullable(),
  deliveries: z.array(z.object({ status: z.number(), outcome: z.string() })),
});
export type EventAnswer = z.infer<typeof eventAnswer>;

export const orderDetail = orderAnswer.extend({ events: z.array(eventAnswer), explain: explanation });
export type OrderDetail = z.infer<typeof orderDetail>;

export const searchAnswer = z.object({
  items: z.array(z.object({ found: z.string(), mchid: z.string(), orderNo: z.string() })),
});

export const timelineAnswer = z.object({
  items: z.array(
    z.object({
      at,
      wechatAt: at.nullable(),
      source: z.string(),
      kind: z.string(),
      subject: z.string(),
      outcome: z.string().nullable(),
      amountFen: fen.nullable(),
      by: z.string().nullable(),
      reason: z.string().nullable(),
      detail: z.string().nullable(),
      gateway,
    }),
  ),
});
export type TimelineItem = z.infer<typeof timelineAnswer>['items'][number];
