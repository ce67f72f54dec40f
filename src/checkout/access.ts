import type { Context } from 'hono';
import { loadOrder } from '../orders/store/order.js';
import type { IngressEnv } from '../http/kit/route.js';
import { parseOrderNo } from '../base/ids.js';
import type { OrderRecord } from '../domain/order/record.js';
import { err, ok, type Result } from '../base/result.js';
import type { CheckoutDeps } from './deps.js';
import { verifyCheckoutToken } from './token.js';

export type AccessRefusal = 'not_found' | 'gone';

export const REFUSAL_STATUS = { not_found: 404, gone: 410 } as const satisfies Record<AccessRefusal, number>;

/**
 * The order that `t` opens. A forged token, another order's and an order that is not there are one and the same answer.
 * Reads `:orderNo` and `?t=`.
 */
export async function accessOrder(
  deps: CheckoutDeps,
  c: Context<IngressEnv>,
): Promise<Result<OrderRecord, AccessRefusal>> {
  const orderNo = parseOrderNo(c.req.param('orderNo') ?? '');
  if (!orderNo.ok) return err('not_found');
  const claim = { orderNo: orderNo.value, now: deps.now() };
  const mchid = verifyCheckoutToken(deps.checkoutKey, tokenOf(c), claim);
  if (!mchid.ok) return err(mchid.error === 'expired' ? 'gone' : 'not_found');
  const order = await loadOrder(deps.db, { mchid: mchid.value, orderNo: orderNo.value });
  return order === undefined ? err('not_found') : ok(order);
}

export function tokenOf(c: Context<IngressEnv>): string {
  return c.req.query('t') ?? '';
}
