import type { GatewayApi } from '../gateway-answer.js';
import { formatYuan } from '../../../base/money.js';
import { isHeld } from '../../../refunds/rules/decisions.js';
import { refusedText } from '../../../refunds/rules/refused.js';
import { askedFor } from '../../../decisions/rules/decisions.js';
import { readableTime } from './markdown.js';
import { unsentText } from './settled.js';
import type { Claimed, ExplainFacts } from './facts.js';
import type { Text } from '../../../actions/rules/decision.js';
import type { Act, Actor, Situation } from './situation.js';

/** `actor`: who has to do something about it. */
type Also = Text & { readonly act?: Act; readonly actor?: Actor };

/** Adds a line for everything that is pending beside the one thing that the order waits for first. */
export function withTheRest(facts: ExplainFacts, situation: Situation): Situation {
  const rest = [
    claimed(facts, situation),
    ...quiet(facts, situation),
    ...thinned(facts),
    tooYoung(facts),
    closing(facts, situation),
    refused(facts),
    returning(facts, situation),
    stopped(facts),
    elsewhere(facts, situation),
    inVain(facts),
    untold(facts, situation),
    unaddressed(facts, situation),
    ...unapproved(facts),
    ...asked(facts),
  ].filter((it) => it !== undefined);
  const acts = [...situation.acts, ...rest.flatMap(({ act }) => act ?? [])];
  const isLeftAlone = situation.actor === 'nobody' || situation.actor === 'wechat';
  const someone = rest.find(({ actor }) => actor !== undefined)?.actor;
  return {
    ...situation,
    actor: isLeftAlone ? (someone ?? situation.actor) : situation.actor,
    acts: acts.filter((act, index) => acts.indexOf(act) === index && isPossible(facts, act)),
    zh: situation.zh + rest.map(({ zh }) => zh).join(''),
    en: [situation.en, ...rest.map(({ en }) => en)].join(' '),
  };
}

/** A card names no act that would change nothing. */
function isPossible(facts: ExplainFacts, act: Act): boolean {
  const { possible, refunds, untold: events, hasEndpoint, mayBeRefundedElsewhere } = facts;
  switch (act) {
    case 'doctor':
    case 'rescue':
    case 'approvals':
      return true;
    case 'external-refund':
      return mayBeRefundedElsewhere;
    case 'refunds':
      return refunds.some((refund) => refund.state === 'abnormal' || refund.canBeReissued || isHeld(refund));
    case 'resend':
      return hasEndpoint && events.length > 0;
    default:
      return possible.includes(act);
  }
}

/** Who says that it was paid: a workflow does not know which of them did. */
export const claimantOf = ({ by }: Claimed): Text => CLAIMANTS[by ?? 'either'];

const CLAIMANTS = {
  notify: { zh: '通知', en: 'A notify' },
  bill: { zh: '账单', en: 'A bill' },
  either: { zh: '通知或账单', en: 'A notify or a bill' },
} as const satisfies Record<string, Text>;

function claimed({ claimed: money }: ExplainFacts, { waitingFor }: Situation): Also | undefined {
  if (money === null || waitingFor === 'payment_confirmed') return undefined;
  const amount = money.amountFen === null ? null : formatYuan(money.amountFen);
  return {
    zh: `有${claimantOf(money).zh}显示${amount === null ? '已付款' : `已支付 ${amount}`}，微信支付的查询尚未确认。`,
    en: `${claimantOf(money).en} says that ${amount ?? 'it'} was paid; no query of WeChat Pay has confirmed that yet.`,
    act: 'recheck',
  };
}

function quiet({ quiet: calls }: ExplainFacts, { waitingFor }: Situation): Also[] {
  if (waitingFor === 'nothing') return [];
  return calls.map(({ api, untilMs }) => {
    const { zh, en } = api === 'close' ? closePutOff(untilMs) : callPutOff(api, untilMs);
    return {
      zh: `微信支付要求暂缓请求（限流或繁忙）：${zh}。有人请求的同步、复查或关单会先试一次。`,
      en: `WeChat Pay asks for fewer calls just now (a limit, or it is busy): ${en}. A sync, a recheck or a close that somebody asks for is tried once before.`,
      act: 'recheck',
    };
  });
}

function callPutOff(api: GatewayApi, untilMs: number): Text {
  const at = readableTime(untilMs);
  const { zh, en } = PUT_OFF[api];
  return {
    zh: `${zh}被推迟；系统每次最多等一分钟，本次到 ${at}`,
    en: `${en} was put off; PaySaga waits at most a minute for that, this time until ${at}`,
  };
}

