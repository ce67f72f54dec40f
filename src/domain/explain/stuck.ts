import { refusedText } from '../refund/refused.js';
import { isReleased, type RefundCause } from '../refund/states.js';
import { differencesText } from './differences.js';
import { returning } from './settled.js';
import type { ExplainFacts } from './facts.js';
import type { Situation } from './situation.js';

type Text = { readonly zh: string; readonly en: string };

/** What only a person, or only time, can mend. */
export function stuck(facts: ExplainFacts): Situation | undefined {
  switch (facts.stuckReason) {
    case null:
      return undefined;
    case 'stalled':
      return {
        waitingFor: 'rescue',
        nextStep: 'go on from Postgres once it is rescued',
        nextStepZh: '救援后从数据库继续',
        actor: 'operator',
        acts: ['rescue', 'doctor'],
        nextAtMs: null,
        zh: '订单（或它的退款）的工作流无法继续：它的任务反复失败，或者它绑定的版本已没有进程运行。款项与请求不会丢失，但在救援之前什么都不会发生。先修复原因，再执行 rescue：结束该次运行，订单从数据库继续。',
        en: 'The workflow of the order, or of one of its refunds, cannot go on: its task fails again and again, or it is bound to a build that nobody runs. No money and no request is lost, but nothing happens until it is rescued. Mend the cause, then rescue it: the run is ended, and the order goes on from Postgres.',
      };
    case 'merchant_config':
      return {
        waitingFor: 'merchant_config_repaired',
        nextStep: 'repeat the refused call',
        nextStepZh: '重复被拒绝的请求',
        actor: 'operator',
        acts: ['doctor', 'recheck'],
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
        acts: ['doctor', 'hold', 'recheck'],
        nextAtMs: facts.nextAtMs,
        zh: '微信支付超过 3 分钟没有给出可用的应答。系统至少每分钟重试一次，直到有应答；没有结果不等于失败，订单不会被关闭或丢失。请检查网络与微信支付状态。',
        en: 'WeChat Pay has given no usable answer for more than 3 minutes. The call is repeated at least once a minute, for as long as it takes; no answer is not a failure, and the order is neither closed nor lost. Check the network and the state of WeChat Pay.',
      };
    case 'close_unconfirmed':
      return {
        waitingFor: 'close_confirmed',
        nextStep: 'query, close, query again',
        nextStepZh: '查询、关单、再查询',
        actor: 'wechat',
        acts: ['recheck'],
        nextAtMs: facts.nextAtMs,
        zh: '已请求微信支付关闭订单，但查询尚未显示 CLOSED。在确认之前付款人仍可能付款，所以订单不会标记为已关闭；系统会继续查询与关单。',
        en: 'WeChat Pay was asked to close the order, but a query does not say CLOSED yet. Until it does the payer could still pay, so the order is not marked closed; query and close are repeated.',
      };
    case 'not_written':
      return {
        waitingFor: 'written',
        nextStep: 'write it again',
        nextStepZh: '再次写入',
        actor: 'operator',
        acts: ['doctor', 'recheck'],
        nextAtMs: null,
        zh: '数据库拒绝写入系统已知的结果（约束、触发器或数据类型），因此此处显示的状态可能落后于微信支付。款项不会丢失；系统每 5 分钟内重试一次，原因排除后自动恢复。请把本页与 Temporal 中活动的失败信息（约束名）交给维护人员；修复后可复查，立即重试。',
        en: 'Postgres refuses to take what PaySaga knows (a constraint, a trigger, a type), so what is shown here may be behind WeChat Pay. No money is lost: it is tried again at least every 5 minutes and goes through by itself once the cause is gone. The activity in the Temporal UI names the rule that refuses; once it is repaired, a recheck tries at once.',
      };
    case 'review':
      return review(facts);
    case 'merchant_balance':
      return {
        waitingFor: 'merchant_balance',
        nextStep: 'send the same refund again',
        nextStepZh: '以同一退款单号重试',
        actor: 'operator',
        acts: ['recheck'],
        nextAtMs: facts.nextAtMs,
        zh: '商户余额不足，微信支付暂不受理退款。请充值；系统会自动以同一退款单号重试。',
        en: "The merchant's balance is too small for a refund. Top it up; the same refund is sent again by itself.",
      };
    case 'refund_failed':
      return refundFailed(facts);
    case 'shop_unreachable':
      return shopUnreachable(facts);
    case 'refunded_elsewhere':
      return {
        waitingFor: 'refund_explained',
        nextStep: 'an operator enters the number of the refund',
        nextStepZh: '由运营人员录入退款单号',
        actor: 'operator',
        acts: ['externalRefund', 'recheck'],
        nextAtMs: null,
        zh: '微信支付显示这笔款项已有退款，但不是由本系统发起，查询也不返回金额。订单保持已支付。请在商户平台查到商户退款单号并录入；系统会向微信支付查询并记账，之后只退还剩余部分。',
        en: 'WeChat Pay says that this payment was refunded, not by PaySaga, and its query names no sum. The order stays paid. Find the refund at the merchant platform and enter its number: WeChat Pay is asked about it and it is booked, so that only the rest is ever given back.',
      };
    default:
      return facts.stuckReason satisfies never;
  }
}

