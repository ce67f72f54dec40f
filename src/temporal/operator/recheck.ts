import { isRecheckUnanswered } from '../../actions/store/unfinished.js';

import type { OrderRecord } from '../../domain/order/record.js';
import { isRefundFinal } from '../../domain/refund/states.js';
import type { OrderWorkflows, RefundWorkflows } from '../port.js';
import { recordedAction, type Asker, type RecordDeps } from './recorded-action.js';

export type RecheckDeps = RecordDeps & { readonly orders: OrderWorkflows; readonly refunds: RefundWorkflows };

/**
 * Asks WeChat Pay again about everything of the order that is not settled. Starts the order again if its workflow has ended, and
 * with it the refunds that are under way; what was asked a moment ago and is not answered yet is not asked twice. Throws {@link TemporalUnavailable}; the row then stays open and a repeat joins it.
 */
export function recheckOrder(deps: RecheckDeps, order: OrderRecord, asker: Asker): Promise<'asked'> {
  const { mchid, orderNo } = order;
  const request = { mchid, orderNo, action: 'recheck', parameters: {}, ...asker } as const;
  return recordedAction(deps, request, async () =>
    (await isRecheckUnanswered(deps.db, order, deps.now())) ? 'asked' : lookAgain(deps, order),
  );
}

/** Asks without a record of it, for one that is kept already. */
export async function lookAgain(
  { orders, refunds }: Pick<RecheckDeps, 'orders' | 'refunds'>,
  order: OrderRecord,
): Promise<'asked'> {
  const { mchid, orderNo } = order;
  await orders.recheck({ mchid, orderNo });
  const underWay = order.refunds.filter(({ state }) => !isRefundFinal(state));
  await Promise.all(underWay.map(({ outRefundNo }) => refunds.recheck({ mchid, outRefundNo })));
  return 'asked';
}
