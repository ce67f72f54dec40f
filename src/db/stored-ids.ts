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
