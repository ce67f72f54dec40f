import type { Language } from '../../../base/language.js';
import type { Actor } from '../../../domain/explain/situation.js';
import type { TimelineSource } from '../../../domain/timeline.js';
import type { Flash } from '../actions/names.js';

export type OrderTexts = {
  readonly order: string;
  readonly waitsFor: string;
  readonly since: string;
  readonly next: string;
  readonly noNextTime: string;
  readonly attemptsMade: string;
  readonly lastAnswer: string;
  readonly noAnswer: string;
  readonly whoCanAct: string;
  readonly actors: Readonly<Record<Actor, string>>;
  readonly commands: string;
  readonly whatYouCanDo: string;
  readonly inTemporal: string;
  readonly facts: string;
  readonly merchant: string;
  readonly amount: string;
  readonly paid: string;
  readonly sum: string;
  readonly event: string;
  readonly payerPaid: string;
  readonly refunded: string;
  readonly refunding: string;
  readonly returned: string;
  readonly description: string;
  readonly createdAt: string;
  readonly deadline: string;
  readonly paidAt: string;
  readonly closedAt: string;
  readonly stuckSince: string;
  readonly foundBy: string;
  readonly fulfilment: string;
  readonly latePayment: string;
  readonly reason: string;
  readonly attempts: string;
  readonly number: string;
  readonly product: string;
  readonly state: string;
  readonly transaction: string;
  readonly answered: string;
  readonly refunds: string;
  readonly noRefunds: string;
  readonly cause: string;
  readonly offline: string;
  readonly trouble: string;
  readonly events: string;
  readonly noEvents: string;
  readonly deliveries: string;
  readonly notTried: string;
  readonly nextTry: string;
  readonly timeline: string;
  readonly newestFirst: string;
  readonly noTimeline: string;
  readonly sources: Readonly<Record<TimelineSource, string>>;
  readonly times: (count: number) => string;
  readonly until: string;
  readonly atWechat: string;
  readonly by: string;
  readonly nothing: string;
  readonly beijing: string;
  readonly flash: Readonly<Record<Flash, string>>;
};

const zh: OrderTexts = {
  order: '订单',
  waitsFor: '正在等待',
  since: '自',
  next: '下一步',
  noNextTime: '没有计划时间',
  attemptsMade: '已请求次数',
  lastAnswer: '微信支付最近应答',
  noAnswer: '还没有应答',
  whoCanAct: '谁可以处理',
  actors: { nobody: '无需处理', payer: '付款人', shop: '店铺', operator: '运营人员', wechat: '微信支付' },
  commands: '可复制的命令',
  whatYouCanDo: '现在可以做',
  inTemporal: '在 Temporal 中查看',
  facts: '订单与款项',
  merchant: '商户号',
  amount: '订单金额',
  sum: '金额',
  event: '事件',
  paid: '已收款',
  payerPaid: '优惠后实付',
  refunded: '已退款',
  refunding: '退款中',
  returned: '其他款项已退回',
  description: '商品',
  createdAt: '创建',
  deadline: '截止',
  paidAt: '支付',
  closedAt: '关闭',
  stuckSince: '卡住自',
  foundBy: '发现方式',
  fulfilment: '发货',
  latePayment: '关闭后到账时',
  reason: '原因',
  attempts: '支付尝试',
  number: '编号',
  product: '产品',
  state: '状态',
  transaction: '微信订单号',
  answered: '微信支付的回答',
  refunds: '退款',
  noRefunds: '没有退款。',
  cause: '来由',
  offline: '线下退款',
  trouble: '受阻于',
  events: '对店铺的通知',
  noEvents: '还没有要通知店铺的事件。',
  deliveries: '投递',
  notTried: '还没有投递',
  nextTry: '下次',
  timeline: '时间线',
  newestFirst: '最新的在上',
  noTimeline: '还没有记录。',
  sources: { paysaga: 'PaySaga', notify: '微信通知', gateway: '微信应答', shop: '店铺', person: '人工' },
  times: (count) => `共 ${count} 次`,
  until: '至',
  atWechat: '微信记录的时间',
  by: '操作人',
  nothing: '没有变化',
  beijing: '时间均为北京时间',
  flash: {
    rescue: '订单已从数据库继续。',
    recheck: '已请求复查：PaySaga 正在再次询问微信支付，结果会出现在时间线上。',
    close: '订单已关闭，微信支付已确认。',
    'close-pending': '已请求关闭；微信支付确认之后订单才会显示为已关闭。',
    hold: '截止时间已移到最晚。',
    release: '截止时间已恢复。',
    extend: '截止时间已移动。',
    'resolve-accept': '决定已执行：按现状接受。',
    'resolve-return': '决定已执行：款项正在退回。',
    'resolve-close': '决定已执行：订单结束，没有入账。',
    refund: '退款已登记，款项已冻结，正在向微信支付申请。',
    'external-refund': '在别处做的退款已录入，金额和状态以微信支付为准。',
    'external-refund-known': '这笔退款之前已经录入。',
    'refund-known': '这笔退款之前已经登记过，没有再次退款。',
    abnormalRefund: '已请求微信支付把异常退款退到商户银行卡。',
    paidOffline: '已记录为线下退款。',
    reissue: '已用新的退款单号重新发起退款。',
    resend: '正在重新通知店铺。',
    redrive: '通知已重新送交订单。',
  },
};

