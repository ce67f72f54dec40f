import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { OrderRecord } from '../orders/rules/record.js';
import { parseMchid, type Mchid, type OrderNo } from '../base/ids.js';
import { err, ok, type Result } from '../base/result.js';

/** A payer who comes back the next day still learns the outcome. */
const AFTER_THE_END_MS = 24 * 3_600_000;

/** Never logged: it opens the order to its bearer. */
export function checkoutUrl(
  publicUrl: string,
  key: CheckoutKey,
  order: Pick<OrderRecord, 'mchid' | 'orderNo' | 'expiresAt'>,
): string {
  const token = checkoutToken(key, { mchid: order.mchid, orderNo: order.orderNo, expiresAt: opensUntil(order) });
  return `${publicUrl.replace(/\/+$/, '')}/pay/${order.orderNo}?t=${token}`;
}

/** When the link of an order ends. */
export const opensUntil = ({ expiresAt }: Pick<OrderRecord, 'expiresAt'>): Date =>
  new Date(expiresAt.getTime() + AFTER_THE_END_MS);

export type CheckoutKey = KeyObject | Uint8Array;

const MAC_BYTES = 32;

/** Opens one order's checkout page until `expiresAt` (whole seconds), and nothing else. */
export function checkoutToken(key: CheckoutKey, claim: { mchid: Mchid; orderNo: OrderNo; expiresAt: Date }): string {
  const expirySeconds = Math.floor(claim.expiresAt.getTime() / 1000);
  const readable = Buffer.from(`${expirySeconds}.${claim.mchid}`);
  return Buffer.concat([macOf(key, claim.mchid, claim.orderNo, expirySeconds), readable]).toString('base64url');
}

/** The token's mchid. Only a genuine token is `expired`. */
export function verifyCheckoutToken(
  key: CheckoutKey,
  token: string,
  presented: { orderNo: OrderNo; now: Date },
): Result<Mchid, 'forged' | 'expired'> {
  const bytes = Buffer.from(token, 'base64url');
  const [, seconds, mchidText] = /^([0-9]{1,12})\.([0-9]+)$/.exec(bytes.subarray(MAC_BYTES).toString('latin1')) ?? [];
  const mchid = parseMchid(mchidText ?? '');
  if (seconds === undefined || !mchid.ok) return err('forged');
  const expected = macOf(key, mchid.value, presented.orderNo, Number(seconds));
  if (!timingSafeEqual(expected, bytes.subarray(0, MAC_BYTES))) return err('forged');
  return presented.now.getTime() < Number(seconds) * 1000 ? ok(mchid.value) : err('expired');
}

function macOf(key: CheckoutKey, mchid: Mchid, orderNo: OrderNo, expirySeconds: number): Buffer {
  return createHmac('sha256', key).update(`paysaga-checkout\n${mchid}\n${orderNo}\n${expirySeconds}\n`).digest();
}
