import type { Bring, Perform } from '../../orders/use-cases/performers.js';
import type { OrderDeps } from '../../orders/use-cases/order.js';
import type { KeyedAsker } from '../../actions/use-cases/recorded-action.js';
import { given } from '../../actions/store/unfinished.js';
import type { ApprovalDecisionName } from '../rules/approval.js';
import type { ApprovalRef } from '../store/approval.js';
import { decide } from './decide.js';

const deciding =
  (decision: ApprovalDecisionName): Perform<OrderDeps, ApprovalRef, unknown, KeyedAsker> =>
  async (deps, ref, asker) =>
    (await decide(deps, ref, decision, { ...asker, reason: given(asker.reason) })).isNew ? 'done' : 'known';

export const APPROVAL_PERFORMERS = {
  approve: deciding('approve'),
  reject: deciding('reject'),
} as const satisfies Readonly<Record<ApprovalDecisionName, unknown>>;

const answered: Bring<unknown> = () => {
  throw new Error('A decision about an approval is answered in one transaction');
};

export const APPROVAL_BRINGERS = { approve: answered, reject: answered } as const;