/** A close keeps to its own schedule, which may be longer than the limit. */
function closePutOff(untilMs: number): Text {
  const at = readableTime(untilMs);
  return {
    zh: `${PUT_OFF.close.zh}被推迟到 ${at}，届时再次关单并查询`,
    en: `${PUT_OFF.close.en} was put off until ${at}, when it is made again and a query follows`,
  };
}

function thinned({ thinnedUntilMs }: ExplainFacts): Also[] {
  if (thinnedUntilMs === null) return [];
  const at = readableTime(thinnedUntilMs);
  return [
    {
      zh: `当前等待付款的订单很多：确认、关单和退款优先，定期查询比平时稀疏，下次在 ${at}。微信支付的通知、同步和复查不受影响，立即查询。`,
      en: `Very many orders wait just now: what confirms, closes and refunds goes first, and polls come less often than usual, the next of this order at ${at}. A notify, a sync or a recheck makes PaySaga ask at once all the same.`,
      act: 'recheck',
    },
  ];
}

function tooYoung({ closableFromMs }: ExplainFacts): Also | undefined {
  if (closableFromMs === null) return undefined;
  const at = readableTime(closableFromMs);
  return {
    zh: `微信支付 API v2 的订单在下单 5 分钟后才能关闭：${at} 关单；在此之前付款仍然有效，并会被发现。`,
    en: `WeChat Pay takes no close of an API v2 order in its first 5 minutes: it is sent at ${at}. Money that is paid until then is found.`,
  };
}

const PUT_OFF: Readonly<Record<GatewayApi, Text>> = {
  prepay: { zh: '下单', en: 'the prepay' },
  charge: { zh: '扣款', en: 'the charge' },
  reverse: { zh: '撤销', en: 'the reverse' },
  query: { zh: '查单', en: 'the query' },
  close: { zh: '关单', en: 'the close' },
  refund: { zh: '退款申请', en: 'the refund' },
  refundQuery: { zh: '退款查询', en: 'the query of a refund' },
  abnormalRefund: { zh: '异常退款', en: 'the abnormal refund' },
  certificates: { zh: '证书下载', en: 'the download of certificates' },
  bill: { zh: '账单申请', en: 'the request for a bill' },
  billFile: { zh: '账单下载', en: 'the download of a bill' },
};

const CLOSING: ReadonlySet<string> = new Set(['close_confirmed', 'reverse_confirmed']);

function closing(facts: ExplainFacts, { waitingFor }: Situation): Also | undefined {
  if (facts.closing === null || CLOSING.has(waitingFor)) return undefined;
  return facts.closing === 'other'
    ? {
        zh: '另外，还有未确认关闭的支付尝试，正在关闭；如果有人仍付了款，款项会退回。',
        en: 'Beside that, an attempt that could still be paid is being closed; money that comes on it all the same goes back.',
      }
    : {
        zh: '订单正在关闭，不再提供付款码；微信支付确认之前仍可能有款项到账。',
        en: 'The order is being closed and shows no code any more; until WeChat Pay confirms it, money may still come.',
      };
}

function returning(facts: ExplainFacts, { waitingFor }: Situation): Also | undefined {
  const { returningFen } = facts;
  if (returningFen === 0 || waitingFor === 'refund') return undefined;
  const amount = formatYuan(returningFen);
  const unsent = unsentText(facts);
  return {
    zh: `另有 ${amount} 正在退回付款人。${unsent.zh}`,
    en: `Also, ${amount} is on its way back to the payer.${unsent.en}`,
  };
}

function stopped({ stoppedFen, refundAgainMs }: ExplainFacts): Also | undefined {
  if (stoppedFen === 0) return undefined;
  const amount = formatYuan(stoppedFen);
  const at = refundAgainMs === null ? undefined : readableTime(refundAgainMs);
  return {
    zh: `应退的 ${amount} 尚未退出：微信支付暂不受理，或无法退到付款人的账户。${at === undefined ? '' : `下次重试 ${at}。`}`,
    en: `${amount} that is to go back has not left: WeChat Pay does not take the refund at present, or cannot bring it to the payer.${at === undefined ? '' : ` It is sent again at ${at}.`}`,
  };
}

function elsewhere({ elsewhereFen }: ExplainFacts, { waitingFor }: Situation): Also | undefined {
  if (elsewhereFen === 0 || waitingFor === 'refund_explained') return undefined;
  const amount = formatYuan(elsewhereFen);
  return {
    zh: `其中至少 ${amount} 由他人在别处退款；微信支付的交易查询不返回退款总额。如果商户平台还有其他退款，可以录入其退款单号（refund external）。`,
    en: `At least ${amount} of it was refunded elsewhere, not by PaySaga; WeChat Pay's trade query names no sum. Should the merchant platform show another refund, its number can be entered (refund external).`,
    act: 'external-refund',
  };
}

