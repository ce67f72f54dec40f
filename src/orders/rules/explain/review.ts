import { formatYuan } from '../../../base/money.js';
import type { Difference } from '../evidence.js';
import type { ExplainFacts } from './facts.js';
import { refundFailed } from './refund-failed.js';
import { returning, theirNumbers } from './settled.js';
import type { Text } from '../../../actions/rules/decision.js';
import type { Act, Situation } from './situation.js';

export const review = (facts: ExplainFacts): Situation => (isDecided(facts) ? afterDecision(facts) : toDecide(facts));

export const isDecided = ({ possible }: ExplainFacts): boolean =>
  !possible.some((act) => act === 'resolve-accept' || act === 'resolve-return' || act === 'resolve-close');

/** All of the money is on its way back. */
function afterDecision(facts: ExplainFacts): Situation {
  const isStopped = facts.refunds.some(({ state, canBeReissued }) => state === 'abnormal' || canBeReissued);
  if (isStopped) return refundFailed(facts);
  if (facts.returningFen > 0) return returning(facts);
  return {
    waitingFor: 'order_ended',
    next: { zh: '结束订单', en: 'end the order' },
    actor: 'operator',
    acts: ['recheck'],
    nextAtMs: facts.nextAtMs,
    zh: '需要决定的都已决定，款项已退回；系统会结束订单。如果长时间没有变化，请复查（recheck）。',
    en: 'All that had to be decided is decided and the money went back; PaySaga ends the order. Should that not happen, recheck it.',
  };
}

function toDecide(facts: ExplainFacts): Situation {
  const text = whyOf(facts);
  const seen = differencesText(facts.differences);
  return {
    waitingFor: 'operator_decision',
    next: { zh: '由运营人员决定', en: 'an operator decides' },
    actor: 'operator',
    acts: actsOn(facts),
    zh: text.zh + seen.zh,
    en: text.en + seen.en,
  };
}

function whyOf(facts: ExplainFacts): Text {
  const { reviewReason: reason, state, fulfilment } = facts;
  if (reason === 'refunded_elsewhere') return refundedElsewhere(facts);
  if (reason === 'number_in_use') return numberInUse(facts);
  if (reason !== null) return REVIEW_TEXTS[reason];
  if (fulfilment === 'overdue') {
    return {
      zh: '店铺知道已收款，但没有在期限内确认发货，等待人工决定：视为已发货（accept）或退款（return）。',
      en: 'The shop knew that it was paid and did not confirm in time that the goods are delivered; a person decides: take them as delivered (accept) or give the money back (return).',
    };
  }
  return {
    zh: `订单保持${state === 'paid' ? '已支付' : '已关闭'}，但出现了不属于它的款项或未能确认的通知（例如另一次支付），等待人工处理。`,
    en: `The order stays ${state}, but there is money or evidence that does not belong to it (a second payment, say); a person decides.`,
  };
}

/** What ends the review comes first; but a query may settle a guess, and money is decided on once it is known. */
function actsOn({ reviewReason, loose }: ExplainFacts): readonly Act[] {
  const mayBeBack: readonly Act[] = loose.paidFen > loose.backFen ? ['external-refund'] : [];
  switch (reviewReason) {
    case 'evidence_conflict':
      return ['recheck', 'resolve-close'];
    case 'refunded_elsewhere':
      return [...mayBeBack, 'recheck', 'resolve-accept', 'resolve-return', 'resolve-close'];
    default:
      return ['resolve-accept', 'resolve-return', 'resolve-close', 'recheck', ...mayBeBack];
  }
}

/** WeChat Pay's query names no sum: only `loose` knows the money. */
function refundedElsewhere({ loose: { paidFen, backFen } }: ExplainFacts): Text {
  const [paid, back, left] = [formatYuan(paidFen), formatYuan(backFen), formatYuan(paidFen - backFen)];
  const seen = {
    zh: `微信支付显示该笔交易（${paid}）已有退款，但不是由本系统发起。`,
    en: `WeChat Pay shows a refund of this trade of ${paid} that PaySaga did not make.`,
  };
  if (backFen >= paidFen) {
    return {
      zh: `${seen.zh}已知 ${paid} 已全部退回或正在退回：结束订单即可（close 或 return），没有款项可以接受。`,
      en: `${seen.en} All of it is known to have gone back, or to be on its way: end the order (close or return); there is nothing to accept.`,
    };
  }
  if (backFen > 0) {
    return {
      zh: `${seen.zh}已知至少退回 ${back}，据此最多还剩 ${left}。如果商户平台还有其他退款，先录入退款单号（refund external）。接受（accept）：订单变为已支付，款项为 ${paid}，其中 ${back} 已退；退回（return）：把 ${left} 也退给付款人，然后结束订单。`,
      en: `${seen.en} At least ${back} is known to have gone back, which leaves ${left} at most. If the merchant platform shows further refunds, enter their numbers first (refund external). accept: the order becomes paid with ${paid}, of which ${back} went back; return: ${left} goes back too, and the order ends.`,
    };
  }
  return {
    zh: `${seen.zh}查询不返回金额，系统不知道退了多少，还剩多少。请在商户平台查到商户退款单号并录入（refund external）；之后可以接受或退回剩余部分。只有在别处已经处理完毕时才直接关闭（close）：订单以已取消结束，不表示款项已退回。`,
    en: `${seen.en} Its query names no sum: how much went back, and how much is left, PaySaga does not know. Find the refund at the merchant platform and enter its number (refund external); then the rest can be accepted or returned. Close it right away only if all is settled elsewhere: the order ends as cancelled, and nothing says that its money was returned.`,
  };
}

