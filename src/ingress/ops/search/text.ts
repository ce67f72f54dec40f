import type { FoundNumber } from '../../../search/store/search.js';
import type { Language } from '../../../base/language.js';

const zh = {
  title: '查找',
  nothing: (text: string) => `没有找到 ${text}`,
  several: (text: string, count: number) => `${text} 属于 ${count} 处`,
  lookedFor: '在您负责的商户中按完整号码查找了：',
  how: [
    '订单号（orderNo）与支付尝试的商户单号（out_trade_no）',
    '微信支付订单号（transaction_id，42 开头）',
    '店铺的退款单号与系统退款单号（out_refund_no）',
    '微信退款单号（refund_id，50 开头）',
  ],
  found: {
    order: '订单号',
    attempt: '支付尝试',
    transaction: '微信支付订单号',
    refund: '退款单号',
    wechatRefund: '微信退款单号',
  } satisfies Readonly<Record<FoundNumber, string>>,
  kind: '号码类型',
  order: '订单',
  merchant: '商户号',
  empty: '请输入完整的订单号、交易号或退款号。',
};

type SearchTexts = typeof zh;

const en: SearchTexts = {
  title: 'Find',
  nothing: (text) => `Nothing found for ${text}`,
  several: (text, count) => `${text} is the number of ${count} things`,
  lookedFor: 'Looked for this exact number, with the merchants you act for, among:',
  how: [
    'order numbers (orderNo) and the numbers of their attempts (out_trade_no)',
    'WeChat Pay transactions (transaction_id, begins with 42)',
    'refund numbers, the shop’s and PaySaga’s own (out_refund_no)',
    'WeChat Pay refunds (refund_id, begins with 50)',
  ],
  found: {
    order: 'Order',
    attempt: 'Attempt',
    transaction: 'WeChat Pay transaction',
    refund: 'Refund',
    wechatRefund: 'WeChat Pay refund',
  },
  kind: 'Number of',
  order: 'Order',
  merchant: 'Merchant',
  empty: 'Enter a whole order, transaction or refund number.',
};

export const SEARCH_TEXTS: Readonly<Record<Language, SearchTexts>> = { zh, en };
