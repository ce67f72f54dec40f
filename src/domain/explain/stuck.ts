import type { ExplainFacts } from './facts.js';
import type { Situation } from './situation.js';

type Text = { readonly zh: string; readonly en: string };

/** What only a person, or only time, can mend. */
export function stuck(facts: ExplainFacts): Situation | undefined {
  switch (facts.stuckReason) {
    case null:
      return undefined;
    case 'merchant_config':
      return {
        waitingFor: 'merchant_config_repaired',
        nextStep: 'repeat the refused call',
        nextStepZh: '重复被拒绝的请求',
        actor: 'operator',
        nextAtMs: facts.nextAtMs,
        zh: '微信支付拒绝了商户身份或权限（密钥、证书序列号、appid 绑定或产品权限）。请修复商户配置；系统每分钟内自动重试同一请求，修复后无需其他操作。',
        en: "WeChat Pay refuses the merchant's identity or rights (key, certificate serial, appid binding or product right). Repair the merchant's configuration; the same call is repeated at least once a minute and goes through by itself then.",
      };
    case 'gateway_unreachable':
      return {
        waitingFor: 'gateway_answer',
        nextStep: 'repeat the call',
        nextStepZh: '重复请求',
        actor: 'wechat',
        nextAtMs: facts.nextAtMs,
        zh: '微信支付超过 3 分钟没有给出可用的应答。系统会一直重试；没有结果不等于失败，订单不会被关闭或丢失。请检查网络与微信支付状态。',
        en: 'WeChat Pay has given no usable answer for more than 3 minutes. The call is repeated for as long as it takes; no answer is not a failure, and the order is neither closed nor lost. Check the network and the state of WeChat Pay.',
      };
    case 'close_unconfirmed':
      return {
        waitingFor: 'close_confirmed',
        nextStep: 'query, close, query again',
        nextStepZh: '查询、关单、再查询',
        actor: 'wechat',
        nextAtMs: facts.nextAtMs,
        zh: '已请求微信支付关闭订单，但查询尚未显示 CLOSED。在确认之前付款人仍可能付款，所以订单不会标记为已关闭；系统会继续查询与关单。',
        en: 'WeChat Pay was asked to close the order, but a query does not say CLOSED yet. Until it does the payer could still pay, so the order is not marked closed; query and close are repeated.',
      };
    case 'review':
      return review(facts);
    case 'merchant_balance':
      return {
        waitingFor: 'merchant_balance',
        nextStep: 'send the same refund again',
        nextStepZh: '以同一退款单号重试',
        actor: 'operator',
        nextAtMs: null,
        zh: '商户余额不足，微信支付暂不受理退款。请充值；系统会自动以同一退款单号重试。',
        en: "The merchant's balance is too small for a refund. Top it up; the same refund is sent again by itself.",
      };
    case 'refund_failed':
      return {
        waitingFor: 'refund_repaired',
        nextStep: 'an operator decides',
        nextStepZh: '由运营人员决定',
        actor: 'operator',
        nextAtMs: null,
        zh: '有一笔退款没有到账。被拒绝或关闭的系统退款可以重新发起（reissue）；异常退款可以退到商户账户（abnormalRefund），或确认已线下退款（paidOffline）。',
        en: "A refund did not arrive. One of PaySaga's own that was refused or closed can be issued again (reissue); an abnormal one can be sent to the merchant card (abnormalRefund) or be stated as paid back offline (paidOffline).",
      };
    case 'shop_unreachable':
      return {
        waitingFor: 'shop_told',
        nextStep: 'send the event again once the shop listens',
        nextStepZh: '店铺恢复后重新发送事件',
        actor: 'shop',
        nextAtMs: null,
        zh: '多次尝试后仍无法通知店铺（或店铺没有配置通知地址）。款项不会因此自动退回；请修复店铺的通知地址后重新发送事件。',
        en: 'The shop could not be told, or has no endpoint. No money goes back for that; repair its endpoint and send the event again.',
      };
    default:
      return facts.stuckReason satisfies never;
  }
}

const REVIEW_TEXTS = {
  amount_mismatch: {
    zh: '微信支付确认的款项与订单不一致（金额、币种、appid 或交易类型）。款项不会计入订单，等待人工决定。',
    en: 'The money WeChat Pay confirmed does not match the order (amount, currency, appid or trade type). It is not booked; a person decides.',
  },
  evidence_conflict: {
    zh: '通知显示已支付，但多次查询均未确认。系统仍在低频查询，一旦确认会自动转为已支付。',
    en: 'A notify says it is paid, but repeated queries do not confirm it. Queries go on slowly, and the order becomes paid by itself once one confirms.',
  },
  refunded_elsewhere: {
    zh: '微信支付显示该笔交易已有退款，但不是由本系统发起。',
    en: 'WeChat Pay shows a refund of this trade that PaySaga did not make.',
  },
  late_payment: {
    zh: '订单关闭之后收到了付款，等待人工决定接受或退回。',
    en: 'Money arrived after the order was closed; a person decides whether to accept or return it.',
  },
} as const;

export function review(facts: ExplainFacts): Situation {
  const surplus = {
    zh: `订单保持${facts.state === 'paid' ? '已支付' : '已关闭'}，但出现了不属于它的款项或未能确认的通知（例如另一次支付），等待人工处理。`,
    en: `The order stays ${facts.state}, but there is money or evidence that does not belong to it (a second payment, say); a person decides.`,
  };
  const text = facts.reviewReason === null ? overdueOr(surplus, facts) : REVIEW_TEXTS[facts.reviewReason];
  return {
    waitingFor: 'operator_decision',
    nextStep: 'an operator decides',
    nextStepZh: '由运营人员决定',
    actor: 'operator',
    nextAtMs: null,
    ...text,
  };
}

const overdueOr = (surplus: Text, { fulfilment }: ExplainFacts): Text =>
  fulfilment !== 'overdue'
    ? surplus
    : {
        zh: '店铺知道已收款，但没有在期限内确认发货，等待人工决定：视为已发货（accept）或退款（return）。',
        en: 'The shop knew that it was paid and did not confirm in time that the goods are delivered; a person decides: take them as delivered (accept) or give the money back (return).',
      };