function refundFailed(facts: ExplainFacts): Situation {
  return {
    waitingFor: 'refund_repaired',
    nextStep: 'an operator decides',
    nextStepZh: '由运营人员决定',
    actor: 'operator',
    acts: facts.refunds.length === 0 ? ['return', 'accept', 'recheck'] : ['refunds', 'recheck'],
    nextAtMs: null,
    ...refundTexts(facts),
  };
}

const REFUSED_REFUND = { zh: '微信支付拒绝退款', en: 'WeChat Pay refuses the refund' };
const ENDED_REFUND = {
  zh: '系统发起的一笔退款被微信支付拒绝或关闭，款项仍在商户处',
  en: "One of PaySaga's own refunds was refused or closed by WeChat Pay, and the money is still with the merchant",
};

function refundTexts({ refunds }: ExplainFacts): Text {
  if (refunds.some(({ state }) => state === 'abnormal')) {
    return {
      zh: '有一笔退款无法原路退回（付款人的卡或账户异常）。可以退到商户自己的银行卡（abnormalRefund）后自行付给付款人，或在线下退款后确认（paidOffline）。',
      en: "A refund cannot go back the way it came: the payer's card or account takes no money. Send it to the merchant's own bank card (abnormalRefund) and pay the payer yourself, or state that it was paid back offline (paidOffline).",
    };
  }
  const ended = refunds.find(({ state, cause }) => isPaySagas(cause) && isReleased(state));
  if (ended !== undefined) {
    const code = ended.state === 'rejected' ? ended.code : null;
    return refusedText(code === null ? ENDED_REFUND : REFUSED_REFUND, code, 'paysaga');
  }
  if (refunds.length > 0) {
    return {
      zh: '微信支付以其他参数登记了这个退款单号，说明别处使用过它。请在商户平台核对；款项保持占用。',
      en: 'WeChat Pay knows the refund number with other terms: something else has used it. Compare at the merchant platform; its money stays held.',
    };
  }
  return {
    zh: '应退的款项无法发起退款（付款超过 365 天，或已退款 50 次）。请自行退给付款人，然后保留订单现状（accept），或再次尝试（return）。',
    en: 'Money that should go back cannot be refunded (paid more than 365 days ago, or refunded 50 times). Pay the payer yourself and leave the order as it is (accept), or try again (return).',
  };
}

function shopUnreachable(facts: ExplainFacts): Situation {
  const isOverdue = facts.fulfilment === 'overdue';
  return {
    waitingFor: 'shop_told',
    nextStep: 'send the event again once the shop listens',
    nextStepZh: '店铺恢复后重新发送事件',
    actor: isOverdue ? 'operator' : 'shop',
    acts: isOverdue ? ['resend', 'accept', 'return', 'recheck'] : ['resend', 'recheck'],
    nextAtMs: facts.untold[0]?.nextAtMs ?? null,
    zh: `多次尝试后仍无法通知店铺（或店铺没有配置通知地址）。款项不会因此自动退回；请修复店铺的通知地址后重新发送事件。${isOverdue ? '发货期限也已过：由运营人员决定视为已发货（accept）或退款（return）。' : ''}`,
    en: `The shop could not be told, or has no endpoint. No money goes back for that; repair its endpoint and send the event again.${isOverdue ? ' Its time to deliver is over as well: an operator decides to take the goods as delivered (accept) or to give the money back (return).' : ''}`,
  };
}

