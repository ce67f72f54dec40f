import type { Language } from '../../base/language.js';
import type { TIME_TO_PAY_SECONDS } from '../store/ops.js';

/** Filters worth saving, as in docs/temporal-ui.md. */
export const TEMPORAL_FILTERS = {
  stuck: "StuckReason IS NOT NULL AND ExecutionStatus = 'Running'",
  review: "StuckReason = 'review' AND ExecutionStatus = 'Running'",
  merchantConfig: "StuckReason = 'merchant_config' AND ExecutionStatus = 'Running'",
  gateway: "StuckReason = 'gateway_unreachable' AND ExecutionStatus = 'Running'",
  refunds: "WorkflowType = 'refund' AND ExecutionStatus = 'Running'",
  events: "WorkflowType = 'event' AND ExecutionStatus = 'Running'",
  open: "PayState = 'awaitingPayment' AND ExecutionStatus = 'Running'",
} as const;
type TemporalFilter = keyof typeof TEMPORAL_FILTERS;

export type ChartId = 'paid' | 'time' | 'refunds' | 'errors';

const ENDS = {
  zh: ['10 秒', '30 秒', '1 分', '2 分', '5 分', '15 分', '1 小时', '1 天'],
  en: ['10 s', '30 s', '1 min', '2 min', '5 min', '15 min', '1 h', '1 d'],
} as const satisfies Record<Language, { readonly length: (typeof TIME_TO_PAY_SECONDS)['length'] }>;

const zh = {
  title: '总览',
  show: '显示',
  asOf: '更新于',
  stale: '无法更新，显示的是',
  now: '此刻',
  lastDay: '最近 24 小时',
  stuck: '卡住的订单',
  review: '待人工决定',
  awaiting: '等待付款',
  creating: '下单中',
  refunds: '退款进行中',
  events: '待送达的店铺通知',
  unmatched: '无主的微信通知',
  paid: '已支付',
  closed: '未支付关闭',
  refused: '下单被拒',
  errors: '微信支付调用异常',
  atRisk: (amount: string) => `涉及款项 ${amount}`,
  ofCalls: (count: string) => `共调用 ${count} 次`,
  waitingToBeHandedOn: (count: string) => `另有 ${count} 条等待转交`,
  oldest: '卡得最久的订单',
  seeAll: '查看全部',
  byReason: '按原因',
  charts: '走势',
  table: '以表格显示',
  noScript: '图表需要脚本；数据见下方表格。',
  temporal: '在 Temporal 中查看',
  temporalLead: '常用筛选。可见性略有延迟，以本页数字为准。',
  filters: {
    stuck: '所有卡住的订单与退款',
    review: '待人工决定',
    merchantConfig: '商户配置有误',
    gateway: '微信支付无应答',
    refunds: '进行中的退款',
    events: '待通知店铺的事件',
    open: '等待付款的订单',
  } satisfies Readonly<Record<TemporalFilter, string>>,
  ofCharts: {
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
  },
};

type DashboardTexts = typeof zh;

const en: DashboardTexts = {
  title: 'Overview',
  show: 'Show',
  asOf: 'As of',
  stale: 'Cannot be refreshed; this is from',
  now: 'Now',
  lastDay: 'Last 24 hours',
  stuck: 'Stuck orders',
  review: 'Need a decision',
  awaiting: 'Awaiting payment',
  creating: 'Being created',
  refunds: 'Refunds under way',
  events: 'Events to deliver',
  unmatched: 'Unmatched notifies',
  paid: 'Paid',
  closed: 'Closed unpaid',
  refused: 'Refused prepays',
  errors: 'Gateway errors',
  atRisk: (amount) => `${amount} at risk`,
  ofCalls: (count) => `of ${count} calls`,
  waitingToBeHandedOn: (count) => `${count} more to hand on`,
  oldest: 'Stuck longest',
  seeAll: 'See all',
  byReason: 'By reason',
  charts: 'Trends',
  table: 'Show as a table',
  noScript: 'Charts need scripts; the tables below have the same numbers.',
  temporal: 'In the Temporal UI',
  temporalLead: 'Filters worth saving. Visibility lags there; the numbers of this page do not.',
  filters: {
    stuck: 'Everything that is stuck',
    review: 'What a person must decide',
    merchantConfig: 'Merchant configuration refused',
    gateway: 'WeChat Pay does not answer',
    refunds: 'Refunds under way',
    events: 'Shops that have not heard',
    open: 'Orders awaiting payment',
  },
  ofCharts: {
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
  },
};

export const DASHBOARD_TEXTS: Readonly<Record<Language, DashboardTexts>> = { zh, en };
