import type { OutRefundNo } from '../../base/ids.js';
import type { OrderCall } from '../../orders/use-cases/order.js';
import type { ORDER_REFUND_DECISIONS, RefundDecisionName } from '../rules/decisions.js';
import { createRefund, type RefundTerms } from './create.js';
import { bookExternalRefund } from './external.js';
import type { RefundCall, RefundDeps } from './refund.js';
import { resolveRefund } from './resolve.js';
import { given } from '../../actions/store/unfinished.js';
import type { RefundResolveAction } from '../rules/states.js';
import { done, type Bring, type Perform } from '../../orders/use-cases/performers.js';
import { carriedOut, type KeyedAsker } from '../../actions/use-cases/recorded-action.js';
import type { RefundWorkflows } from '../client.js';

export type RefundInputs = { readonly refund: RefundTerms | null; readonly externalNo: OutRefundNo | null };

export const ORDER_REFUND_PERFORMERS = {
  refund: async (deps, order, asker, { refund }) => {
    const { kind, isNew } = await createRefund(deps, order, given(refund), asker);
    if (kind === 'approval') return 'pending';
    return isNew ? 'done' : 'known';
  },
  'external-refund': async (deps, order, asker, { externalNo }) =>
    (await bookExternalRefund(deps, order, given(externalNo), asker)).isNew ? 'done' : 'known',
} as const satisfies Readonly<
  Record<keyof typeof ORDER_REFUND_DECISIONS, Perform<RefundDeps, OrderCall, RefundInputs, KeyedAsker>>
>;

const resolving = (action: RefundResolveAction): Perform<RefundDeps, RefundCall> =>
  done((deps, refund, asker) => resolveRefund(deps, refund, { action }, asker));

export const REFUND_PERFORMERS = {
  abnormalRefund: resolving('abnormalRefund'),
  paidOffline: resolving('paidOffline'),
  reissue: resolving('reissue'),
} as const satisfies Readonly<Record<RefundDecisionName, Perform<RefundDeps, RefundCall>>>;

type BringDeps = { readonly refunds: RefundWorkflows };

const bringDecision =
  (action: RefundResolveAction): Bring<BringDeps> =>
  async ({ refunds }, { mchid, id: requestId, outRefundNo }) =>
    carriedOut(await refunds.resolve({ mchid, outRefundNo: given(outRefundNo), requestId, action }), true);

export const REFUND_BRINGERS = {
  abnormalRefund: bringDecision('abnormalRefund'),
  reissue: bringDecision('reissue'),
  paidOffline: bringDecision('paidOffline'),
  externalRefund: async ({ refunds }, { mchid, orderNo, parameters }) => {
    await refunds.findExternal({ mchid, orderNo, outRefundNo: given(parameters.outRefundNo) });
    return 'asked';
  },
  refund: () => {
    throw new Error('A refund is asked for and answered in one transaction');
  },
} as const satisfies Readonly<Record<string, Bring<BringDeps>>>;
