import { TRADE_TYPES } from '../product.js';
import type { Attempt, OrderState } from './state.js';

/** What notify, bill line and query answer have in common. */
export type MoneyFact = {
  readonly mchid: string;
  readonly appid: string;
  readonly tradeType: string;
  readonly totalFen: number;
  readonly currency: string;
};

export type Mismatch = 'mchid' | 'appid' | 'tradeType' | 'total' | 'currency';

/**
 * What about the money disagrees with the order. `amount.total` is compared, never `payer_total`: coupons are WeChat Pay's
 * affair. The trade type counts for JSAPI only, since there it binds the payer.
 */
export function mismatches(order: OrderState, attempt: Attempt, fact: MoneyFact): Mismatch[] {
  const found: Mismatch[] = [];
  if (fact.mchid !== order.mchid) found.push('mchid');
  if (fact.appid !== attempt.appid) found.push('appid');
  const tradeType = TRADE_TYPES[attempt.product];
  if (tradeType === 'JSAPI' && fact.tradeType !== tradeType) found.push('tradeType');
  if (fact.totalFen !== order.amountFen) found.push('total');
  if (fact.currency !== 'CNY') found.push('currency');
  return found;
}
