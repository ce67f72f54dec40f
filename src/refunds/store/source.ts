import { and, eq, isNull } from 'drizzle-orm';
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

/** The payer's card that was named by who asked for it to go there, and whose request is open; null: the merchant's own. */
export async function askedCard(db: Db | Tx, { mchid, outRefundNo }: RefundRef): Promise<Sealed<PayerCard> | null> {
  const { action, finishedAt, parameters } = operatorActions;
  const isOpen = and(
    eq(operatorActions.mchid, mchid),
    eq(operatorActions.outRefundNo, outRefundNo),
    eq(action, 'abnormalRefund'),
    isNull(finishedAt),
  );
  const [row] = await db.select({ parameters }).from(operatorActions).where(isOpen);
  return (row && asked.parse(row.parameters).card) ?? null;
}

const asked = z.object({
  card: z
    .object({ serial: z.string(), bankType: z.enum(CARD_BANK_TYPES), bankAccount: z.string(), realName: z.string() })
    .optional(),
});
