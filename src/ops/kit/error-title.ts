import type { Language } from '../../base/language.js';
import { ERRORS, type ErrorCode } from '../../http/kit/api-error.js';

const ZH: Readonly<Record<ErrorCode, string>> = {
  invalid_request: '请求无效',
  unauthorized: '请重新登录',
  forbidden: '不允许这样做',
  not_found: '这里什么也没有',
  order_not_found: '没有这个订单',
  refund_not_found: '没有这笔退款',
  event_not_found: '没有这个事件',
  bulk_not_found: '没有这个批量操作',
  method_not_allowed: '这个地址不支持该方法',
  order_conflict: '该单号已用于其他参数',
  order_paid: '订单已支付',
  order_closed: '订单已关闭',
  order_not_payable: '订单在当前状态下不能支付或更改',
  order_expiring: '订单不到一分钟就要截止',
  too_many_attempts: '订单的支付尝试已用完',
  order_not_paid: '订单尚未支付',
  order_in_review: '订单等待人工决定',
  refund_conflict: '该退款单号已用于其他参数',
  fulfilment_not_expected: '订单不需要确认发货',
  fulfilment_final: '发货结果已定，或已超过期限',
  resolve_unconfirmed: '微信支付没有确认该决定所依据的事实',
  resolve_not_applicable: '没有可以这样决定的事项',
  money_held: '订单里还有款项，这样做会把它留下',
  refund_not_at_wechat: '微信支付没有这个退款单号',
  refund_of_another_order: '这笔退款属于另一笔付款',
  money_not_ours: '这笔款项不是付给这个订单的',
  not_stalled: '工作流正常运行，无需救援',
  reissue_not_allowed: '这笔退款不能重新发起',
  misdirected: '这里不服务该主机名',
  notify_unsupported: '本版本不处理这类通知',
  event_withdrawn: '事件在通知店铺之前已不再成立',
  body_too_large: '提交的内容过大',
  unsupported_encoding: '不接受压缩或以其他方式编码的内容',
  prepay_refused: '微信支付拒绝了下单',
  refund_exceeds_paid: '超过了已支付且未退款的金额',
  refund_limit_reached: '这笔付款的退款次数已用完',
  refund_too_old: '这笔付款太久，不能再退款',
  abnormal_refund_refused: '微信支付拒绝了异常退款',
  rate_limited: '请求过于频繁',
  internal_error: '出了点问题',
  unavailable: '所依赖的服务没有应答',
  close_pending: '尚未确认正在进行的支付尝试已关闭',
  outcome_pending: '结果尚不可知',
};

const EN_ON_PAGES: Partial<Record<ErrorCode, string>> = {
  unauthorized: 'Please sign in again',
  forbidden: 'This is not allowed',
  rate_limited: 'Too many requests',
};

/** An error's title for people, in their language. */
export const errorTitle = (language: Language, code: ErrorCode): string =>
  language === 'zh' ? ZH[code] : (EN_ON_PAGES[code] ?? ERRORS[code].title);
