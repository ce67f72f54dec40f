import { refusedText } from '../../../refunds/rules/refused.js';
import { isOwn, isReleased } from '../../../refunds/rules/states.js';
import type { ExplainFacts, RefundFacts } from './facts.js';
import type { Text } from '../../../actions/rules/decision.js';
import type { Act, Situation } from './situation.js';

export function refundFailed(facts: ExplainFacts): Situation {
  return {
    waitingFor: 'refund_repaired',
    next: { zh: '由运营人员决定', en: 'an operator decides' },
    actor: 'operator',
    acts: actsOn(facts),
    ...refundTexts(facts),
  };
}

/** What PaySaga could not give back may have gone back elsewhere: once that is known, the rest follows by itself. */
function actsOn({ refunds }: ExplainFacts): readonly Act[] {
  if (refunds.length === 0) return ['resolve-return', 'resolve-accept', 'recheck'];
  const ended = refunds.find(isEnded);
  if (ended === undefined || refunds.some(({ state }) => state === 'abnormal')) return ['refunds', 'recheck'];
  return MAY_BE_BACK.has(ended.code ?? '')
    ? ['external-refund', 'refunds', 'recheck']
    : ['refunds', 'recheck', 'external-refund'];
}

const isEnded = ({ state, cause }: RefundFacts): boolean => isOwn(cause) && isReleased(state);

function refundTexts({ refunds }: ExplainFacts): Text {
  if (refunds.some(({ state }) => state === 'abnormal')) {
    return {
      zh: '有一笔退款无法原路退回（付款人的卡或账户异常）。可以退到商户自己的银行卡（abnormalRefund）后自行付给付款人，或在线下退款后确认（paidOffline）。',
      en: "A refund cannot go back the way it came: the payer's card or account takes no money. Send it to the merchant's own bank card (abnormalRefund) and pay the payer yourself, or state that it was paid back offline (paidOffline).",
    };
  }
  const ended = refunds.find(isEnded);
  if (ended !== undefined) {
    const code = ended.state === 'rejected' ? ended.code : null;
    return refusedText(code === null ? ENDED_REFUND : REFUSED_REFUND, code, 'paysaga');
  }
  if (refunds.length > 0) {
    return {
      zh: '微信支付以其他条件登记了这个退款单号，说明别处使用过它；款项保持占用。请在商户平台核对，然后录入这个单号（refund external）：以微信支付为准入账，系统自己的退款随后就剩余部分自动重新发起，店铺的退款可以用新的退款单号再次申请。',
      en: "WeChat Pay knows the refund number with other terms: somebody else used it, and its money stays held. Compare at the merchant platform, then enter the number (refund external): it is booked as WeChat Pay knows it, the rest of PaySaga's own follows by itself, and the shop can ask again under another number.",
    };
  }
  return {
    zh: '应退的款项无法发起退款（付款超过 365 天，或已退款 50 次）。请自行退给付款人，然后保留订单现状（accept），或再次尝试（return）。',
    en: 'Money that should go back cannot be refunded (paid more than 365 days ago, or refunded 50 times). Pay the payer yourself and leave the order as it is (accept), or try again (return).',
  };
}

/** WeChat Pay's codes for more than is left. */
const MAY_BE_BACK: ReadonlySet<string> = new Set(['INVALID_REQUEST', 'REFUND_FEE_MISMATCH']);

const REFUSED_REFUND = { zh: '微信支付拒绝退款', en: 'WeChat Pay refuses the refund' };
const ENDED_REFUND = {
  zh: '系统发起的一笔退款被微信支付拒绝或关闭，据系统所知款项仍在商户处',
  en: "One of PaySaga's own refunds was refused or closed by WeChat Pay, and as far as PaySaga knows the money is still with the merchant",
};
