import { createHash } from 'node:crypto';
import { firstOutTradeNo, MAX_OUT_TRADE_NO, type OrderNo, type OutTradeNo } from '../base/ids.js';
import { outTradeNoOf } from './stored-ids.js';

/**
 * The number of an order's nth attempt at WeChat Pay, from 1: the orderNo itself, later ones with `*n` behind it. Where that would
 * be too long a digest takes the orderNo's place, behind a `*` of its own: no orderNo holds one, so the numbers of two orders
 * differ. Postgres checks the same rule.
 */
export function nthOutTradeNo(orderNo: OrderNo, n: number): OutTradeNo {
  if (n === 1) return firstOutTradeNo(orderNo);
  const suffix = `*${n}`;
  const isShort = orderNo.length + suffix.length <= MAX_OUT_TRADE_NO;
  return outTradeNoOf(`${isShort ? orderNo : `*${digestOf(orderNo)}`}${suffix}`);
}

/** 168 bits in WeChat Pay's letters. */
const digestOf = (orderNo: OrderNo): string => createHash('sha256').update(orderNo).digest('base64url').slice(0, 28);
