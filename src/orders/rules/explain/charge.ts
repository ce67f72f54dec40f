import { formatYuan } from '../../../base/money.js';
import { isCharge, isOurs, isUnsettled } from '../attempt.js';
import { chargeEndsMs } from '../charge.js';
import { closingDueMs } from '../closing.js';
import { nextChargePollMs } from '../schedules.js';
import { endingOf, type OrderState } from '../state.js';
import type { ExplainFacts } from './facts.js';
import { readableTime } from './markdown.js';
import type { Situation } from './situation.js';

/** A charge nobody knows the end of. `isTaken`: WeChat Pay has it and waits for the payer. */
export type ChargeFacts = {
  readonly isTaken: boolean;
  /** Given up, or due to be. */
  readonly isReversing: boolean;
  /** When it is given up by itself; null once it is being closed. */
  readonly endsAtMs: number | null;
  readonly nextAtMs: number;
};

export function chargeFacts(order: OrderState, nowMs: number): ChargeFacts | null {
  const attempt = order.attempts.find((it) => isCharge(it) && isUnsettled(it) && it.prepay.sent !== null);
  const sentAtMs = attempt?.prepay.sent?.firstAtMs;
  if (attempt === undefined || sentAtMs === undefined) return null;
  const { closing, code, isReversing } = attempt;
  const lastsToMs = chargeEndsMs(order);
  const endsAtMs = lastsToMs === null ? null : Math.min(lastsToMs, order.deadlineMs);
  const isGivenUp = closing !== null || endingOf(order) !== null || (endsAtMs ?? Infinity) <= nowMs;
  const pollMs = nextChargePollMs(sentAtMs, nowMs);
  const dueMs = closing === null ? Math.min(pollMs, endsAtMs ?? pollMs) : closingDueMs(closing);
  return {
    isTaken: code !== null,
    isReversing: isReversing || (isGivenUp && isOurs(attempt)),
    endsAtMs,
    nextAtMs: Math.max(dueMs, nowMs),
  };
}

/** The payer's code is in the row: its charge has yet to leave. */
export const chargeDue = ({ amountFen, nextAtMs }: ExplainFacts): Situation => ({
  waitingFor: 'charge',
  next: { zh: '扣款', en: 'charge the code' },
  actor: 'wechat',
  acts: ['recheck', 'close', 'doctor'],
  nextAtMs,
  zh: `即将用付款码扣款 ${formatYuan(amountFen)}，请求尚未发出。`,
  en: `The payer's code is about to be charged ${formatYuan(amountFen)}; nothing has left yet.`,
});

export function charging({ amountFen }: ExplainFacts, charge: ChargeFacts): Situation {
  const { isTaken, isReversing, endsAtMs, nextAtMs } = charge;
  const amount = formatYuan(amountFen);
  if (isReversing) {
    return {
      waitingFor: 'reverse_confirmed',
      next: { zh: '查询、撤销、再查询', en: 'query, reverse, query again' },
      actor: 'wechat',
      acts: ['recheck'],
      nextAtMs,
      zh: `正在撤销付款码扣款 ${amount}（扣款 15 秒之后才撤销），直到微信支付查询显示已撤销、已关闭或款项已退回。此后即使付款成功，也会原路退回，订单不会变为已支付。`,
      en: `The charge of ${amount} is being reversed, no sooner than 15 s after it was made, until a query says reversed, closed or paid back. Money that comes on it from then on goes back; the order is not paid by it.`,
    };
  }
  const end = endsAtMs === null ? { zh: '', en: '' } : endText(endsAtMs);
  const next = { zh: '再次查询', en: 'query again' };
  return isTaken
    ? {
        ...{ waitingFor: 'payer_password', next, actor: 'payer', acts: ['recheck', 'close'], nextAtMs },
        zh: `等待付款人在手机上确认支付 ${amount}（可能需要输入密码），每 5 秒查询一次。${end.zh}`,
        en: `Waiting for the payer to confirm ${amount} on the phone, perhaps with the password; WeChat Pay is asked every 5 s.${end.en}`,
      }
    : {
        ...{ waitingFor: 'charge_known', next, actor: 'wechat', acts: ['recheck', 'close'], nextAtMs },
        zh: `已用付款码扣款 ${amount}，尚不知结果；同一单号不会再扣第二次，每 5 秒查询一次。${end.zh}`,
        en: `${amount} was charged and the outcome is not known; the number is never charged twice, and WeChat Pay is asked every 5 s.${end.en}`,
      };
}

const endText = (endsAtMs: number) => {
  const at = readableTime(endsAtMs);
  return { zh: `到 ${at} 仍未支付则撤销。`, en: ` Not paid by ${at}, it is reversed.` };
};