const REVIEW_TEXTS = {
  amount_mismatch: {
    zh: '微信支付确认的款项与订单不一致（金额、币种、appid 或交易类型）。款项不会计入订单，等待人工决定。',
    en: 'The money WeChat Pay confirmed does not match the order (amount, currency, appid or trade type). It is not booked; a person decides.',
  },
  evidence_conflict: {
    zh: '通知或账单显示已支付，但多次查询均未确认。系统仍在低频查询，一旦确认会自动转为已支付。',
    en: 'A notify or a bill says that it is paid, but repeated queries do not confirm it. Queries go on slowly, and the order becomes paid by itself once one confirms.',
  },
  late_payment: {
    zh: '订单关闭之后收到了付款，等待人工决定接受或退回。',
    en: 'Money arrived after the order was closed; a person decides whether to accept or return it.',
  },
} as const;

/** Whose money is where: somebody else's is left alone, and the order's own is decided on. */
function numberInUse({ theirs, loose: { paidFen, backFen, outTradeNos } }: ExplainFacts): Text {
  const { zh: numbers, en: enNumbers } = theirNumbers(theirs);
  const seen = {
    zh: `微信支付在商户订单号 ${numbers} 下有一笔收过款的交易，但本系统没有为它给出过支付码，也不能证明它属于本订单（例如旧系统、测试环境，或数据库恢复之前的交易）。这笔款项不计入订单，本系统也不会退回；请在商户平台核对它属于谁。`,
    en: `WeChat Pay has a trade with money under ${enNumbers} for which PaySaga gave out no code, and which it cannot show to be of this order (made by an older system, say, a test stage, or before a database was restored). PaySaga neither books that money nor gives it back; find out at the merchant platform whose it is.`,
  };
  if (outTradeNos.length === 0) {
    return {
      zh: `${seen.zh}然后关闭订单（close），并换一个订单号重新下单。`,
      en: `${seen.en} Then close this order, and sell under another orderNo.`,
    };
  }
  const [own, paid, back, left] = [
    outTradeNos.join(', '),
    formatYuan(paidFen),
    formatYuan(backFen),
    formatYuan(paidFen - backFen),
  ];
  const ours = {
    zh: `${seen.zh}本订单自己的款项在 ${own} 下：${paid}，查询已确认${backFen > 0 ? `，其中 ${back} 已退回或正在退回` : ''}。`,
    en: `${seen.en} This order's own money is under ${own}: ${paid}, confirmed by a query${backFen > 0 ? `, of which ${back} went back or is on its way` : ''}.`,
  };
  return backFen >= paidFen
    ? { zh: `${ours.zh}结束订单即可（close 或 return）。`, en: `${ours.en} End the order (close or return).` }
    : {
        zh: `${ours.zh}请决定这笔款项：接受（accept），订单变为已支付；或把 ${left} 退回（return），然后结束订单。`,
        en: `${ours.en} Decide about that: accept, and the order becomes paid with it; or return, and ${left} goes back and the order ends.`,
      };
}

function differencesText(differences: readonly Difference[]): Text {
  if (differences.length === 0) return { zh: '', en: '' };
  const zh = differences.map((it) => `${NAMES[it.what].zh}应为 ${shown(it, it.expected)}，实为 ${shown(it, it.seen)}`);
  const en = differences.map(
    (it) => `${NAMES[it.what].en} is ${shown(it, it.seen)}, expected ${shown(it, it.expected)}`,
  );
  return { zh: `不符之处：${zh.join('；')}。`, en: ` What differs: ${en.join('; ')}.` };
}

function shown({ what }: Difference, value: string): string {
  return what === 'total' ? formatYuan(Number(value)) : value;
}

const NAMES = {
  mchid: { zh: '商户号', en: 'the mchid' },
  appid: { zh: 'appid', en: 'the appid' },
  tradeType: { zh: '交易类型', en: 'the trade type' },
  total: { zh: '金额', en: 'the amount' },
  transaction: { zh: '微信支付订单号', en: 'the transaction' },
  currency: { zh: '币种', en: 'the currency' },
} as const satisfies Record<Difference['what'], unknown>;
