import { perLanguage, type Both } from '../../base/language.js';
import type { FieldError } from './fields.js';

export const ACTION_TEXTS = perLanguage({
  happens: ['会发生什么', 'What will happen'],
  money: ['涉及金额', 'Money'],
  about: ['对象', 'About'],
  reason: ['原因', 'Reason'],
  reasonHint: [
    '必填，最多 500 字节（约 160 个汉字）。与您的名字一起永久保存。',
    'Required, at most 500 bytes. Kept for good with your name.',
  ],
  confirm: ['我确认要这样做。', 'Yes, do this.'],
  confirmMoney: [
    (amount: string) => `我确认要这样做，涉及 ${amount}。`,
    (amount: string) => `Yes, do this with ${amount}.`,
  ],
  typeNumber: [
    (orderNo: string) => `请输入订单号 ${orderNo} 以确认`,
    (orderNo: string) => `Type the order number ${orderNo} to confirm`,
  ],
  until: ['新的截止时间（北京时间）', 'New deadline (Beijing time)'],
  untilBounds: [
    (from: string, to: string) => `北京时间 ${from} 至 ${to}（创建后最多 7 天）。`,
    (from: string, to: string) => `From ${from} to ${to}, Beijing time (at most 7 days after creation).`,
  ],
  amount: ['退款金额（元）', 'Amount to refund (yuan)'],
  amountHint: [
    (rest: string) => `最多 ${rest}，最多两位小数。`,
    (rest: string) => `At most ${rest}, at most two decimals.`,
  ],
  refundNo: ['退款单号', 'Refund number'],
  refundNoHint: [
    '同一单号只会退一次：重复提交是安全的。1 到 64 位 0-9A-Za-z_-。',
    'One number is refunded once: sending it twice is safe. 1 to 64 of 0-9A-Za-z_-.',
  ],
  externalNo: ['商户退款单号', "The refund's number at WeChat Pay"],
  externalNoHint: [
    '在商户平台的退款记录里查到，大小写和符号照原样输入。1 到 64 位 0-9A-Za-z_-|*@。',
    'The out_refund_no that the merchant platform shows, exactly as it is there. 1 to 64 of 0-9A-Za-z_-|*@.',
  ],
  payerReason: ['给付款人看的原因（可不填）', 'Reason the payer reads (optional)'],
  payerReasonHint: [
    '显示在微信支付的退款通知里，最多 80 字节（约 26 个汉字）。',
    "Shown in WeChat Pay's refund notice; at most 80 bytes.",
  ],
  submit: ['确认执行', 'Do it'],
  cancel: ['返回', 'Back'],
  notPossible: ['现在不能这样做：订单的状态已经变了。', 'This is not possible now: the order has moved on.'],
  notDone: ['没有执行', 'Not done'],
  fields: {
    reason_required: ['请写明原因。', 'Say why.'],
    reason_invalid: ['原因太长，或含有不可显示的字符。', 'Too long, or with characters that cannot be shown.'],
    confirm_required: ['请勾选确认。', 'Tick the box to confirm.'],
    number_differs: ['输入的订单号不一致。', 'This is not the number of the order.'],
    amount_invalid: ['请输入金额，例如 12.50；不能为 0。', 'Enter an amount such as 12.50, not 0.'],
    refund_no_invalid: ['退款单号应为 1 到 64 位 0-9A-Za-z_-。', 'A refund number is 1 to 64 of 0-9A-Za-z_-.'],
    external_no_invalid: [
      '商户退款单号应为 1 到 64 位 0-9A-Za-z_-|*@。',
      'A refund number is 1 to 64 of 0-9A-Za-z_-|*@.',
    ],
    payer_reason_invalid: ['太长，或含有不可显示的字符。', 'Too long, or with characters that cannot be shown.'],
    until_invalid: ['请输入有效的时间。', 'Enter a valid time.'],
  } satisfies Readonly<Record<FieldError, Both>>,
});
