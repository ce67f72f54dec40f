import { DomainError } from '../rules/domain-error.js';
import { returnEffect } from '../rules/resolve-effects.js';
import type { OrderRecord } from '../rules/record.js';
import type { ResolveAction, ResolveOutcome } from '../rules/states.js';
import { carriedOut, recordedAction, type Asker } from '../../actions/use-cases/recorded-action.js';
import { RECORDED_ONLY, requireOrder, type OrderCall, type OrderDeps, type Refusals } from './order.js';

/**
 * The order after a decision that WeChat Pay's answers of this moment bear out. Throws `order_not_found`, `resolve_unconfirmed`,
 * `resolve_not_applicable`, `money_held`, `money_not_ours`, `refund_above_limit`, `outcome_pending`.
 */
export async function resolveOrder(
  deps: OrderDeps,
  call: OrderCall,
  action: ResolveAction,
  asker: Asker,
): Promise<OrderRecord> {
  const order = await requireOrder(deps, call);
  const { mchid, orderNo } = order;
  const amountFen = action === 'return' ? moneyToReturn(order) : 0;
  const asked = { action: 'resolve', parameters: { action }, amountFen, ...asker } as const;
  const outcome = await recordedAction(deps, order, asked, async (requestId, isRepeat) =>
    carriedOut(await deps.orders.resolve({ mchid, orderNo, requestId, action }), isRepeat),
  );
  if (outcome !== 'resolved') throw new DomainError(...REFUSALS[outcome]);
  return requireOrder(deps, order);
}

/** Of money that nobody has confirmed yet, PaySaga knows no more than what was ordered. */
const moneyToReturn = (order: OrderRecord): number => returnEffect(order).moneyFen || order.amountFen;

const REFUSALS: Refusals<Exclude<ResolveOutcome | 'pending', 'resolved'>> = {
  unconfirmed: ['resolve_unconfirmed', 'WeChat Pay did not confirm the money when it was asked.'],
  not_applicable: ['resolve_not_applicable', 'There is nothing to decide in this way.'],
  money_held: ['money_held', 'The order holds money that this would leave behind.'],
  not_ours: [
    'money_not_ours',
    "The money under this number is somebody else's, and none of this order's own is there; only close applies.",
  ],
  pending: RECORDED_ONLY,
};
