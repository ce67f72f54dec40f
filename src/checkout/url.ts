import type { OrderRecord } from '../domain/order/record.js';
import { checkoutToken, type CheckoutKey } from './token.js';

/** The page still tells the outcome to a payer who comes back the next day. */
const AFTER_THE_END_MS = 24 * 3_600_000;

/** Where the payer pays this order. Whoever has it can follow the order, so it is never logged. */
export function checkoutUrl(
  publicUrl: string,
  key: CheckoutKey,
  order: Pick<OrderRecord, 'mchid' | 'orderNo' | 'expiresAt'>,
): string {
  const expiresAt = new Date(order.expiresAt.getTime() + AFTER_THE_END_MS);
  const token = checkoutToken(key, { mchid: order.mchid, orderNo: order.orderNo, expiresAt });
  return `${publicUrl.replace(/\/+$/, '')}/pay/${order.orderNo}?t=${token}`;
}
