import type { TIME_TO_PAY_SECONDS } from '../../../figures/store/ops.js';
import type { Language } from '../../../base/language.js';

export type ChartId = 'paid' | 'time' | 'refunds' | 'errors';

const ENDS = {
  zh: ['10 秒', '30 秒', '1 分', '2 分', '5 分', '15 分', '1 小时', '1 天'],
  en: ['10 s', '30 s', '1 min', '2 min', '5 min', '15 min', '1 h', '1 d'],
} as const satisfies Record<Language, { readonly length: (typeof TIME_TO_PAY_SECONDS)['length'] }>;

const zh = {
  title: {
    paid: '支付是怎样发现的（每小时）',
    time: '从下单到支付用时（24 小时）',
    refunds: '退款状态（7 天，按申请日）',
    errors: '微信支付调用异常（每小时）',
  } satisfies Readonly<Record<ChartId, string>>,
  hour: '小时',
  day: '日期',
  took: '用时',
  orders: '订单',
  unknown: '未记录',
  others: '其他',
  none: '没有数据。',
  total: '合计',
  /** Groups of {@link TIME_TO_PAY_SECONDS}, the last without an end. */
  groups: [...ENDS.zh.map((end) => `< ${end}`), `≥ ${ENDS.zh[7]}`],
};

type ChartTexts = typeof zh;

const en: ChartTexts = {
  title: {
    paid: 'What found the payment, by hour',
    time: 'Time to pay, last 24 hours',
    refunds: 'Refunds by state, 7 days by day of request',
    errors: 'Gateway errors by kind, by hour',
  },
  hour: 'Hour',
  day: 'Day',
  took: 'Took',
  orders: 'Orders',
  unknown: 'not recorded',
  others: 'others',
  none: 'Nothing to show.',
  total: 'Total',
  groups: [...ENDS.en.map((end) => `< ${end}`), `≥ ${ENDS.en[7]}`],
};

export const CHART_TEXTS: Readonly<Record<Language, ChartTexts>> = { zh, en };
