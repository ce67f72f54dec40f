import { parseOrderNo, type Mchid, type OrderNo } from '../../base/ids.js';
import type { Db } from '../../db/connection.js';
import { loadOrder } from '../store/order.js';
import { DomainError } from '../rules/domain-error.js';
import type { OrderRecord } from '../rules/record.js';
import type { RefundWorkflows } from '../../refunds/client.js';
import type { OrderWorkflows } from '../client.js';
import type { AwayLog } from '../../actions/use-cases/recorded-action.js';

export type OrderDeps = {
  readonly db: Db;
  readonly orders: OrderWorkflows;
  readonly refunds: RefundWorkflows;
  readonly now: () => Date;
  readonly log: AwayLog;
};

export type OrderCall = { readonly mchid: Mchid; readonly orderNo: string };

/** Throws `order_not_found` for a number no order can have. */
export function requireOrderNo(text: string): OrderNo {
  const orderNo = parseOrderNo(text);
  if (!orderNo.ok) throw notFound();
  return orderNo.value;
}

/** Throws `order_not_found`. */
export async function requireOrder({ db }: Pick<OrderDeps, 'db'>, { mchid, orderNo }: OrderCall): Promise<OrderRecord> {
  const order = await loadOrder(db, { mchid, orderNo: requireOrderNo(orderNo) });
  if (order === undefined) throw notFound();
  return order;
}

const notFound = (): DomainError => new DomainError('order_not_found', 'This merchant has no order with that number.');

/** Throws `order_closed`, `order_not_payable`. */
export function requirePayable(order: OrderRecord): void {
  if (order.state === 'closed')
    throw new DomainError('order_closed', `The order is closed (${order.closedReason ?? ''}).`);
  if (order.state === 'paid') throw new DomainError('order_not_payable', 'The order is paid.');
  if (order.state === 'review') throw new DomainError('order_not_payable', 'The order is in review.');
}

export type Refusals<Outcome extends string> = Readonly<Record<Outcome, ConstructorParameters<typeof DomainError>>>;

export const RECORDED_ONLY: Refusals<'pending'>['pending'] = [
  'outcome_pending',
  'Recorded, not confirmed yet; repeat the call.',
];
