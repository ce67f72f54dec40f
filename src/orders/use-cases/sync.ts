import { lastGatewayCall } from '../store/gateway-call.js';
import { DomainError } from '../rules/domain-error.js';
import { isNews, isTradeAnswer } from '../rules/gateway-answer.js';
import type { OrderRecord } from '../rules/record.js';
import { isWaiting } from '../rules/states.js';
import { requireOrder, type OrderCall, type OrderDeps } from './order.js';

/** Asked sooner, the last answer stands. */
const SYNC_INTERVAL_MS = 5_000;

/** The order after WeChat Pay was asked about it, because the payer came back. Throws `order_not_found`, `outcome_pending`. */
export async function syncOrder(deps: OrderDeps, call: OrderCall): Promise<OrderRecord> {
  const order = await requireOrder(deps, call);
  if (!(await needsQuery(deps, order))) return order;
  const { mchid, orderNo } = order;
  const outcome = await deps.orders.sync({ mchid, orderNo });
  if (outcome === 'pending') throw new DomainError('outcome_pending', 'There is no answer yet; repeat the call.');
  return requireOrder(deps, order);
}

async function needsQuery({ db, now }: OrderDeps, order: OrderRecord): Promise<boolean> {
  if (order.state === 'paid') return false;
  const last = await lastGatewayCall(db, order);
  if (last?.api !== 'query' || !isTradeAnswer(last.outcome)) return true;
  // Its workflow is still to write what it heard.
  if (isNews(last.outcome) && isWaiting(order.state)) return true;
  return now().getTime() - last.at.getTime() >= SYNC_INTERVAL_MS;
}
