import { refundAnswer } from '../refund/message.js';
import { staleRefund, type Refund } from '../refund/refund.js';
import { outRefundNoPattern } from '../trade/number.js';
import { errors, success } from './answer.js';
import type { Call, Ledger, Operation } from './call.js';

export function refundQueryOperation({ refunds }: Ledger): Operation {
  const find = (call: Call): Refund | undefined => refunds.find(call.merchant.row.mchid, call.pathParameter);
  return {
    api: 'refundQuery',
    outTradeNo: (call) => find(call)?.outTradeNo,
    run(call, bend) {
      if (!outRefundNoPattern.test(call.pathParameter)) return errors.badOutRefundNo(call.pathParameter);
      const refund = find(call);
      const seen = refund && bend.stale ? staleRefund(refund) : refund;
      return seen ? success(refundAnswer(seen)) : errors.refundNotExist();
    },
  };
}
