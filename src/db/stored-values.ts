import { z } from 'zod';
import {
  parseMchid,
  parseOrderNo,
  parseOutRefundNo,
  parseOutTradeNo,
  type Mchid,
  type OrderNo,
  type OutRefundNo,
  type OutTradeNo,
} from '../base/ids.js';
import { parseFen, type Fen } from '../base/money.js';
import type { Result } from '../base/result.js';
import { answerText, refusedWith, type GatewayRefusal } from '../orders/rules/gateway-answer.js';

export const mchidOf = (value: string): Mchid => stored(parseMchid(value), 'mchid');
export const orderNoOf = (value: string): OrderNo => stored(parseOrderNo(value), 'order_no');
export const outTradeNoOf = (value: string): OutTradeNo => stored(parseOutTradeNo(value), 'out_trade_no');
export const outRefundNoOf = (value: string): OutRefundNo => stored(parseOutRefundNo(value), 'out_refund_no');
export const fenOf = (value: number): Fen => stored(parseFen(value), 'fen');

/** A row that no version of this program wrote: a broken invariant. Names the column, never the value. */
function stored<T>(parsed: Result<T, string>, column: string): T {
  if (!parsed.ok) throw new Error(`A stored ${column} is not valid`);
  return parsed.value;
}

/** Ids come from outside as text; what is no id of ours names no row, rather than making Postgres refuse the query. */
export const ROW_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const isUuid = (id: string): boolean => ROW_ID.test(id);

const text = z.string().nullable();

const gatewayRefusal: z.ZodType<GatewayRefusal> = z.object({
  status: z.number(),
  code: text,
  message: z.string(),
  detail: z.object({ field: text, issue: text }).nullable(),
});

/** Whether it is to be kept: a refusal stays when a later call gets an answer that leaves open what became of it. */
export function isNews(kept: unknown, answer: GatewayRefusal): boolean {
  const before = refusalOf(kept ?? null);
  if (before === null) return true;
  const displaces = refusedWith(before) === null || refusedWith(answer) !== null;
  return displaces && answerText(before) !== answerText(answer);
}

/** From a column that holds what the gateway answered. */
export const refusalOf = (column: unknown): GatewayRefusal | null =>
  column === null ? null : gatewayRefusal.parse(column);

/** Whether any of `facts` is another value in `standing`; times by what they say. */
export function differs<T extends object>(standing: T, facts: Partial<T>): boolean {
  return Object.entries(facts).some(([key, value]) => comparable(value) !== comparable(Reflect.get(standing, key)));
}

const comparable = (value: unknown): unknown => (value instanceof Date ? value.getTime() : value);
