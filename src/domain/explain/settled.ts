import { formatYuan } from '../money.js';
import type { ExplainFacts } from './facts.js';
import type { Situation } from './situation.js';

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

export function closed(facts: ExplainFacts): Situation {
  const text = CLOSED_TEXTS[facts.closedReason ?? 'expired'];
  if (facts.returningFen > 0) return returning(facts);
  const back = returnedText(facts);
  return finished(`${text.zh}${back.zh}`, `${text.en}${back.en}`);
}

export function paid(facts: ExplainFacts): Situation {
  if (facts.fulfilment === 'pending') return fulfilling(facts);
  if (facts.returningFen > 0) return returning(facts);
  const back = returnedText(facts);
  return finished(
    `已收到 ${formatYuan(facts.paidFen)}，查询已确认。${back.zh}`,
    `${formatYuan(facts.paidFen)} received, confirmed by a query.${back.en}`,
  );
}

function fulfilling(facts: ExplainFacts): Situation {
  if (facts.shop === 'told') {
    return {
      waitingFor: 'fulfilment',
      nextStep: 'give the money back, or ask a person, as the policy says',
      nextStepZh: '按策略退款或转人工',
      actor: 'shop',
      acts: [],
      nextAtMs: facts.fulfilmentDueMs,
      zh: '已收款并已通知店铺，等待店铺确认发货（fulfilled）或无法发货（rejected）。',
      en: 'Paid, and the shop knows. Waiting for it to say that the goods are delivered (fulfilled) or cannot be (rejected).',
    };
  }
  return {
    waitingFor: 'shop_told',
    nextStep: 'tell the shop again',
    nextStepZh: '再次通知店铺',
    actor: 'shop',
    acts: ['resend'],
    nextAtMs: facts.untold[0]?.nextAtMs ?? facts.fulfilmentDueMs,
    zh: '已收款，店铺尚未确认收到通知；发货期限从店铺收到通知时开始计算。',
    en: 'Paid, but the shop has not confirmed that it knows. Its time to deliver begins when it does.',
  };
}

const returning = (facts: ExplainFacts): Situation => ({
  waitingFor: 'refund',
  nextStep: 'hear from WeChat Pay, or ask it',
  nextStepZh: '等待退款通知或查询退款',
  actor: 'wechat',
  acts: ['recheck'],
  nextAtMs: facts.nextAtMs,
  zh: `正在退回 ${formatYuan(facts.returningFen)}：退款由各自的工作流继续，直到微信支付确认。`,
  en: `${formatYuan(facts.returningFen)} is on its way back: the refund goes on in a workflow of its own until WeChat Pay confirms it.`,
});

const returnedText = ({ returnedFen }: ExplainFacts): { readonly zh: string; readonly en: string } =>
  returnedFen === 0
    ? { zh: '', en: '' }
    : { zh: `已退回 ${formatYuan(returnedFen)}。`, en: ` ${formatYuan(returnedFen)} went back to the payer.` };

function finished(zh: string, en: string): Situation {
  const none = { waitingFor: 'nothing', nextStep: 'none', nextStepZh: '无', actor: 'nobody' } as const;
  return { ...none, acts: [], nextAtMs: null, zh, en };
}
