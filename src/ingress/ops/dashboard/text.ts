import type { Language } from '../../../base/language.js';

export type DashboardTexts = {
  readonly title: string;
  readonly show: string;
  readonly asOf: string;
  readonly stale: string;
  readonly now: string;
  readonly lastDay: string;
  readonly stuck: string;
  readonly review: string;
  readonly awaiting: string;
  readonly creating: string;
  readonly refunds: string;
  readonly events: string;
  readonly unmatched: string;
  readonly paid: string;
  readonly closed: string;
  readonly refused: string;
  readonly errors: string;
  readonly atRisk: (amount: string) => string;
  readonly ofCalls: (count: string) => string;
  readonly waitingToBeHandedOn: (count: string) => string;
  readonly oldest: string;
  readonly seeAll: string;
  readonly byReason: string;
  readonly charts: string;
  readonly table: string;
  readonly noScript: string;
  readonly temporal: string;
  readonly temporalLead: string;
  readonly filters: Readonly<Record<TemporalFilter, string>>;
};

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
export type TemporalFilter = keyof typeof TEMPORAL_FILTERS;

const zh: DashboardTexts = {
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
  atRisk: (amount) => `涉及款项 ${amount}`,
  ofCalls: (count) => `共调用 ${count} 次`,
  waitingToBeHandedOn: (count) => `另有 ${count} 条等待转交`,
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
  },
};

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
};

export const DASHBOARD_TEXTS: Readonly<Record<Language, DashboardTexts>> = { zh, en };
