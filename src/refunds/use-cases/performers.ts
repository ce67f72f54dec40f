import { given } from '../../actions/store/unfinished.js';
import type { RefundResolveAction } from '../../domain/refund/states.js';
import type { Bring } from '../../orders/use-cases/performers.js';
import { carriedOut } from '../../actions/use-cases/recorded-action.js';
import type { RefundWorkflows } from '../client.js';

type BringDeps = { readonly refunds: RefundWorkflows };

const bringDecision =
  (action: RefundResolveAction): Bring<BringDeps> =>
  async ({ refunds }, { mchid, id: requestId, outRefundNo }) =>
    carriedOut(await refunds.resolve({ mchid, outRefundNo: given(outRefundNo), requestId, action }), true);

/** Who brings what was asked of a refund, and no workflow has answered. */
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
