import { formatYuan } from '../money.js';
import type { ExplainFacts } from './facts.js';
import { review, stuck } from './stuck.js';

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
      return paid(facts);
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
  if (facts.returningFen > 0) return returning(facts);
  const back = returnedText(facts);
  return finished(`${text.zh}${back.zh}`, `${text.en}${back.en}`);
}

function paid(facts: ExplainFacts): Situation {
  if (facts.fulfilment === 'pending') return fulfilling(facts);
  if (facts.returningFen > 0) return returning(facts);
  const back = returnedText(facts);
  return finished(
    `已收到 ${formatYuan(facts.paidFen)}，查询已确认。${back.zh}`,
    `${formatYuan(facts.paidFen)} received, confirmed by a query.${back.en}`,
  );
}

function fulfilling(facts: ExplainFacts): Situation {
  const isTold = facts.shop === 'told';
  return {
    waitingFor: isTold ? 'fulfilment' : 'shop_told',
    nextStep: isTold ? 'give the money back, or ask a person, as the policy says' : 'tell the shop again',
    nextStepZh: isTold ? '按策略退款或转人工' : '再次通知店铺',
    actor: 'shop',
    nextAtMs: facts.fulfilmentDueMs,
    zh: isTold
      ? '已收款并已通知店铺，等待店铺确认发货（fulfilled）或无法发货（rejected）。'
      : '已收款，店铺尚未确认收到通知；发货期限从店铺收到通知时开始计算。',
    en: isTold
      ? 'Paid, and the shop knows. Waiting for it to say that the goods are delivered (fulfilled) or cannot be (rejected).'
      : 'Paid, but the shop has not confirmed that it knows. Its time to deliver begins when it does.',
  };
}

const returning = (facts: ExplainFacts): Situation => ({
  waitingFor: 'refund',
  nextStep: 'hear from WeChat Pay, or ask it',
  nextStepZh: '等待退款通知或查询退款',
  actor: 'wechat',
  nextAtMs: null,
  zh: `正在退回 ${formatYuan(facts.returningFen)}，等待微信支付确认。`,
  en: `${formatYuan(facts.returningFen)} is on its way back; waiting for WeChat Pay to confirm.`,
});

const returnedText = ({ returnedFen }: ExplainFacts): { readonly zh: string; readonly en: string } =>
  returnedFen === 0
    ? { zh: '', en: '' }
    : { zh: `已退回 ${formatYuan(returnedFen)}。`, en: ` ${formatYuan(returnedFen)} went back to the payer.` };

function finished(zh: string, en: string): Situation {
  return { waitingFor: 'nothing', nextStep: 'none', nextStepZh: '无', actor: 'nobody', nextAtMs: null, zh, en };
}
