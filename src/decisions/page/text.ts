import type { Language } from '../../base/language.js';
import type { FieldError } from './fields.js';

const zh = {
  happens: '会发生什么',
  money: '涉及金额',
  about: '对象',
  reason: '原因',
  reasonHint: '必填，最多 500 字节（约 160 个汉字）。与您的名字一起永久保存。',
  confirm: '我确认要这样做。',
  confirmMoney: (amount: string) => `我确认要这样做，涉及 ${amount}。`,
  typeNumber: (orderNo: string) => `请输入订单号 ${orderNo} 以确认`,
  until: '新的截止时间（北京时间）',
  untilBounds: (from: string, to: string) => `北京时间 ${from} 至 ${to}（创建后最多 7 天）。`,
  amount: '退款金额（元）',
  amountHint: (rest: string) => `最多 ${rest}，最多两位小数。`,
  refundNo: '退款单号',
  refundNoHint: '同一单号只会退一次：重复提交是安全的。1 到 64 位 0-9A-Za-z_-。',
  externalNo: '商户退款单号',
  externalNoHint: '在商户平台的退款记录里查到，大小写和符号照原样输入。1 到 64 位 0-9A-Za-z_-|*@。',
  payerReason: '给付款人看的原因（可不填）',
  payerReasonHint: '显示在微信支付的退款通知里，最多 80 字节（约 26 个汉字）。',
  submit: '确认执行',
  cancel: '返回',
  notPossible: '现在不能这样做：订单的状态已经变了。',
  notDone: '没有执行',
  fields: {
    reason_required: '请写明原因。',
    reason_invalid: '原因太长，或含有不可显示的字符。',
    confirm_required: '请勾选确认。',
    number_differs: '输入的订单号不一致。',
    amount_invalid: '请输入金额，例如 12.50；不能为 0。',
    refund_no_invalid: '退款单号应为 1 到 64 位 0-9A-Za-z_-。',
    external_no_invalid: '商户退款单号应为 1 到 64 位 0-9A-Za-z_-|*@。',
    payer_reason_invalid: '太长，或含有不可显示的字符。',
    until_invalid: '请输入有效的时间。',
  } satisfies Readonly<Record<FieldError, string>>,
};

export type ActionTexts = typeof zh;

const en: ActionTexts = {
  happens: 'What will happen',
  money: 'Money',
  about: 'About',
  reason: 'Reason',
  reasonHint: 'Required, at most 500 bytes. Kept for good with your name.',
  confirm: 'Yes, do this.',
  confirmMoney: (amount) => `Yes, do this with ${amount}.`,
  typeNumber: (orderNo) => `Type the order number ${orderNo} to confirm`,
  until: 'New deadline (Beijing time)',
  untilBounds: (from, to) => `From ${from} to ${to}, Beijing time (at most 7 days after creation).`,
  amount: 'Amount to refund (yuan)',
  amountHint: (rest) => `At most ${rest}, at most two decimals.`,
  refundNo: 'Refund number',
  refundNoHint: 'One number is refunded once: sending it twice is safe. 1 to 64 of 0-9A-Za-z_-.',
  externalNo: "The refund's number at WeChat Pay",
  externalNoHint:
    'The out_refund_no that the merchant platform shows, exactly as it is there. 1 to 64 of 0-9A-Za-z_-|*@.',
  payerReason: 'Reason the payer reads (optional)',
  payerReasonHint: "Shown in WeChat Pay's refund notice; at most 80 bytes.",
  submit: 'Do it',
  cancel: 'Back',
  notPossible: 'This is not possible now: the order has moved on.',
  notDone: 'Not done',
  fields: {
    reason_required: 'Say why.',
    reason_invalid: 'Too long, or with characters that cannot be shown.',
    confirm_required: 'Tick the box to confirm.',
    number_differs: 'This is not the number of the order.',
    amount_invalid: 'Enter an amount such as 12.50, not 0.',
    refund_no_invalid: 'A refund number is 1 to 64 of 0-9A-Za-z_-.',
    external_no_invalid: 'A refund number is 1 to 64 of 0-9A-Za-z_-|*@.',
    payer_reason_invalid: 'Too long, or with characters that cannot be shown.',
    until_invalid: 'Enter a valid time.',
  },
};

export const ACTION_TEXTS: Readonly<Record<Language, ActionTexts>> = { zh, en };
