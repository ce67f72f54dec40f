import { randomInt } from 'node:crypto';
import { compactTime } from '../store/clock.js';

export const outTradeNoPattern = /^[0-9A-Za-z_\-|*]{6,32}$/;
export const outRefundNoPattern = /^[0-9A-Za-z_\-|*@]{1,64}$/;

/** 28 digits beginning with 42000 and with the Beijing date inside, as in production. */
export const newTransactionId = (now: number): string => `42000${digits(5)}${beijingDate(now)}${digits(10)}`;

/** 29 digits beginning with 50 and with the Beijing date inside, as in production. */
export const newRefundId = (now: number): string => `503${digits(7)}${beijingDate(now)}${digits(11)}`;

/** Random digits, up to 14. */
export const digits = (count: number): string => String(randomInt(10 ** count)).padStart(count, '0');

const beijingDate = (now: number): string => compactTime(now).slice(0, 8);
