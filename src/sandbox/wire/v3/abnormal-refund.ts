import { refundAnswer } from '../../refund/message.js';
import { errors, success, type Answer } from './answer.js';
import type { Call, Ledger, Operation } from './operation.js';
import { canonical, parseBody } from './parse.js';
import { abnormalRefundBody } from './refund.js';

export function abnormalRefundOperation(ledger: Ledger): Operation {
  return {
    api: 'abnormalRefund',
    outTradeNo: (call) => named(ledger, call)?.outTradeNo,
    run: (call) => redirect(ledger, call),
  };
}

/** The same call again, once it was accepted, gets the refund as it stands. */
function redirect(ledger: Ledger, call: Call): Answer {
  const parsed = parseBody(call.body, abnormalRefundBody);
  if (!parsed.ok) return parsed.answer;
  if (parsed.value.type === 'USER_BANK_CARD' && call.serial === '') return errors.serialMissing();
  const refund = named(ledger, call);
  if (refund?.outRefundNo !== parsed.value.out_refund_no) return errors.refundNotExist();
  const request = canonical(parsed.value);
  if (refund.status !== 'ABNORMAL') {
    return refund.abnormalRefund?.request === request ? success(refundAnswer(refund)) : errors.refundNotAbnormal();
  }
  const receivedBy = parsed.value.type === 'MERCHANT_BANK_CARD' ? '商户结算银行账户' : '支付用户银行卡';
  return success(refundAnswer(ledger.refundLife.redirect(refund, { request, receivedBy })));
}

function named({ refunds }: Ledger, call: Call) {
  return refunds.findByRefundId(call.merchant.row.mchid, call.pathParameter);
}
