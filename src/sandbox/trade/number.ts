import { randomInt } from 'node:crypto';
import { beijingTime } from '../store/clock.js';

/** What WeChat Pay takes as `out_trade_no`. */
export const outTradeNoPattern = /^[0-9A-Za-z_\-|*]{6,32}$/;

/** What it takes as `out_refund_no`. */
export const outRefundNoPattern = /^[0-9A-Za-z_\-|*@]{1,64}$/;

/** 28 digits beginning with 42000 and with the Beijing date inside, as in production. */
export function newTransactionId(now: number): string {
  return `42000${digits(5)}${beijingDate(now)}${digits(10)}`;
}

/** 29 digits beginning with 50 and with the Beijing date inside, as in production. */
export function newRefundId(now: number): string {
  return `503${digits(7)}${beijingDate(now)}${digits(11)}`;
}

/** Up to 14 random ones. */
export function digits(count: number): string {
  return String(randomInt(10 ** count)).padStart(count, '0');
}

function beijingDate(now: number): string {
  return beijingTime(now).slice(0, 10).replaceAll('-', '');
}
