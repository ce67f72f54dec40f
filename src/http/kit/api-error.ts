import { isUnavailable } from '../../db/failure.js';
import { TemporalUnavailable } from '../../temporal/call.js';
import { DomainError, type DomainErrorOptions } from '../../orders/rules/domain-error.js';
import type { GatewayRefusal } from '../../orders/rules/gateway-answer.js';

/** Every code of an error answer; `zh` is its title on pages. Codes are part of the API and never change their meaning. */
export const ERRORS = {
  invalid_request: { status: 400, title: 'The request is not valid', zh: '请求无效' },
  unauthorized: { status: 401, title: 'A valid API key is required', zh: '请重新登录' },
  forbidden: { status: 403, title: 'The API key may not do this', zh: '不允许这样做' },
  not_found: { status: 404, title: 'There is nothing here', zh: '这里什么也没有' },
  order_not_found: { status: 404, title: 'There is no such order', zh: '没有这个订单' },
  refund_not_found: { status: 404, title: 'There is no such refund', zh: '没有这笔退款' },
  refund_not_at_wechat: { status: 404, title: 'WeChat Pay knows no such refund', zh: '微信支付没有这个退款单号' },
  event_not_found: { status: 404, title: 'There is no such event', zh: '没有这个事件' },
  bulk_not_found: { status: 404, title: 'There is no such bulk', zh: '没有这个批量操作' },
  method_not_allowed: { status: 405, title: 'The path does not know this method', zh: '这个地址不支持该方法' },
  order_conflict: { status: 409, title: 'The number is in use with other parameters', zh: '该单号已用于其他参数' },
  order_paid: { status: 409, title: 'The order is paid', zh: '订单已支付' },
  order_closed: { status: 409, title: 'The order is closed', zh: '订单已关闭' },
  order_not_payable: {
    status: 409,
    title: 'The order cannot be paid or changed in its state',
    zh: '订单在当前状态下不能支付或更改',
  },
  order_expiring: { status: 409, title: 'The order ends in less than a minute', zh: '订单不到一分钟就要截止' },
  too_many_attempts: { status: 409, title: 'The order has used up its attempts', zh: '订单的支付尝试已用完' },
  order_not_paid: { status: 409, title: 'The order is not paid', zh: '订单尚未支付' },
  order_in_review: { status: 409, title: 'The order is in review', zh: '订单等待人工决定' },
  refund_conflict: {
    status: 409,
    title: 'The refund number is in use with other parameters',
    zh: '该退款单号已用于其他参数',
  },
  fulfilment_not_expected: { status: 409, title: 'The order requires no fulfilment', zh: '订单不需要确认发货' },
  fulfilment_final: {
    status: 409,
    title: 'The fulfilment is decided otherwise, or its time is over',
    zh: '发货结果已定，或已超过期限',
  },
  resolve_unconfirmed: {
    status: 409,
    title: 'WeChat Pay did not confirm what the decision is based on',
    zh: '微信支付没有确认该决定所依据的事实',
  },
  resolve_not_applicable: {
    status: 409,
    title: 'There is nothing to decide in this way',
    zh: '没有可以这样决定的事项',
  },
  money_held: {
    status: 409,
    title: 'The order holds money that this would leave behind',
    zh: '订单里还有款项，这样做会把它留下',
  },
  refund_of_another_order: { status: 409, title: 'The refund is of another payment', zh: '这笔退款属于另一笔付款' },
  money_not_ours: { status: 409, title: 'The money was not paid to this order', zh: '这笔款项不是付给这个订单的' },
  not_stalled: { status: 409, title: 'Its workflow goes on by itself', zh: '工作流正常运行，无需救援' },
  reissue_not_allowed: { status: 409, title: 'This refund is not issued again', zh: '这笔退款不能重新发起' },
  event_withdrawn: {
    status: 409,
    title: 'The event stopped being true before the shop was told',
    zh: '事件在通知店铺之前已不再成立',
  },
  notify_unsupported: { status: 409, title: 'The notify is of a kind that is not handled', zh: '本版本不处理这类通知' },
  misdirected: { status: 421, title: 'This host is not served here', zh: '这里不服务该主机名' },
  body_too_large: { status: 413, title: 'The body is too large', zh: '提交的内容过大' },
  unsupported_encoding: {
    status: 415,
    title: 'The body is sent in an encoding that is not read here',
    zh: '不接受压缩或以其他方式编码的内容',
  },
  prepay_refused: { status: 422, title: 'WeChat Pay refused the prepay', zh: '微信支付拒绝了下单' },
  refund_exceeds_paid: {
    status: 422,
    title: 'More than what was paid and is not refunded',
    zh: '超过了已支付且未退款的金额',
  },
  refund_limit_reached: { status: 422, title: 'The payment has used up its refunds', zh: '这笔付款的退款次数已用完' },
  refund_too_old: { status: 422, title: 'The payment is too old to be refunded', zh: '这笔付款太久，不能再退款' },
  abnormal_refund_refused: {
    status: 422,
    title: 'WeChat Pay refused the abnormal refund',
    zh: '微信支付拒绝了异常退款',
  },
  rate_limited: { status: 429, title: 'Too many requests with this API key', zh: '请求过于频繁' },
  internal_error: { status: 500, title: 'Something went wrong here', zh: '出了点问题' },
  unavailable: { status: 503, title: 'A service PaySaga depends on does not answer', zh: '所依赖的服务没有应答' },
  close_pending: {
    status: 503,
    title: 'The open attempt is not confirmed closed yet',
    zh: '尚未确认正在进行的支付尝试已关闭',
  },
  outcome_pending: { status: 503, title: 'The outcome is not known yet', zh: '结果尚不可知' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(ERRORS, text);

type ApiErrorOptions = DomainErrorOptions & { readonly cause?: unknown };

/** An error answer the caller is meant to see. The detail is for people and never repeats what was sent. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  /** For `Retry-After`; 429 and 503 always carry one. */
  readonly retryAfterSeconds: number | undefined;
  readonly gateway: GatewayRefusal | null | undefined;

  constructor(code: ErrorCode, detail: string, options: ApiErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.gateway = options.gateway;
  }
}

export function apiErrorOf(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  return error instanceof DomainError ? new ApiError(error.code, error.message, error) : undefined;
}

/**
 * The answer while Postgres or Temporal is away; undefined for any other error. Without Postgres nothing was done. Without Temporal
 * the outcome is open: the request is kept, and brought to its workflow later.
 */
export function outageOf(error: unknown): ApiError | undefined {
  if (error instanceof TemporalUnavailable) {
    return new ApiError('outcome_pending', 'Temporal does not answer; repeat the call: nothing is done twice.', {
      cause: error,
    });
  }
  return isUnavailable(error)
    ? new ApiError('unavailable', 'Repeat the request: nothing is done twice.', { cause: error })
    : undefined;
}
