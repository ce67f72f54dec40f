import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Db, Tx } from '../../db/connection.js';
import { operatorActions, refunds } from '../../db/schema.js';
import type { Sealed } from '../../orders/rules/sale.js';
import type { RefundRecord } from '../rules/record.js';
import { CARD_BANK_TYPES, FUNDS_ACCOUNTS, type PayerCard, type RefundSource } from '../rules/source.js';
import { isRefund, refundColumns, refundRecord, type RefundRef } from './record.js';

/** A refund with what only its apply is made of. */
export async function loadRefundToApply(
  db: Db | Tx,
  ref: RefundRef,
): Promise<(RefundRecord & { readonly source: RefundSource | null }) | undefined> {
  const [row] = await db.select({ refund: refundColumns, source: refunds.source }).from(refunds).where(isRefund(ref));
  return row && { ...refundRecord(row.refund), source: sourceOf(row.source) };
}

const text = z.string().optional();

const source: z.ZodType<RefundSource> = z.object({
  fundsAccount: z.enum(FUNDS_ACCOUNTS).optional(),
  goodsDetail: z
    .array(
      z.object({
        merchantGoodsId: z.string(),
        wechatpayGoodsId: text,
        goodsName: text,
        unitPriceFen: z.number(),
        refundAmountFen: z.number(),
        refundQuantity: z.number(),
      }),
    )
    .optional(),
});

export const sourceOf = (value: unknown): RefundSource | null => (value === null ? null : source.parse(value));

/**
 * The payer's card that a request named, whatever became of its row; null: the merchant's own. `requestId` is absent in histories that
 * knew no other card.
 */
export async function askedCard(db: Db | Tx, requestId: string | undefined): Promise<Sealed<PayerCard> | null> {
  if (requestId === undefined) return null;
  const { id, parameters } = operatorActions;
  const [row] = await db.select({ parameters }).from(operatorActions).where(eq(id, requestId));
  // Without it nobody knows whose card is meant: nothing is sent.
  if (row === undefined) throw new Error('A decision about a refund has no row');
  return asked.parse(row.parameters).card ?? null;
}

const asked = z.object({
  card: z
    .object({ serial: z.string(), bankType: z.enum(CARD_BANK_TYPES), bankAccount: z.string(), realName: z.string() })
    .optional(),
});
