import { z } from 'zod';
import { outRefundNoPattern, outTradeNoPattern } from '../trade/number.js';
import { notifyUrl } from './notify-url.js';
import { text } from './text.js';

const fen = z.int().min(1);
const outRefundNo = z.string().regex(outRefundNoPattern, '应为1到64个数字、大小写字母、_-|*@');

const goods = z.strictObject({
  merchant_goods_id: text(32, 1),
  wechatpay_goods_id: text(32).optional(),
  goods_name: text(256).optional(),
  unit_price: z.int().min(0),
  refund_amount: z.int().min(0),
  refund_quantity: fen,
});

const amount = z
  .strictObject({
    refund: fen,
    total: fen,
    currency: z.literal('CNY'),
    from: z.array(z.strictObject({ account: z.enum(['AVAILABLE', 'UNAVAILABLE']), amount: fen })).optional(),
  })
  .refine(({ from, refund }) => !from || from.reduce((sum, part) => sum + part.amount, 0) === refund, {
    path: ['from'],
    message: '出资金额之和应等于退款金额',
  });

/** The body of a refund request, unknown fields refused. */
export const refundBody = z
  .strictObject({
    transaction_id: text(32, 1).optional(),
    out_trade_no: z.string().regex(outTradeNoPattern, '应为6到32个数字、大小写字母、_-|*').optional(),
    out_refund_no: outRefundNo,
    reason: text(80).optional(),
    notify_url: notifyUrl(256).optional(),
    funds_account: z.enum(['AVAILABLE', 'UNSETTLED']).optional(),
    amount,
    goods_detail: z.array(goods).min(1).optional(),
  })
  .refine((body) => (body.transaction_id ?? body.out_trade_no) !== undefined, {
    path: ['transaction_id'],
    message: 'transaction_id和out_trade_no必须二选一',
  });

const banks = [
  ...['CMB', 'COMM', 'ABC', 'CCB', 'ICBC', 'BOC', 'PAB', 'SPDB'],
  ...['CITIC', 'CEB', 'CMBC', 'CIB', 'GDB', 'PSBC', 'NBCB'],
];
const bankTypes = new Set(banks.map((bank) => `${bank}_DEBIT`));

const encrypted = text(1024, 1);

/** The body of a call that sends an abnormal refund to a bank card. */
export const abnormalRefundBody = z.discriminatedUnion('type', [
  z.strictObject({ out_refund_no: outRefundNo, type: z.literal('MERCHANT_BANK_CARD') }),
  z.strictObject({
    out_refund_no: outRefundNo,
    type: z.literal('USER_BANK_CARD'),
    bank_type: z.string().refine((bankType) => bankTypes.has(bankType), '不支持的银行'),
    bank_account: encrypted,
    real_name: encrypted,
  }),
]);

export type RefundBody = z.infer<typeof refundBody>;
