import { isRecheckUnanswered } from '../../actions/store/unfinished.js';

import type { OrderRecord } from '../rules/record.js';
import { isRefundFinal } from '../../refunds/rules/states.js';
import { recordedAction, type Asker } from '../../actions/use-cases/recorded-action.js';
import { requireOrder, type OrderCall, type OrderDeps } from './order.js';

/**
 * Asks WeChat Pay again about everything of the order that is not settled, and answers the order as it stands then. Starts the order
 * again if its workflow has ended, and with it the refunds that are under way; what was asked a moment ago and is not answered yet
 * is not asked twice. Throws `order_not_found`, and {@link TemporalUnavailable}; the row then stays open and a repeat joins it.
 */
export async function recheckOrder(deps: Omit<OrderDeps, 'log'>, call: OrderCall, asker: Asker): Promise<OrderRecord> {
  const order = await requireOrder(deps, call);
  const { mchid, orderNo } = order;
  const request = { mchid, orderNo, action: 'recheck', parameters: {}, ...asker } as const;
  await recordedAction(deps, request, async () =>
    (await isRecheckUnanswered(deps.db, order, deps.now())) ? 'asked' : lookAgain(deps, order),
  );
  return requireOrder(deps, order);
}

/** Asks without a record of it, for one that is kept already. */
export async function lookAgain(
  { orders, refunds }: Pick<OrderDeps, 'orders' | 'refunds'>,
  order: OrderRecord,
): Promise<'asked'> {
  const { mchid, orderNo } = order;
  await orders.recheck({ mchid, orderNo });
  const underWay = order.refunds.filter(({ state }) => !isRefundFinal(state));
  await Promise.all(underWay.map(({ outRefundNo }) => refunds.recheck({ mchid, outRefundNo })));
  return 'asked';
}