/** Something was due and nobody did it: whatever else is wrong, this comes first. */
export function idle({ idleSinceMs }: ExplainFacts): Situation | undefined {
  if (idleSinceMs === null) return undefined;
  return {
    waitingFor: 'worker',
    nextStep: 'go on once a worker runs',
    nextStepZh: '工作进程恢复后继续',
    actor: 'operator',
    acts: ['doctor', 'recheck'],
    nextAtMs: null,
    zh: '早该向微信支付发出请求，但没有发出：工作进程没有运行，或无法连接 Temporal。款项不会丢失；恢复后会自动继续，也可以立即复查。',
    en: 'WeChat Pay should have been called long ago and was not: no worker runs, or Temporal cannot be reached. No money is lost; the order goes on by itself once they are back, and a recheck makes it look at once.',
  };
}

const REVIEW_TEXTS = {
  amount_mismatch: {
    zh: '微信支付确认的款项与订单不一致（金额、币种、appid、交易类型或支付时间）。款项不会计入订单，等待人工决定。',
    en: 'The money WeChat Pay confirmed does not match the order (amount, currency, appid, trade type or time). It is not booked; a person decides.',
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
  number_in_use: {
    zh: '在本系统第一次下单之前，微信支付已有这个商户订单号的已支付交易（例如旧系统或恢复前的数据库）。这笔款项不计入订单，也不会自动退回；请在商户平台核对后关闭订单（close），并换一个订单号重新下单。',
    en: 'WeChat Pay had a paid trade under this number before PaySaga first asked for one (an older system, say, or a database that was restored). That money is not booked and not returned; find out whose it is, close this order, and sell under another orderNo.',
  },
} as const;

export function review(facts: ExplainFacts): Situation {
  const isDecided = !facts.possible.some((act) => act === 'accept' || act === 'return' || act === 'dismiss');
  return isDecided ? afterDecision(facts) : toDecide(facts);
}

/** All of the money is on its way back, and nothing is left to decide but what may become of that. */
function afterDecision(facts: ExplainFacts): Situation {
  const isStopped = facts.refunds.some(({ state, canBeReissued }) => state === 'abnormal' || canBeReissued);
  if (isStopped) return refundFailed(facts);
  if (facts.returningFen > 0) return returning(facts);
  return {
    waitingFor: 'order_ended',
    nextStep: 'end the order',
    nextStepZh: '结束订单',
    actor: 'operator',
    acts: ['recheck'],
    nextAtMs: facts.nextAtMs,
    zh: '需要决定的都已决定，款项已退回；系统会结束订单。如果长时间没有变化，请复查（recheck）。',
    en: 'All that had to be decided is decided and the money went back; PaySaga ends the order. Should that not happen, recheck it.',
  };
}

function toDecide(facts: ExplainFacts): Situation {
  const surplus = {
    zh: `订单保持${facts.state === 'paid' ? '已支付' : '已关闭'}，但出现了不属于它的款项或未能确认的通知（例如另一次支付），等待人工处理。`,
    en: `The order stays ${facts.state}, but there is money or evidence that does not belong to it (a second payment, say); a person decides.`,
  };
  const text = facts.reviewReason === null ? overdueOr(surplus, facts) : REVIEW_TEXTS[facts.reviewReason];
  const seen = differencesText(facts.differences);
  return {
    waitingFor: 'operator_decision',
    nextStep: 'an operator decides',
    nextStepZh: '由运营人员决定',
    actor: 'operator',
    // A guess that a query may still settle is asked about first; elsewhere only the decision ends it.
    acts:
      facts.reviewReason === 'evidence_conflict' ? ['recheck', 'dismiss'] : ['accept', 'return', 'dismiss', 'recheck'],
    nextAtMs: null,
    zh: text.zh + seen.zh,
    en: text.en + seen.en,
  };
}

const isPaySagas = (cause: RefundCause): boolean => cause !== 'shop';

const overdueOr = (surplus: Text, { fulfilment }: ExplainFacts): Text =>
  fulfilment !== 'overdue'
    ? surplus
    : {
        zh: '店铺知道已收款，但没有在期限内确认发货，等待人工决定：视为已发货（accept）或退款（return）。',
        en: 'The shop knew that it was paid and did not confirm in time that the goods are delivered; a person decides: take them as delivered (accept) or give the money back (return).',
      };
