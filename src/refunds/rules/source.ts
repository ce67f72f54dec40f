import type { Goods } from '../../orders/rules/sale.js';

/** WeChat Pay's words: what has not been settled yet, or the merchant's available balance. */
export const FUNDS_ACCOUNTS = ['AVAILABLE', 'UNSETTLED'] as const;
export type FundsAccount = (typeof FUNDS_ACCOUNTS)[number];

/** From which account a refund is paid, and for which goods; WeChat Pay alone reads it. */
export type RefundSource = {
  readonly fundsAccount?: FundsAccount | undefined;
  readonly goodsDetail?: readonly RefundedGoods[] | undefined;
};

export type RefundedGoods = Goods & {
  readonly unitPriceFen: number;
  readonly refundAmountFen: number;
  readonly refundQuantity: number;
};

/** The debit cards that an abnormal refund can go to, by WeChat Pay's `bank_type`. */
export const CARD_BANK_TYPES = [
  'CMB_DEBIT',
  'COMM_DEBIT',
  'ABC_DEBIT',
  'CCB_DEBIT',
  'ICBC_DEBIT',
  'BOC_DEBIT',
  'PAB_DEBIT',
  'SPDB_DEBIT',
  'CITIC_DEBIT',
  'CEB_DEBIT',
  'CMBC_DEBIT',
  'CIB_DEBIT',
  'GDB_DEBIT',
  'PSBC_DEBIT',
  'NBCB_DEBIT',
] as const;

/** The payer's own bank card. */
export type PayerCard = {
  readonly bankType: (typeof CARD_BANK_TYPES)[number];
  readonly bankAccount: string;
  readonly realName: string;
};