function refused({ refused: call }: ExplainFacts): Also | undefined {
  if (call === null) return undefined;
  const { outTradeNo, code, isClose, atMs } = call;
  const at = atMs === null ? undefined : readableTime(atMs);
  const hint = isClose
    ? {
        zh: '请运营人员在商户平台核对该单号；系统会继续查询与关单。',
        en: ' An operator should compare the number at the merchant platform; query and close go on.',
      }
    : { zh: '', en: '' };
  return {
    zh: `微信支付最近一次拒绝 ${outTradeNo} 的原因：${code}${at === undefined ? '' : `（${at}）`}。${hint.zh}`,
    en: `WeChat Pay last refused ${outTradeNo} with ${code}${at === undefined ? '' : ` at ${at}`}.${hint.en}`,
    ...(isClose ? { actor: 'operator' } : {}),
  };
}

function inVain({ inVain: refund }: ExplainFacts): Also | undefined {
  if (refund === null) return undefined;
  const { outRefundNo, state, code } = refund;
  const amount = formatYuan(refund.amountFen);
  const isClosed = state === 'closed';
  const what = isClosed
    ? {
        zh: `店铺的退款 ${outRefundNo}（${amount}）被微信支付关闭`,
        en: `WeChat Pay closed the shop's refund ${outRefundNo} of ${amount}`,
      }
    : {
        zh: `微信支付拒绝了店铺的退款 ${outRefundNo}（${amount}）`,
        en: `WeChat Pay refused the shop's refund ${outRefundNo} of ${amount}`,
      };
  return { ...refusedText(what, isClosed ? null : code, 'shop'), actor: 'shop' };
}

function untold({ untold: events }: ExplainFacts, { waitingFor }: Situation): Also | undefined {
  const waiting = events.filter(({ status }) => status !== 'unaddressed');
  const [first] = waiting;
  if (first === undefined || waitingFor === 'shop_told') return undefined;
  const types = waiting.map(({ type }) => type).join(', ');
  const at = first.nextAtMs === null ? undefined : readableTime(first.nextAtMs);
  return {
    zh: `店铺还没有收到通知（${types}）${at === undefined ? '' : `，下次尝试 ${at}`}。`,
    en: `The shop has not been told yet (${types})${at === undefined ? '' : `; next try ${at}`}.`,
    act: 'resend',
  };
}

function unaddressed({ untold: events, shop }: ExplainFacts, { waitingFor }: Situation): Also | undefined {
  const nobodys = events.filter(({ status }) => status === 'unaddressed');
  if (nobodys.length === 0 || waitingFor === 'shop_told' || (waitingFor === 'fulfilment' && shop === 'unaddressed')) {
    return undefined;
  }
  const types = nobodys.map(({ type }) => type).join(', ');
  return {
    zh: `店铺没有配置通知地址，系统没有通知它（${types}）。`,
    en: `The shop has no endpoint, so nobody is told (${types}).`,
    act: 'resend',
  };
}

function unapproved({ approvals }: ExplainFacts): Also[] {
  return approvals.map(({ outRefundNo, amountFen, atMs }) => {
    const [amount, at] = [formatYuan(amountFen), readableTime(atMs)];
    return {
      zh: `退款 ${outRefundNo}（${amount}，${at} 申请）需要另一个人批准；批准之前不会退款，也不占用款项。`,
      en: `Refund ${outRefundNo} of ${amount}, asked for at ${at}, needs the approval of another person; until then nothing goes back and nothing is held.`,
      act: 'approvals',
      actor: 'operator',
    };
  });
}

/** A request to close that is under way was heard. */
function asked({ asked: requests, closing: ending, stuckReason }: ExplainFacts): Also[] {
  const isStalled = stuckReason === 'stalled';
  return requests
    .filter(({ action }) => action !== 'close' || ending === null)
    .map(({ action, atMs }) => ({
      zh: `有人于 ${readableTime(atMs)} 请求了“${askedFor(action).zh}”，尚无结果；${isStalled ? '救援后' : ''}系统会继续处理。`,
      en: `At ${readableTime(atMs)} somebody asked to ${askedFor(action).en}, and there is no answer yet; PaySaga goes on with it${isStalled ? ' once it is rescued' : ''}.`,
      act: 'recheck',
    }));
}
