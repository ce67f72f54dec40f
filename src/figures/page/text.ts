import { perLanguage, type Both, type Language } from '../../base/language.js';
import type { TIME_TO_PAY_SECONDS } from '../store/trends.js';

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

export const DASHBOARD_TEXTS = perLanguage({
  title: ['总览', 'Overview'],
  show: ['显示', 'Show'],
  asOf: ['更新于', 'As of'],
  stale: ['无法更新，显示的是', 'Cannot be refreshed; this is from'],
  now: ['此刻', 'Now'],
  lastDay: ['最近 24 小时', 'Last 24 hours'],
  stuck: ['卡住的订单', 'Stuck orders'],
  review: ['待人工决定', 'Need a decision'],
  awaiting: ['等待付款', 'Awaiting payment'],
  creating: ['下单中', 'Being created'],
  refunds: ['退款进行中', 'Refunds under way'],
  approvals: ['待批准的退款', 'Refunds to approve'],
  events: ['待送达的店铺通知', 'Events to deliver'],
  unmatched: ['无主的微信通知', 'Unmatched notifies'],
  paid: ['已支付', 'Paid'],
  closed: ['未支付关闭', 'Closed unpaid'],
  refused: ['下单被拒', 'Refused prepays'],
  errors: ['微信支付调用异常', 'Gateway errors'],
  atRisk: [(amount: string) => `涉及款项 ${amount}`, (amount: string) => `${amount} at risk`],
  ofCalls: [(count: string) => `共调用 ${count} 次`, (count: string) => `of ${count} calls`],
  waitingToBeHandedOn: [(count: string) => `另有 ${count} 条等待转交`, (count: string) => `${count} more to hand on`],
  oldest: ['卡得最久的订单', 'Stuck longest'],
  seeAll: ['查看全部', 'See all'],
  byReason: ['按原因', 'By reason'],
  charts: ['走势', 'Trends'],
  table: ['以表格显示', 'Show as a table'],
  noScript: ['图表需要脚本；数据见下方表格。', 'Charts need scripts; the tables below have the same numbers.'],
  temporal: ['在 Temporal 中查看', 'In the Temporal UI'],
  temporalLead: [
    '常用筛选。可见性略有延迟，以本页数字为准。',
    'Filters worth saving. Visibility lags there; the numbers of this page do not.',
  ],
  filters: {
    stuck: ['所有卡住的订单与退款', 'Everything that is stuck'],
    review: ['待人工决定', 'What a person must decide'],
    merchantConfig: ['商户配置有误', 'Merchant configuration refused'],
    gateway: ['微信支付无应答', 'WeChat Pay does not answer'],
    refunds: ['进行中的退款', 'Refunds under way'],
    events: ['待通知店铺的事件', 'Shops that have not heard'],
    open: ['等待付款的订单', 'Orders awaiting payment'],
  } satisfies Readonly<Record<TemporalFilter, Both>>,
  ofCharts: {
    title: {
      paid: ['支付是怎样发现的（每小时）', 'What found the payment, by hour'],
      time: ['从下单到支付用时（24 小时）', 'Time to pay, last 24 hours'],
      refunds: ['退款状态（7 天，按申请日）', 'Refunds by state, 7 days by day of request'],
      errors: ['微信支付调用异常（每小时）', 'Gateway errors by kind, by hour'],
    } satisfies Readonly<Record<ChartId, Both>>,
    hour: ['小时', 'Hour'],
    day: ['日期', 'Day'],
    took: ['用时', 'Took'],
    orders: ['订单', 'Orders'],
    unknown: ['未记录', 'not recorded'],
    others: ['其他', 'others'],
    none: ['没有数据。', 'Nothing to show.'],
    total: ['合计', 'Total'],
    /** Groups of {@link TIME_TO_PAY_SECONDS}, the last without an end. */
    groups: [
      [...ENDS.zh.map((end) => `< ${end}`), `≥ ${ENDS.zh[7]}`],
      [...ENDS.en.map((end) => `< ${end}`), `≥ ${ENDS.en[7]}`],
    ],
  },
});
