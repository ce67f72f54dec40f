import type { Gateway } from '../../gateway.js';
import { refundAnswer } from '../../refund/message.js';
import { staleRefund } from '../../refund/refund.js';
import { outRefundNoPattern } from '../../trade/number.js';
import { errors, success } from './answer.js';
import type { Call, Operation } from './operation.js';
import { refundsPath } from './refund.js';

export function refundQueryOperation({ refunds }: Gateway): Operation {
  const find = (call: Call) => refunds.find(call.merchant.row.mchid, call.pathParameter);
  return {
    api: 'refundQuery',
    method: 'GET',
    path: `${refundsPath}/:id`,
    outTradeNo: (call) => find(call)?.outTradeNo,
    run(call, bend) {
      if (!outRefundNoPattern.test(call.pathParameter)) return errors.badOutRefundNo(call.pathParameter);
      const refund = find(call);
      const seen = refund && bend.stale ? staleRefund(refund) : refund;
      return seen ? success(refundAnswer(seen)) : errors.refundNotExist();
    },
  };
}
