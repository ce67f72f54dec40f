import { z } from 'zod';
import type { Store } from '../store/store.js';
import { couponSchema } from '../trade/trade.js';
import { signTypeSchema } from '../wire/v2/sign.js';

/** Times are ms since the epoch in business time. */
const refundSchema = z.object({
  mchid: z.string(),
  outRefundNo: z.string(),
  refundId: z.string(),
  outTradeNo: z.string(),
  transactionId: z.string(),
  /** The parsed request body; a repeat must bring the same. Absent: an external refund, made in the merchant platform. */
  request: z.string().optional(),
  /** The `Wechatpay-Serial` of the request; '' when it named none. */
  signingSerial: z.string(),
  /** The `sign_type` of the request over API v2, in which it is then told; absent: it came over API v3. */
  signType: signTypeSchema.optional(),
  notifyUrl: z.string().optional(),
  fundsAccount: z.string(),
  from: z.array(z.object({ account: z.string(), amount: z.number() })),
  totalFen: z.number(),
  refundFen: z.number(),
  /** The part of `refundFen` that goes back to the coupon and not to the payer. */
  discountFen: z.number(),
  coupon: couponSchema.optional(),
  /** The payer's charge in their own currency; absent: CNY. */
  payerTotalFen: z.number().optional(),
  createdAt: z.number(),
  status: z.enum(['PROCESSING', 'SUCCESS', 'ABNORMAL', 'CLOSED']),
  /** The status before the last change, which a stale replica still has; NONE: the refund does not exist there yet. */
  previousStatus: z.enum(['NONE', 'PROCESSING', 'ABNORMAL']),
  /** When the refund succeeds by itself; null: never. */
  dueAt: z.number().nullable(),
  succeededAt: z.number().optional(),
  closedAt: z.number().optional(),
  /** The last abnormal-refund call, and the account that the money goes to. */
  abnormalRefund: z.object({ request: z.string(), receivedBy: z.string() }).optional(),
});

export type Refund = z.infer<typeof refundSchema>;
export type SettledStatus = Exclude<Refund['status'], 'PROCESSING'>;

/** A closed refund gives the money back to the merchant; every other one holds it. */
export const holdsMoney = (refund: Refund): boolean => refund.status !== 'CLOSED';

/** The refund as a replica that missed the last change sees it; `undefined` when the last change made it. */
export function staleRefund(refund: Refund): Refund | undefined {
  if (refund.previousStatus === 'NONE') return undefined;
  return { ...refund, status: refund.previousStatus, succeededAt: undefined };
}

export type Refunds = ReturnType<typeof createRefunds>;

export function createRefunds(store: Store) {
  const table = store.table('refunds', refundSchema);
  const byRefundId = new Map<string, string>();
  const byTrade = new Map<string, Set<string>>();
  const index = (refund: Refund) => {
    const id = idOf(refund.mchid, refund.outRefundNo);
    const trade = idOf(refund.mchid, refund.outTradeNo);
    byRefundId.set(refund.refundId, id);
    byTrade.set(trade, (byTrade.get(trade) ?? new Set()).add(id));
  };
  for (const refund of table.values()) index(refund);
  return {
    find: (mchid: string, outRefundNo: string) => table.get(idOf(mchid, outRefundNo)),
    findByRefundId(mchid: string | undefined, refundId: string) {
      const refund = table.get(byRefundId.get(refundId) ?? '');
      return refund && (mchid ?? refund.mchid) === refund.mchid ? refund : undefined;
    },
    /** Oldest first, as `ofMerchant`. */
    ofTrade: (mchid: string, outTradeNo: string) =>
      [...(byTrade.get(idOf(mchid, outTradeNo)) ?? [])].flatMap((id) => table.get(id) ?? []),
    ofMerchant: (mchid: string) => [...table.values()].filter((refund) => refund.mchid === mchid),
    /** All merchants' refunds that will succeed by themselves. */
    waiting: () => [...table.values()].filter((refund) => refund.dueAt !== null),
    put: (refund: Refund) => table.put(idOf(refund.mchid, refund.outRefundNo), refund, () => index(refund)),
  };
}

const idOf = (mchid: string, number: string): string => `${mchid}/${number}`;
