import { formatYuan } from '../money.js';
import type { ExplainFacts } from './facts.js';

export type Actor = 'nobody' | 'payer' | 'shop' | 'operator' | 'wechat';

/** One thing an order can be waiting for, in words a person can act on. */
export type Situation = {
  readonly waitingFor: string;
  readonly nextStep: string;
  readonly nextStepZh: string;
  readonly actor: Actor;
  readonly nextAtMs: number | null;
  readonly zh: string;
  readonly en: string;
};

export function situationOf(facts: ExplainFacts): Situation {
  return stuck(facts) ?? waiting(facts);
}

function stuck(facts: ExplainFacts): Situation | undefined {
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
    case 'refund_failed':
    case 'shop_unreachable':
      return {
        waitingFor: facts.stuckReason,
        nextStep: 'an operator decides',
        nextStepZh: '由运营人员决定',
        actor: 'operator',
        nextAtMs: null,
        zh: `需要人工处理：${facts.stuckReason}。`,
        en: `A person has to act: ${facts.stuckReason}.`,
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

function review(facts: ExplainFacts): Situation {
  const surplus = {
    zh: `订单保持${facts.state === 'paid' ? '已支付' : '已关闭'}，但出现了不属于它的款项或未能确认的通知（例如另一次支付），等待人工处理。`,
    en: `The order stays ${facts.state}, but there is money or evidence that does not belong to it (a second payment, say); a person decides.`,
  };
  const text = facts.reviewReason === null ? surplus : REVIEW_TEXTS[facts.reviewReason];
  return {
    waitingFor: 'operator_decision',
    nextStep: 'an operator decides',
    nextStepZh: '由运营人员决定',
    actor: 'operator',
    nextAtMs: null,
    ...text,
  };
}

function waiting(facts: ExplainFacts): Situation {
  if (facts.doubted) {
    return {
      waitingFor: 'payment_confirmed',
      nextStep: 'query again',
      nextStepZh: '再次查询',
      actor: 'wechat',
      nextAtMs: facts.nextAtMs,
      zh: '收到了付款通知，正在向微信支付查询确认；确认之前截止时间暂停。',
      en: 'A notify says it is paid; WeChat Pay is being asked to confirm it. The deadline pauses until then.',
    };
  }
  switch (facts.state) {
    case 'creating':
      return {
        waitingFor: 'prepay',
        nextStep: 'ask WeChat Pay for a code',
        nextStepZh: '向微信支付下单',
        actor: 'wechat',
        nextAtMs: facts.nextAtMs,
        zh: '正在向微信支付下单。',
        en: 'WeChat Pay is being asked for a code to pay with.',
      };
    case 'awaitingPayment':
      return awaiting(facts);
    case 'paid':
      return finished(
        `已收到 ${formatYuan(facts.paidFen)}，查询已确认。`,
        `${formatYuan(facts.paidFen)} received, confirmed by a query.`,
      );
    case 'closed':
      return closed(facts);
    case 'review':
      return review(facts);
    default:
      return facts.state satisfies never;
  }
}

function awaiting(facts: ExplainFacts): Situation {
  if (facts.closing) {
    return {
      waitingFor: 'close_confirmed',
      nextStep: 'query, close, query again',
      nextStepZh: '查询、关单、再查询',
      actor: 'wechat',
      nextAtMs: facts.nextAtMs,
      zh: '已到期或被取消，正在向微信支付查询并关单。',
      en: 'Expired or cancelled; WeChat Pay is being queried and asked to close it.',
    };
  }
  if (facts.open === null) {
    return {
      waitingFor: 'new_attempt',
      nextStep: 'close at the deadline',
      nextStepZh: '到期关单',
      actor: 'shop',
      nextAtMs: facts.expiresAtMs,
      zh: '目前没有可支付的二维码或链接；店铺可以发起新的支付尝试，否则到期关闭。',
      en: 'There is no code to pay with at the moment; the shop can open another attempt, otherwise the order is closed at its deadline.',
    };
  }
  return {
    waitingFor: 'payment',
    nextStep: 'query WeChat Pay, unless its notify comes first',
    nextStepZh: '查询微信支付（除非通知先到）',
    actor: 'payer',
    nextAtMs: Math.min(facts.nextAtMs ?? facts.expiresAtMs, facts.expiresAtMs),
    zh: `等待付款人支付 ${formatYuan(facts.amountFen)}。收到微信支付通知时立即查询确认；没有通知时，第 60 秒起也会定期查询（30 秒、1、3、5、10 分钟，之后每 10 分钟）。`,
    en: `Waiting for the payer to pay ${formatYuan(facts.amountFen)}. Its notify makes PaySaga ask WeChat Pay at once; without one it asks from the 60th second on (then after 30 s, 1, 3, 5, 10 min, and every 10 min).`,
  };
}

const CLOSED_TEXTS = {
  expired: { zh: '到期未支付，微信支付已确认关闭。', en: 'Not paid in time; WeChat Pay confirmed that it is closed.' },
  cancelled: {
    zh: '店铺取消，微信支付已确认关闭。',
    en: 'Cancelled by the shop; WeChat Pay confirmed that it is closed.',
  },
  rejected: {
    zh: '微信支付拒绝了下单，且查询确认没有交易。',
    en: 'WeChat Pay refused the prepay, and a query shows no trade.',
  },
  returned: { zh: '款项已退回。', en: 'The money was returned.' },
} as const;

function closed(facts: ExplainFacts): Situation {
  const text = CLOSED_TEXTS[facts.closedReason ?? 'expired'];
  return finished(text.zh, text.en);
}

function finished(zh: string, en: string): Situation {
  return { waitingFor: 'nothing', nextStep: 'none', nextStepZh: '无', actor: 'nobody', nextAtMs: null, zh, en };
}