const en: OrderTexts = {
  order: 'Order',
  waitsFor: 'Waits for',
  since: 'Since',
  next: 'Next step',
  noNextTime: 'no time is planned',
  attemptsMade: 'Calls so far',
  lastAnswer: "WeChat Pay's last answer",
  noAnswer: 'no answer yet',
  whoCanAct: 'Who can act',
  actors: {
    nobody: 'nobody needs to',
    payer: 'the payer',
    shop: 'the shop',
    operator: 'you, the operator',
    wechat: 'WeChat Pay',
  },
  commands: 'Commands to copy',
  whatYouCanDo: 'What you can do now',
  inTemporal: 'Open in Temporal',
  facts: 'Order and money',
  merchant: 'Merchant',
  amount: 'Amount',
  sum: 'Amount',
  event: 'Event',
  paid: 'Paid',
  payerPaid: 'After coupons',
  refunded: 'Refunded',
  refunding: 'Being refunded',
  returned: 'Other money returned',
  description: 'Goods',
  createdAt: 'Created',
  deadline: 'Deadline',
  paidAt: 'Paid at',
  closedAt: 'Closed at',
  stuckSince: 'Stuck since',
  foundBy: 'Found by',
  fulfilment: 'Fulfilment',
  latePayment: 'If paid after closing',
  reason: 'Reason',
  attempts: 'Attempts',
  number: 'Number',
  product: 'Product',
  state: 'State',
  transaction: 'Transaction',
  answered: 'WeChat Pay answered',
  refunds: 'Refunds',
  noRefunds: 'No refunds.',
  cause: 'Cause',
  offline: 'paid back offline',
  trouble: 'Held up by',
  events: 'What the shop was told',
  noEvents: 'There is nothing to tell the shop yet.',
  deliveries: 'Deliveries',
  notTried: 'not tried yet',
  nextTry: 'next',
  timeline: 'Timeline',
  newestFirst: 'newest first',
  noTimeline: 'Nothing is recorded yet.',
  sources: {
    paysaga: 'PaySaga',
    notify: 'WeChat notify',
    gateway: 'WeChat answer',
    shop: 'Shop',
    person: 'Person',
  },
  times: (count) => `${count} times`,
  until: 'to',
  atWechat: 'at WeChat Pay',
  by: 'by',
  nothing: 'nothing changed',
  beijing: 'All times are Beijing time',
  flash: {
    rescue: 'The order goes on from Postgres.',
    recheck: 'PaySaga is asking WeChat Pay again; what it says shows in the timeline.',
    close: 'The order is closed, and WeChat Pay confirmed it.',
    'close-pending': 'Closing was asked for; the order shows as closed once WeChat Pay confirms it.',
    hold: 'The deadline is at its latest now.',
    release: 'The deadline is back where the order was created with.',
    extend: 'The deadline was moved.',
    'resolve-accept': 'Decided: it is taken as it is.',
    'resolve-return': 'Decided: the money is on its way back.',
    'resolve-close': 'Decided: the order ends without money.',
    refund: 'The refund is recorded and its money held; WeChat Pay is being asked.',
    'external-refund': 'The refund made elsewhere is booked as WeChat Pay tells it.',
    'external-refund-known': 'This refund was booked before.',
    'refund-known': 'This refund was recorded before; nothing was refunded a second time.',
    abnormalRefund: "WeChat Pay was asked to send the refund to the merchant's bank card.",
    paidOffline: 'Recorded as paid back offline.',
    reissue: 'The refund was issued again under its next number.',
    resend: 'The shop is being told again.',
    redrive: 'The notify was delivered to its order again.',
  },
};

export const ORDER_TEXTS: Readonly<Record<Language, OrderTexts>> = { zh, en };
