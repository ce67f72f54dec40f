import { SaidOtherwise } from '../../actions/store/action.js';
import { finishAnswered } from '../../actions/store/unfinished.js';
import { DomainError } from '../rules/domain-error.js';
import { moneyOf } from '../rules/standing.js';
import type { OrderRecord } from '../rules/record.js';
import { recordedAction, type Asker } from '../../actions/use-cases/recorded-action.js';
import { RECORDED_ONLY, requireOrder, type OrderCall, type OrderDeps, type Refusals } from './order.js';

export type Delivery = 'fulfilled' | 'rejected';

/**
 * The order once it knows whether its goods are delivered; what is said first stands. Throws `order_not_found`, `order_not_paid`,
 * `fulfilment_not_expected`, `fulfilment_final`, `refund_above_limit`, `outcome_pending`.
 */
export async function reportFulfilment(
  deps: OrderDeps,
  call: OrderCall,
  outcome: Delivery,
  asker: Asker,
): Promise<OrderRecord> {
  const order = await requireOrder(deps, call);
  if (order.fulfilment !== 'pending') {
    await finishAnswered(deps.db, order, deps.now());
    requireSaid(order, outcome);
    return order;
  }
  const { mchid, orderNo } = order;
  const amountFen = outcome === 'rejected' ? moneyOf(order).restFen : 0;
  const asked = { action: 'fulfilment', parameters: { outcome }, amountFen, ...asker } as const;
  const recorded = await recordedAction(deps, order, asked, () =>
    deps.orders.reportFulfilment({ mchid, orderNo, outcome }),
  ).catch((error: unknown) => {
    throw error instanceof SaidOtherwise ? new DomainError(...REFUSALS.final) : error;
  });
  if (recorded !== 'recorded') throw new DomainError(...REFUSALS[recorded]);
  return requireOrder(deps, order);
}

function requireSaid({ policy, state, fulfilment }: OrderRecord, outcome: Delivery): void {
  if (!policy.fulfilment.required) throw new DomainError(...REFUSALS.not_expected);
  if (state !== 'paid') throw new DomainError('order_not_paid', 'The order is not paid: there is nothing to deliver.');
  if (fulfilment !== outcome) throw new DomainError(...REFUSALS.final);
}

const REFUSALS: Refusals<'final' | 'not_expected' | 'pending'> = {
  final: ['fulfilment_final', 'It was decided otherwise, or the time is over.'],
  not_expected: ['fulfilment_not_expected', "The order's policy does not require fulfilment."],
  pending: RECORDED_ONLY,
};
