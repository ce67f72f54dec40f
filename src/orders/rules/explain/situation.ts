import type { Text } from '../../../actions/rules/decision.js';
import type { AboutOrder } from '../../../decisions/rules/decisions.js';
import { formatYuan } from '../../../base/money.js';
import { isWaiting } from '../states.js';
import type { Claimed, ExplainFacts } from './facts.js';
import { claimantOf, withTheRest } from './also.js';
import { chargeDue, charging } from './charge.js';
import { closeConfirmed, closed, paid } from './settled.js';
import { review } from './review.js';
import { idle, stuck } from './stuck.js';

export type Actor = 'nobody' | 'payer' | 'shop' | 'operator' | 'wechat';

/** `refunds`, `approvals` and `resend` are about each one concerned. */
export type Act = AboutOrder | 'doctor' | 'refunds' | 'approvals' | 'resend';

export type Situation = Text & {
  readonly waitingFor: string;
  readonly next: Text;
  readonly actor: Actor;
  /** The most useful first. */
  readonly acts: readonly Act[];
  /** Absent or null: no time is planned. */
  readonly nextAtMs?: number | null;
};

export function situationOf(facts: ExplainFacts): Situation {
  // A known cause of the silence says more than the silence.
  const first = facts.stuckReason === 'stalled' ? stuck(facts) : idle(facts);
  return withTheRest(facts, first ?? decided(facts) ?? stuck(facts) ?? waiting(facts));
}

/** A person has decided to close what was in review. */
const decided = (facts: ExplainFacts): Situation | undefined =>
  facts.state === 'review' && facts.closing !== null && facts.closing !== 'other' ? closingDown(facts) : undefined;

function waiting(facts: ExplainFacts): Situation {
  if (facts.claimed !== null && facts.state !== 'paid') return confirming(facts, facts.claimed);
  if (facts.charge !== null && isWaiting(facts.state)) return charging(facts, facts.charge);
  if (facts.closing !== null && facts.state !== 'paid' && facts.state !== 'closed') return closingDown(facts);
  if (facts.scan === 'due' && isWaiting(facts.state)) return chargeDue(facts);
  switch (facts.state) {
    case 'creating':
      return {
        waitingFor: 'prepay',
        next: { zh: '向微信支付下单', en: 'ask WeChat Pay for a code' },
        actor: 'wechat',
        acts: ['recheck', 'doctor'],
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

function confirming({ state, nextAtMs }: ExplainFacts, { amountFen, by }: Claimed): Situation {
  const amount = amountFen === null ? null : formatYuan(amountFen);
  const claimant = claimantOf({ amountFen, by });
  const pause = isWaiting(state)
    ? { zh: '；确认之前截止时间暂停', en: ' The deadline pauses until then.' }
    : { zh: '', en: '' };
  return {
    waitingFor: 'payment_confirmed',
    next: { zh: '再次查询', en: 'query again' },
    actor: 'wechat',
    acts: ['recheck'],
    nextAtMs,
    zh: `有${claimant.zh}显示${amount === null ? '已付款' : `已支付 ${amount}`}，正在向微信支付查询确认${pause.zh}。`,
    en: `${claimant.en} says that ${amount ?? 'it'} was paid; WeChat Pay is being asked to confirm it.${pause.en}`,
  };
}

const ENDING_TEXTS = {
  expired: { zh: '订单已到期', en: 'The time to pay is over' },
  cancelled: { zh: '有人要求关闭订单', en: 'Somebody asked to close the order' },
  returned: { zh: '款项正在退回，订单随后关闭', en: 'The money goes back and the order ends' },
  other: { zh: '还有未关闭的支付尝试', en: 'An attempt that must not be paid any more is open' },
} as const;

function closingDown(facts: ExplainFacts): Situation {
  const text = ENDING_TEXTS[facts.closing ?? 'other'];
  return {
    ...closeConfirmed(facts),
    zh: `${text.zh}：正在向微信支付查询并关单，不再提供付款码。在微信支付确认之前，付款仍可能到账，并会计入订单。`,
    en: `${text.en}: WeChat Pay is being queried and asked to close it, and no code is shown any more. Until it confirms, a payment may still arrive, and counts.`,
  };
}

function awaiting(facts: ExplainFacts): Situation {
  if (facts.open === null && facts.scan === 'over') return rescan(facts);
  if (facts.open === null) {
    return {
      waitingFor: 'new_attempt',
      next: { zh: '到期关单', en: 'close at the deadline' },
      actor: 'shop',
      acts: ['close', 'recheck'],
      nextAtMs: facts.expiresAtMs,
      zh: '目前没有可支付的二维码或链接；店铺可以发起新的支付尝试，否则到期关闭。',
      en: 'There is no code to pay with at the moment; the shop can open another attempt, otherwise the order is closed at its deadline.',
    };
  }
  return {
    waitingFor: 'payment',
    next: { zh: '查询微信支付（除非通知先到）', en: 'query WeChat Pay, unless its notify comes first' },
    actor: 'payer',
    acts: ['recheck', 'close', 'hold'],
    nextAtMs: Math.min(facts.nextAtMs ?? facts.expiresAtMs, facts.expiresAtMs),
    zh: `等待付款人支付 ${formatYuan(facts.amountFen)}。收到微信支付通知时立即查询确认；没有通知时，约第 60 秒起也会定期查询（30 秒、1、3、5、10 分钟，之后每 10 分钟；各订单错开，间隔最多长四分之一）。`,
    en: `Waiting for the payer to pay ${formatYuan(facts.amountFen)}. Its notify makes PaySaga ask WeChat Pay at once; without one it asks from about the 60th second on (then after 30 s, 1, 3, 5, 10 min, and every 10 min, each order at its own pace, up to a quarter longer).`,
  };
}

const rescan = ({ refused, expiresAtMs }: ExplainFacts): Situation => {
  const code = refused === null ? { zh: '', en: '' } : { zh: `（${refused.code}）`, en: ` (${refused.code})` };
  return {
    waitingFor: 'new_attempt',
    next: { zh: '到期关单', en: 'close at the deadline' },
    actor: 'shop',
    acts: ['close', 'recheck'],
    nextAtMs: expiresAtMs,
    zh: `上一个付款码没有扣款${code.zh}；收银员可以扫新的付款码（新的支付尝试），否则到期关闭。`,
    en: `The last payer's code was not charged${code.en}; the till can scan the next one (another attempt), otherwise the order is closed at its deadline.`,
  };
};
