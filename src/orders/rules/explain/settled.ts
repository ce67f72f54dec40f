import { formatYuan } from '../../../base/money.js';
import type { ExplainFacts } from './facts.js';
import type { Text } from '../../../actions/rules/decision.js';
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
  reversed: {
    zh: '付款码扣款没有在时限内完成，已撤销；付款人若已付款，款项已原路退回。',
    en: 'The charge was not completed in time and is reversed; what the payer may have paid went back.',
  },
} as const;

export function closed(facts: ExplainFacts): Situation {
  const { loose } = facts;
  const text = loose.paidFen > loose.backFen ? leftText(loose) : closedText(facts);
  const back = returnedText(facts);
  return settled(facts, { zh: `${text.zh}${back.zh}`, en: `${text.en}${back.en}` });
}

function closedText({ closedReason, theirs }: ExplainFacts): Text {
  if (closedReason !== 'rejected' || theirs.length === 0) return CLOSED_TEXTS[closedReason ?? 'expired'];
  const { zh, en } = theirNumbers(theirs);
  return {
    zh: `商户订单号 ${zh} 下是别人的交易，不属于本订单；请换一个订单号重新下单。`,
    en: `Under ${en} WeChat Pay has somebody else's trade, which is not this order's; sell under another orderNo.`,
  };
}

/** With what a query saw there, where that is known. */
export function theirNumbers(theirs: ExplainFacts['theirs']): Text {
  const sum = (amountFen: number | null, open: string, close: string) =>
    amountFen === null ? '' : `${open}${formatYuan(amountFen)}${close}`;
  return {
    zh: theirs.map(({ outTradeNo, amountFen }) => `${outTradeNo}${sum(amountFen, '（', '）')}`).join('、'),
    en: theirs.map(({ outTradeNo, amountFen }) => `${outTradeNo}${sum(amountFen, ' (', ')')}`).join(', '),
  };
}

/** Such an order ended without a confirmation that it is closed at WeChat Pay, or that its money went back. */
function leftText({ paidFen, backFen }: ExplainFacts['loose']): Text {
  const [paidYuan, leftYuan] = [formatYuan(paidFen), formatYuan(paidFen - backFen)];
  return {
    zh: `订单已结束，没有入账。微信支付确认过 ${paidYuan}，其中 ${leftYuan} 不知是否已退回。`,
    en: `Ended without booking money. WeChat Pay confirmed ${paidYuan} of it, and ${leftYuan} of that is not known to have gone back.`,
  };
}

export function paid(facts: ExplainFacts): Situation {
  if (facts.fulfilment === 'pending') return fulfilling(facts);
  const back = returnedText(facts);
  return settled(facts, {
    zh: `已收到 ${formatYuan(facts.paidFen)}，查询已确认。${back.zh}`,
    en: `${formatYuan(facts.paidFen)} received, confirmed by a query.${back.en}`,
  });
}

/** What is still to be done about a final order, the most important first; `also.ts` adds how much and since when. */
function settled(facts: ExplainFacts, text: Text): Situation {
  if (facts.returningFen > 0) return returning(facts);
  const untold = facts.untold.filter(({ status }) => status !== 'unaddressed');
  if (untold.length > 0) return telling(facts, untold, text);
  if (facts.closing !== null) return closingOthers(facts, text);
  if (facts.claimed !== null) return confirmingOther(facts, text);
  if (facts.approvals.length > 0) return approving(text);
  if (facts.asked.length > 0) return answering(text);
  return facts.inVain === null ? finished(text) : shopsTurn(text);
}

const shopsTurn = (text: Text): Situation => ({
  waitingFor: 'shop_refund',
  next: { zh: '店铺以其他方式退款，或再次申请', en: 'the shop gives the money back another way, or asks again' },
  actor: 'shop',
  acts: ['recheck'],
  ...text,
});

const confirmingOther = ({ nextAtMs }: ExplainFacts, text: Text): Situation => ({
  waitingFor: 'other_payment_confirmed',
  next: { zh: '再次查询', en: 'query again' },
  actor: 'wechat',
  acts: ['recheck'],
  nextAtMs,
  ...text,
});

function telling({ fulfilmentDueMs }: ExplainFacts, untold: ExplainFacts['untold'], text: Text): Situation {
  const nextAtMs = untold.find((event) => event.nextAtMs !== null)?.nextAtMs ?? fulfilmentDueMs;
  const types = untold.map(({ type }) => type).join(', ');
  const told = { waitingFor: 'shop_told', actor: 'shop', acts: ['resend', 'recheck'], nextAtMs } as const;
  if (untold.every(({ isUntried }) => isUntried)) {
    return {
      ...told,
      next: { zh: '通知店铺', en: 'tell the shop' },
      zh: `${text.zh}正在通知店铺（${types}）。`,
      en: `${text.en} The shop is being told (${types}).`,
    };
  }
  return {
    ...told,
    next: TELL_AGAIN,
    zh: `${text.zh}店铺还没有确认收到通知（${types}）：它的通知地址没有应答 2xx，系统会按计划重试。请店铺检查通知地址；恢复后也可以立即重新发送（events resend）。`,
    en: `${text.en} The shop has not been told yet (${types}): its endpoint did not answer 2xx, and PaySaga tries again by its schedule. The shop should look at its endpoint; once it listens, an operator can send it at once (events resend).`,
  };
}

