import { z } from 'zod';
import type { Gateway } from '../../gateway.js';
import { refundAnswer } from '../../refund/message.js';
import { errors, success, type Answer } from './answer.js';
import { outRefundNo, text } from './fields.js';
import type { Call, Operation } from './operation.js';
import { canonical, parseBody } from './parse.js';
import { refundsPath } from './refund.js';

const banks = [
  ...['CMB', 'COMM', 'ABC', 'CCB', 'ICBC', 'BOC', 'PAB', 'SPDB'],
  ...['CITIC', 'CEB', 'CMBC', 'CIB', 'GDB', 'PSBC', 'NBCB'],
];
const bankTypes = new Set(banks.map((bank) => `${bank}_DEBIT`));

const encrypted = text(1024, 1);

/** The body of a call that sends an abnormal refund to a bank card. */
const abnormalRefundBody = z.discriminatedUnion('type', [
  z.strictObject({ out_refund_no: outRefundNo, type: z.literal('MERCHANT_BANK_CARD') }),
  z.strictObject({
    out_refund_no: outRefundNo,
    type: z.literal('USER_BANK_CARD'),
    bank_type: z.string().refine((bankType) => bankTypes.has(bankType), '不支持的银行'),
    bank_account: encrypted,
    real_name: encrypted,
  }),
]);

export function abnormalRefundOperation(gateway: Gateway): Operation {
  return {
    api: 'abnormalRefund',
    method: 'POST',
    path: `${refundsPath}/:id/apply-abnormal-refund`,
    outTradeNo: (call) => named(gateway, call)?.outTradeNo,
    run: (call) => redirect(gateway, call),
  };
}

/** A repeat of an accepted call gets the refund as it stands. */
function redirect(gateway: Gateway, call: Call): Answer {
  const parsed = parseBody(call.body, abnormalRefundBody);
  if (!parsed.ok) return parsed.answer;
  if (parsed.value.type === 'USER_BANK_CARD' && call.serial === '') return errors.serialMissing();
  const refund = named(gateway, call);
  if (refund?.outRefundNo !== parsed.value.out_refund_no) return errors.refundNotExist();
  const request = canonical(parsed.value);
  if (refund.status !== 'ABNORMAL') {
    return refund.abnormalRefund?.request === request ? success(refundAnswer(refund)) : errors.refundNotAbnormal();
  }
  const receivedBy = parsed.value.type === 'MERCHANT_BANK_CARD' ? '商户结算银行账户' : '支付用户银行卡';
  return success(refundAnswer(gateway.refundLife.redirect(refund, { request, receivedBy })));
}

function named({ refunds }: Gateway, call: Call) {
  return refunds.findByRefundId(call.merchant.row.mchid, call.pathParameter);
}
