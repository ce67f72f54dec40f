import type { Brand } from './brand.js';
import { err, ok, type Result } from './result.js';

/** Money in fen, 1/100 yuan: a safe non-negative integer. The only currency is CNY. */
export type Fen = Brand<number, 'Fen'>;

/** The most one order may cost: 10,000,000 yuan. */
export const MAX_ORDER_FEN = 1_000_000_000;

/** 0 included; refuses fractions, negatives and what a double cannot hold exactly. */
export function parseFen(value: number): Result<Fen, 'not_fen'> {
  return Number.isSafeInteger(value) && value >= 0 ? ok(value as Fen) : err('not_fen');
}

export function parseOrderAmount(value: number): Result<Fen, 'amount_out_of_range'> {
  const parsed = parseFen(value);
  return parsed.ok && value >= 1 && value <= MAX_ORDER_FEN ? parsed : err('amount_out_of_range');
}

/** For people only, never for arithmetic: `1205` fen → `¥12.05`. */
export function formatYuan(amountFen: number): string {
  const sign = amountFen < 0 ? '-' : '';
  const fen = Math.abs(amountFen);
  return `${sign}¥${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}

/** As {@link formatYuan}, for pages: `¥1,234.50` in both languages. */
export const formatAmount = (amountFen: number): string => formatYuan(amountFen).replace(/\B(?=(\d{3})+\.)/g, ',');
