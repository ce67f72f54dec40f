import { isUnavailable } from '../../db/failure.js';
import { TemporalUnavailable } from '../../temporal/call.js';
import { DomainError, type DomainErrorOptions } from '../../orders/rules/domain-error.js';
import { perLanguage, type Both, type Language } from '../../base/language.js';
import type { GatewayRefusal } from '../../orders/rules/gateway-answer.js';

/** Every code of an error answer; `zh` is its title on pages. Codes are part of the API and never change their meaning. */
export const ERRORS = {
  invalid_request: { status: 400, title: 'The request is not valid', zh: '请求无效' },
  unauthorized: { status: 401, title: 'A valid API key is required', zh: '请重新登录' },
  forbidden: { status: 403, title: 'The API key may not do this', zh: '不允许这样做' },
  refund_above_limit: { status: 403, title: 'More than this key may give back', zh: '超过了您的退款限额' },
  own_approval: { status: 403, title: 'Another person has to decide', zh: '需要由另一个人决定' },
  not_found: { status: 404, title: 'There is nothing here', zh: '这里什么也没有' },
  order_not_found: { status: 404, title: 'There is no such order', zh: '没有这个订单' },
  refund_not_found: { status: 404, title: 'There is no such refund', zh: '没有这笔退款' },
  refund_not_at_wechat: { status: 404, title: 'WeChat Pay knows no such refund', zh: '微信支付没有这个退款单号' },
  approval_not_found: { status: 404, title: 'There is no such approval', zh: '没有这条审批' },
  event_not_found: { status: 404, title: 'There is no such event', zh: '没有这个事件' },
  bulk_not_found: { status: 404, title: 'There is no such bulk', zh: '没有这个批量操作' },
  reconciliation_not_found: { status: 404, title: 'This day was never reconciled', zh: '这一天没有对过账' },
  discrepancy_not_found: { status: 404, title: 'There is no such discrepancy', zh: '没有这条差异' },
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
  approval_final: { status: 409, title: 'It was decided otherwise before', zh: '审批已有不同的决定' },
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
  event_unaddressed: { status: 409, title: 'The shop has no endpoint', zh: '店铺没有配置通知地址' },
  close_too_early: {
    status: 409,
    title: 'WeChat Pay takes no close of the open attempt yet',
    zh: '正在进行的支付尝试还不能关闭',
  },
  notify_unsupported: { status: 409, title: 'The notify is of a kind that is not handled', zh: '本版本不处理这类通知' },
  discrepancy_not_open: {
    status: 409,
    title: 'The discrepancy was repaired or decided before',
    zh: '这条差异已经了结',
  },
  misdirected: { status: 421, title: 'This host is not served here', zh: '这里不服务该主机名' },
  body_too_large: { status: 413, title: 'The body is too large', zh: '提交的内容过大' },
  unsupported_encoding: {
    status: 415,
    title: 'The body is sent in an encoding that is not read here',
    zh: '不接受压缩或以其他方式编码的内容',
  },
  prepay_refused: { status: 422, title: 'WeChat Pay refused the prepay', zh: '微信支付拒绝了下单' },
  charge_refused: { status: 422, title: 'WeChat Pay refused the charge', zh: '微信支付拒绝了扣款' },
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
  date_in_future: { status: 422, title: 'The day is not over yet', zh: '这一天还没有结束' },
  bill_not_ready: { status: 422, title: 'WeChat Pay has no bill of this day yet', zh: '微信支付还没有这一天的账单' },
  date_too_old: {
    status: 422,
    title: 'WeChat Pay keeps no bill of this day any more',
    zh: '这一天的账单已超过保存期限',
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

export const errorTitle = (language: Language, code: ErrorCode): string =>
  language === 'zh' ? ERRORS[code].zh : (EN_ON_PAGES[code] ?? ERRORS[code].title);

const EN_ON_PAGES: Partial<Readonly<Record<ErrorCode, string>>> = {
  unauthorized: 'Please sign in again',
  forbidden: 'This is not allowed',
  rate_limited: 'Too many requests',
};

/** Words that an operator can act on; a code without its own gets its title. */
export const errorText = (language: Language, code: ErrorCode): string =>
  ON_PAGES[language][code] ?? errorTitle(language, code);

const ON_PAGES: Readonly<Record<Language, Partial<Record<ErrorCode, string>>>> = perLanguage({
  invalid_request: ['填写的内容不符合要求，请检查后再试。', 'Something that was entered is out of range.'],
  unauthorized: ['登录已失效，请重新登录。', 'You are no longer signed in.'],
  forbidden: ['您的密钥不能这样做。', 'Your key may not do this.'],
  refund_above_limit: [
    '超过了您的退款限额：同一订单由您发起或批准的退款会累计。请让限额更高的同事处理。',
    'This is above what you may give back: what you asked for and approved of one order counts together. Ask somebody with a higher limit.',
  ],
  own_approval: [
    '这笔退款是您自己申请的，需要由另一个人决定。',
    'You asked for this refund yourself: another person has to decide.',
  ],
  approval_final: ['这笔退款已有不同的决定，决定不能更改。', 'It was decided otherwise before, and a decision stays.'],
  not_found: ['找不到。', 'There is nothing here.'],
  order_not_found: ['找不到对应的订单。', 'There is no order it belongs to.'],
  refund_not_found: ['这个商户没有这笔退款。', 'This merchant has no such refund.'],
  event_not_found: ['这个商户没有这个事件。', 'This merchant has no such event.'],
  order_conflict: ['这个编号已用于其他参数。', 'The number is in use with other parameters.'],
  order_paid: ['订单已经支付，不能关闭。', 'The order is paid; it cannot be closed.'],
  order_closed: ['订单已经关闭。', 'The order is closed.'],
  order_not_payable: ['订单处于这个状态时不能这样做。', "The order's state does not allow this."],
  order_not_paid: ['订单没有支付，没有可退的款项。', 'The order is not paid; there is nothing to refund.'],
  order_in_review: ['订单待人工处理，请先作出决定。', 'The order is in review; decide about it first.'],
  refund_conflict: [
    '这个退款单号已用于另一笔退款，请换一个。',
    'This refund number belongs to another refund; use another.',
  ],
  resolve_unconfirmed: [
    '刚才询问微信支付，没有得到这个决定所依据的确认。请先复查，再看看订单。',
    'WeChat Pay was asked just now and did not confirm what this is decided on. Recheck, and look again.',
  ],
  resolve_not_applicable: [
    '这里没有可以这样决定的事，可能已经有人处理过了。',
    'There is nothing to decide in this way; somebody may have done it already.',
  ],
  refund_not_at_wechat: [
    '微信支付没有这个退款单号，请核对后重新录入。',
    'WeChat Pay knows no refund with this number: compare it and enter it again.',
  ],
  refund_of_another_order: [
    '微信支付显示这笔退款属于另一笔付款，请到那个订单录入。',
    'WeChat Pay knows this refund as one of another payment: enter it at that order.',
  ],
  money_not_ours: [
    '这个单号下的款项是别人的：既不能计入订单，也不能从这里退回，只能关闭订单。',
    "The money under this number is somebody else's: it can be neither taken nor given back here. Close the order.",
  ],
  money_held: [
    '微信支付那里还有这笔订单的款项，不能丢下不管：请接受或退回。',
    'WeChat Pay still holds money of this order: accept it or return it.',
  ],
  reissue_not_allowed: [
    '只有系统自己的退款、且款项未被占用时才能重新发起。',
    "Only one of PaySaga's own refunds is issued again, while its money is free.",
  ],
  event_withdrawn: [
    '事件在通知店铺之前已不成立，不会再发送。',
    'It stopped being true before the shop was told; it is not sent.',
  ],
  event_unaddressed: [
    '店铺没有配置通知地址，发送也无人接收；配置（webhook）并重启之后再发送。',
    'The shop has no endpoint, so nobody would be told: send it once its webhook is configured and the processes were restarted.',
  ],
  notify_unsupported: [
    '本版本仍不处理这类通知；通知会继续保存。',
    'This version does not handle notifies of this kind yet; it stays where it is.',
  ],
  refund_exceeds_paid: [
    '超过可退金额（已付减去已退和退款中）。',
    'More than was paid and is neither back nor on its way back.',
  ],
  refund_limit_reached: [
    '这笔付款已经退款 50 次，微信支付不再受理。',
    'WeChat Pay refunds one payment in at most 50 parts.',
  ],
  refund_too_old: [
    '付款超过 365 天，微信支付不再受理退款。',
    'The payment is more than 365 days old; WeChat Pay refunds it no more.',
  ],
  abnormal_refund_refused: [
    '微信支付拒绝退到商户银行卡。',
    "WeChat Pay refused to send it to the merchant's bank card.",
  ],
  body_too_large: ['提交的内容太大。', 'What was sent is too large.'],
  rate_limited: ['操作太频繁，请稍等再试。', 'Too many requests; wait a moment and send it again.'],
  unavailable: [
    '所依赖的服务没有应答。已记录的不会做两次，请再次提交。',
    'A service PaySaga depends on does not answer. Nothing is done twice: send it again.',
  ],
  outcome_pending: [
    '已记录，但还没有结果。请稍后查看订单；再次提交会接上这次请求，不会做两次。',
    'Recorded, and not known yet what came of it. Look again soon; sending it again joins this request.',
  ],
  close_pending: ['还没有确认关闭，请稍后再试。', 'Not confirmed closed yet; try again soon.'],
  internal_error: ['这里出了错，请稍后再试。', 'Something went wrong here; try again.'],
} as const satisfies Partial<Record<ErrorCode, Both>>);

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
