import { isRecheckUnanswered } from '../../actions/store/unfinished.js';
import type { OrderRecord } from '../rules/record.js';
import { isRefundFinal } from '../../refunds/rules/states.js';
import { recordedAction, type Asker } from '../../actions/use-cases/recorded-action.js';
import { requireOrder, type OrderCall, type OrderDeps } from './order.js';

/**
 * Asks WeChat Pay again about everything of the order that is not settled. Starts the order again if its workflow has ended, and
 * the refunds that are under way. Throws `order_not_found`, and {@link TemporalUnavailable}: the row then stays open.
 */
export async function recheckOrder(deps: Omit<OrderDeps, 'log'>, call: OrderCall, asker: Asker): Promise<OrderRecord> {
  const order = await requireOrder(deps, call);
  await recordedAction(deps, order, { action: 'recheck', ...asker }, async () =>
    (await isRecheckUnanswered(deps.db, order, deps.now())) ? 'asked' : lookAgain(deps, order),
  );
  return requireOrder(deps, order);
}

/** For a request that is recorded already. */
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