const TELL_AGAIN = { zh: '再次通知店铺', en: 'tell the shop again' };

/** Only a person can find out why WeChat Pay refuses a close. */
export const closeConfirmed = ({ nextAtMs, refused }: ExplainFacts) =>
  ({
    waitingFor: 'close_confirmed',
    next: { zh: '查询、关单、再查询', en: 'query, close, query again' },
    nextAtMs,
    ...(refused?.isClose === true
      ? { actor: 'operator', acts: ['doctor', 'recheck'] }
      : { actor: 'wechat', acts: ['recheck'] }),
  }) as const satisfies Partial<Situation>;

const closingOthers = (facts: ExplainFacts, text: Text): Situation => ({
  ...closeConfirmed(facts),
  zh: `${text.zh}另一个支付尝试还能付款，正在关闭；在微信支付确认之前如果有人付了款，款项会退回。`,
  en: `${text.en} Another attempt could still be paid and is being closed; money that comes on it before WeChat Pay confirms goes back.`,
});

/** `also.ts` says what. */
function approving(text: Text): Situation {
  const next = { zh: '由另一个人批准或驳回退款', en: 'another person approves the refund or rejects it' };
  return { ...text, waitingFor: 'approval', next, actor: 'operator', acts: ['approvals'] };
}

const answering = (text: Text): Situation => ({
  waitingFor: 'request_answered',
  next: { zh: '处理已提出的请求', en: 'take up what was asked' },
  actor: 'operator',
  acts: ['recheck'],
  ...text,
});

function fulfilling(facts: ExplainFacts): Situation {
  if (facts.asked.some(({ action }) => action === 'fulfilment')) {
    return answering({
      zh: '已收款，店铺也已报告发货结果；系统会按它处理，不会因超过期限而退款。',
      en: 'Paid, and the shop has said what became of the goods: PaySaga acts on that, and refunds nothing for a deadline that passed since.',
    });
  }
  if (facts.shop === 'told') {
    return {
      waitingFor: 'fulfilment',
      next: { zh: '按策略退款或转人工', en: 'give the money back, or ask a person, as the policy says' },
      actor: 'shop',
      acts: ['recheck'],
      nextAtMs: facts.fulfilmentDueMs,
      zh: '已收款并已通知店铺，等待店铺确认发货（fulfilled）或无法发货（rejected）。',
      en: 'Paid, and the shop knows. Waiting for it to say that the goods are delivered (fulfilled) or cannot be (rejected).',
    };
  }
  if (facts.shop === 'unaddressed') return unaddressed(facts);
  return {
    waitingFor: 'shop_told',
    next: TELL_AGAIN,
    actor: 'shop',
    acts: ['resend', 'recheck'],
    nextAtMs: facts.untold[0]?.nextAtMs ?? facts.fulfilmentDueMs,
    zh: '已收款，店铺尚未确认收到通知；发货期限从店铺收到通知时开始计算。',
    en: 'Paid, but the shop has not confirmed that it knows. Its time to deliver begins when it does.',
  };
}

/** A shop that cannot be told is not punished by a refund: a person decides once the time is over. */
const unaddressed = ({ fulfilmentDueMs: nextAtMs }: ExplainFacts): Situation => ({
  waitingFor: 'fulfilment',
  next: { zh: '发货期限过后转人工', en: 'ask a person once the time to deliver is over' },
  actor: 'shop',
  acts: ['resend', 'recheck'],
  nextAtMs,
  zh: '已收款，但店铺没有配置通知地址，系统没有通知它。请店铺查询订单并报告发货结果；期限过后由运营人员决定，不会自动退款。',
  en: 'Paid, but the shop has no endpoint and was not told. It can read the order and report its fulfilment; once its time is over a person decides, and nothing is refunded by itself.',
});

export function returning(facts: ExplainFacts): Situation {
  const [amount, unsent] = [formatYuan(facts.returningFen), unsentText(facts)];
  return {
    waitingFor: 'refund',
    next: { zh: '等待退款通知或查询退款', en: 'hear from WeChat Pay, or ask it' },
    actor: 'wechat',
    acts: ['recheck'],
    nextAtMs: facts.nextAtMs,
    zh: `正在退回 ${amount}：退款由各自的工作流继续，直到微信支付确认。${unsent.zh}`,
    en: `${amount} is on its way back: the refund goes on in a workflow of its own until WeChat Pay confirms it.${unsent.en}`,
  };
}

/** What WeChat Pay has not taken yet has not left the merchant. */
export function unsentText({ unsentFen }: ExplainFacts): Text {
  if (unsentFen === 0) return { zh: '', en: '' };
  const amount = formatYuan(unsentFen);
  return {
    zh: `其中 ${amount} 尚未离开：微信支付还没有受理这笔退款。`,
    en: ` ${amount} of it has not left yet: WeChat Pay has not taken the refund so far.`,
  };
}

const returnedText = ({ returnedFen }: ExplainFacts): Text =>
  returnedFen === 0
    ? { zh: '', en: '' }
    : { zh: `已退回 ${formatYuan(returnedFen)}。`, en: ` ${formatYuan(returnedFen)} went back to the payer.` };

function finished({ zh, en }: Text): Situation {
  const none = { waitingFor: 'nothing', next: { zh: '无', en: 'none' }, actor: 'nobody' } as const;
  return { ...none, acts: [], zh, en };
}
