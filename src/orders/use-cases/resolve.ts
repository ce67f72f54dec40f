import { DomainError } from '../rules/domain-error.js';
import type { OrderRecord } from '../rules/record.js';
import type { ResolveAction, ResolveOutcome } from '../rules/states.js';
import { carriedOut, recordedAction, type Asker } from '../../actions/use-cases/recorded-action.js';
import { requireOrder, type OrderCall, type OrderDeps } from './order.js';

/**
 * The order after a decision that WeChat Pay's answers of this moment bear out. Throws `order_not_found`, `resolve_unconfirmed`,
 * `resolve_not_applicable`, `money_held`, `money_not_ours`, `outcome_pending`.
 */
export async function resolveOrder(
  deps: OrderDeps,
  call: OrderCall,
  action: ResolveAction,
  asker: Asker,
): Promise<OrderRecord> {
  const order = await requireOrder(deps, call);
  const { mchid, orderNo } = order;
  const asked = { mchid, orderNo, action: 'resolve', parameters: { action }, ...asker } as const;
  const outcome = await recordedAction(deps, asked, async (requestId, isRepeat) =>
    carriedOut(await deps.orders.resolve({ mchid, orderNo, requestId, action }), isRepeat),
  );
  requireResolved(outcome);
  return requireOrder(deps, order);
}

function requireResolved(outcome: ResolveOutcome | 'pending'): void {
  switch (outcome) {
    case 'resolved':
      return;
    case 'unconfirmed':
      throw new DomainError('resolve_unconfirmed', 'WeChat Pay did not confirm the money when it was asked.');
    case 'not_applicable':
      throw new DomainError('resolve_not_applicable', 'There is nothing to decide in this way.');
    case 'money_held':
      throw new DomainError('money_held', 'The order holds money that this would leave behind.');
    case 'not_ours':
      throw new DomainError(
        'money_not_ours',
        'Somebody paid under this number before PaySaga used it; only close applies.',
      );
    case 'pending':
      throw new DomainError('outcome_pending', 'Recorded, not confirmed yet; repeat the call.');
    default:
      outcome satisfies never;
  }
}
