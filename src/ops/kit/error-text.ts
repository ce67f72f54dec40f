import { perLanguage, type Both, type Language } from '../../base/language.js';
import { ERRORS, type ErrorCode } from '../../http/kit/api-error.js';

export const errorTitle = (language: Language, code: ErrorCode): string =>
  language === 'zh' ? ERRORS[code].zh : (EN_ON_PAGES[code] ?? ERRORS[code].title);

const EN_ON_PAGES: Partial<Readonly<Record<ErrorCode, string>>> = {
  unauthorized: 'Please sign in again',
  forbidden: 'This is not allowed',
  rate_limited: 'Too many requests',
};

/** Words that an operator can act on; a code without its own gets its title. */
export const errorText = (language: Language, code: ErrorCode): string =>
  TEXTS[language][code] ?? errorTitle(language, code);

const TEXTS: Readonly<Record<Language, Partial<Record<ErrorCode, string>>>> = perLanguage({
  invalid_request: ['填写的内容不符合要求，请检查后再试。', 'Something that was entered is out of range.'],
  unauthorized: ['登录已失效，请重新登录。', 'You are no longer signed in.'],
  forbidden: ['您的密钥不能处理这个商户。', 'Your key does not act for this merchant.'],
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
    '在本系统使用这个单号之前就有人付了款：既不能计入订单，也不能从这里退回，只能关闭订单。',
    'Somebody paid under this number before PaySaga used it: it can be neither taken nor given back here. Close the order.',
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
