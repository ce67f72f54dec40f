import type { EventStatus, MerchantEventType } from '../../shop-events/rules/event.js';
import type { Language } from '../../base/language.js';
import type {
  AttemptState,
  ClosedReason,
  FoundBy,
  FulfilmentState,
  OrderStateName,
  ReviewReason,
  StuckReason,
} from '../rules/states.js';
import type { LatePayment } from '../rules/policy.js';
import type { Product } from '../rules/product.js';
import type { RefundCause, RefundStateName } from '../../refunds/rules/states.js';

/** The domain's words as an operator reads them. */
export type Words = {
  readonly state: Readonly<Record<OrderStateName, string>>;
  readonly closed: Readonly<Record<ClosedReason, string>>;
  readonly review: Readonly<Record<ReviewReason, string>>;
  readonly stuck: Readonly<Record<StuckReason, string>>;
  /** `closing`: nobody shall pay it any more, and WeChat Pay has not confirmed yet that nobody can. */
  readonly attempt: Readonly<Record<AttemptState | 'closing', string>>;
  readonly fulfilment: Readonly<Record<FulfilmentState, string>>;
  readonly foundBy: Readonly<Record<FoundBy, string>>;
  readonly refund: Readonly<Record<RefundStateName, string>>;
  readonly cause: Readonly<Record<RefundCause, string>>;
  readonly event: Readonly<Record<MerchantEventType, string>>;
  readonly told: Readonly<Record<EventStatus, string>>;
  readonly product: Readonly<Record<Product, string>>;
  readonly latePayment: Readonly<Record<LatePayment, string>>;
};

const zh: Words = {
  state: { creating: '下单中', awaitingPayment: '等待付款', paid: '已支付', closed: '已关闭', review: '待人工处理' },
  closed: { expired: '到期未付', cancelled: '已取消', rejected: '下单被拒', returned: '款项已退回' },
  review: {
    amount_mismatch: '款项与订单不符',
    evidence_conflict: '通知与查询矛盾',
    refunded_elsewhere: '在别处退过款',
    late_payment: '关闭后到账',
    number_in_use: '订单号已被占用',
  },
  stuck: {
    stalled: '无法继续',
    merchant_config: '商户配置有误',
    gateway_unreachable: '微信支付无应答',
    close_unconfirmed: '关单未确认',
    not_written: '无法写入数据库',
    review: '等待人工决定',
    merchant_balance: '商户余额不足',
    refund_failed: '退款未到账',
    shop_unreachable: '通知不到店铺',
    refunded_elsewhere: '在别处退过款',
  },
  attempt: {
    preparing: '准备中',
    open: '可支付',
    closing: '正在关闭',
    succeeded: '已付款',
    closed: '已关闭',
    failed: '未成功',
  },
  fulfilment: {
    none: '不需要',
    pending: '等待店铺确认',
    fulfilled: '已发货',
    rejected: '无法发货',
    overdue: '已超期',
  },
  foundBy: { notify: '通知', poll: '轮询', sync: '店铺主动查询', close: '关单时查询', operator: '人工复查' },
  refund: {
    requested: '申请中',
    processing: '处理中',
    succeeded: '已退款',
    rejected: '被拒绝',
    closed: '已关闭',
    abnormal: '退款异常',
  },
  cause: {
    shop: '普通退款',
    late_payment: '关闭后到账',
    second_payment: '重复付款',
    fulfilment_rejected: '无法发货',
    fulfilment_overdue: '发货超期',
    operator: '人工决定',
    external: '在别处退款',
  },
  event: {
    'order.paid': '订单已支付',
    'order.closed': '订单已关闭',
    'order.review': '订单待人工处理',
    'order.compensating': '订单正在退款补偿',
    'refund.succeeded': '退款成功',
    'refund.rejected': '退款被拒绝',
    'refund.closed': '退款关闭',
    'refund.abnormal': '退款异常',
  },
  told: {
    pending: '正在通知',
    delivered: '已送达',
    withdrawn: '已撤回',
    exhausted: '多次失败',
    unaddressed: '没有通知地址',
  },
  product: { native: 'Native 扫码', jsapi: 'JSAPI', miniProgram: '小程序', app: 'App', h5: 'H5' },
  latePayment: { refund: '自动退回', accept: '自动接受', review: '人工决定' },
};

const en: Words = {
  state: {
    creating: 'Being created',
    awaitingPayment: 'Awaiting payment',
    paid: 'Paid',
    closed: 'Closed',
    review: 'In review',
  },
  closed: {
    expired: 'not paid in time',
    cancelled: 'cancelled',
    rejected: 'prepay refused',
    returned: 'money returned',
  },
  review: {
    amount_mismatch: 'money does not match',
    evidence_conflict: 'notify not confirmed',
    refunded_elsewhere: 'refunded elsewhere',
    late_payment: 'paid after closing',
    number_in_use: 'number in use',
  },
  stuck: {
    stalled: 'Cannot go on',
    merchant_config: 'Merchant configuration',
    gateway_unreachable: 'WeChat Pay does not answer',
    close_unconfirmed: 'Close not confirmed',
    not_written: 'Cannot be written',
    review: 'Needs a decision',
    merchant_balance: 'Merchant balance too small',
    refund_failed: 'Refund did not arrive',
    shop_unreachable: 'Shop cannot be told',
    refunded_elsewhere: 'Refunded elsewhere',
  },
  attempt: {
    preparing: 'Preparing',
    open: 'Payable',
    closing: 'Being closed',
    succeeded: 'Paid',
    closed: 'Closed',
    failed: 'Came to nothing',
  },
  fulfilment: {
    none: 'not required',
    pending: 'waiting for the shop',
    fulfilled: 'delivered',
    rejected: 'cannot be delivered',
    overdue: 'overdue',
  },
  foundBy: {
    notify: 'notify',
    poll: 'polling',
    sync: "the shop's sync",
    close: 'the query at closing',
    operator: 'an operator',
  },
  refund: {
    requested: 'Requested',
    processing: 'Processing',
    succeeded: 'Refunded',
    rejected: 'Refused',
    closed: 'Closed',
    abnormal: 'Abnormal',
  },
  cause: {
    shop: 'ordinary refund',
    late_payment: 'paid after closing',
    second_payment: 'second payment',
    fulfilment_rejected: 'cannot be delivered',
    fulfilment_overdue: 'delivery overdue',
    operator: "an operator's decision",
    external: 'made elsewhere',
  },
  event: {
    'order.paid': 'Order paid',
    'order.closed': 'Order closed',
    'order.review': 'Order in review',
    'order.compensating': 'Order being compensated',
    'refund.succeeded': 'Refund succeeded',
    'refund.rejected': 'Refund refused',
    'refund.closed': 'Refund closed',
    'refund.abnormal': 'Refund abnormal',
  },
  told: {
    pending: 'Being told',
    delivered: 'Delivered',
    withdrawn: 'Withdrawn',
    exhausted: 'Failed for good',
    unaddressed: 'No endpoint',
  },
  product: { native: 'Native', jsapi: 'JSAPI', miniProgram: 'Mini program', app: 'App', h5: 'H5' },
  latePayment: { refund: 'given back', accept: 'accepted', review: 'reviewed by a person' },
};

export const WORDS: Readonly<Record<Language, Words>> = { zh, en };
