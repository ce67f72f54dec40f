import type { GatewayApi } from '../gateway-answer.js';
import { formatYuan } from '../money.js';
import { refusedText } from '../refund/refused.js';
import { readableTime } from './markdown.js';
import type { ExplainFacts } from './facts.js';
import type { Act, Situation, Text } from './situation.js';

type Also = Text & { readonly act: Act | null };

/** What else is pending beside the one thing that the order waits for first: nothing of it goes without a word. */
export function withTheRest(facts: ExplainFacts, situation: Situation): Situation {
  const rest = [
    ...quiet(facts, situation),
    closing(facts, situation),
    refused(facts),
    returning(facts, situation),
    inVain(facts),
    untold(facts, situation),
    ...asked(facts),
  ].filter((it) => it !== undefined);
  const acts = [...situation.acts, ...rest.flatMap(({ act }) => act ?? [])];
  return {
    ...situation,
    acts: acts.filter((act, index) => acts.indexOf(act) === index && isPossible(facts, act)),
    zh: situation.zh + rest.map(({ zh }) => zh).join(''),
    en: [situation.en, ...rest.map(({ en }) => en)].join(' '),
  };
}

/** A card names no act that would change nothing: the order's own rules say which those are. */
function isPossible({ possible, refunds, untold: events, mayBeRefundedElsewhere }: ExplainFacts, act: Act): boolean {
  switch (act) {
    case 'doctor':
    case 'rescue':
      return true;
    case 'externalRefund':
      return mayBeRefundedElsewhere;
    case 'refunds':
      return refunds.some(({ state, canBeReissued }) => state === 'abnormal' || canBeReissued);
    case 'resend':
      return events.length > 0;
    case 'recheck':
    case 'close':
    case 'hold':
    case 'accept':
    case 'return':
    case 'dismiss':
      return possible.includes(act);
    default:
      return act satisfies never;
  }
}

/** A call that was put off at WeChat Pay's wish: until when, and what is tried all the same. */
function quiet({ quiet: calls }: ExplainFacts, { waitingFor }: Situation): Also[] {
  if (waitingFor === 'nothing') return [];
  return calls.map(({ api, untilMs }) => {
    const at = readableTime(untilMs);
    const { zh, en } = PUT_OFF[api];
    return {
      zh: `微信支付要求暂缓请求（限流或繁忙）：${zh}被推迟；系统每次最多等一分钟，本次到 ${at}。有人请求的同步、复查或关单会先试一次。`,
      en: `WeChat Pay asks for fewer calls just now (a limit, or it is busy): ${en} was put off; PaySaga waits at most a minute for that, this time until ${at}. A sync, a recheck or a close that somebody asks for is tried once before.`,
      act: 'recheck',
    };
  });
}

const PUT_OFF: Readonly<Record<GatewayApi, Text>> = {
  prepay: { zh: '下单', en: 'the prepay' },
  query: { zh: '查单', en: 'the query' },
  close: { zh: '关单', en: 'the close' },
  refund: { zh: '退款申请', en: 'the refund' },
  refundQuery: { zh: '退款查询', en: 'the query of a refund' },
  abnormalRefund: { zh: '异常退款', en: 'the abnormal refund' },
  certificates: { zh: '证书下载', en: 'the download of certificates' },
};

function closing(facts: ExplainFacts, { waitingFor }: Situation): Also | undefined {
  if (facts.closing === null || waitingFor === 'close_confirmed') return undefined;
  return facts.closing === 'other'
    ? {
        zh: '另外，还有未确认关闭的支付尝试，正在关闭；如果有人仍付了款，款项会退回。',
        en: 'Beside that, an attempt that could still be paid is being closed; money that comes on it all the same goes back.',
        act: null,
      }
    : {
        zh: '订单正在关闭，不再提供付款码；微信支付确认之前仍可能有款项到账。',
        en: 'The order is being closed and shows no code any more; until WeChat Pay confirms it, money may still come.',
        act: null,
      };
}

function returning({ returningFen }: ExplainFacts, { waitingFor }: Situation): Also | undefined {
  if (returningFen === 0 || waitingFor === 'refund') return undefined;
  const amount = formatYuan(returningFen);
  return { zh: `另有 ${amount} 正在退回付款人。`, en: `Also, ${amount} is on its way back to the payer.`, act: null };
}

function refused({ refused: call }: ExplainFacts): Also | undefined {
  if (call === null) return undefined;
  const { outTradeNo, code } = call;
  return {
    zh: `微信支付最近一次拒绝 ${outTradeNo} 的原因：${code}。`,
    en: `WeChat Pay last refused ${outTradeNo} with ${code}.`,
    act: null,
  };
}

function inVain({ inVain: refund }: ExplainFacts): Also | undefined {
  if (refund === null) return undefined;
  const { outRefundNo, state, code } = refund;
  const amount = formatYuan(refund.amountFen);
  const what =
    state === 'closed'
      ? {
          zh: `店铺的退款 ${outRefundNo}（${amount}）被微信支付关闭`,
          en: `WeChat Pay closed the shop's refund ${outRefundNo} of ${amount}`,
        }
      : {
          zh: `微信支付拒绝了店铺的退款 ${outRefundNo}（${amount}）`,
          en: `WeChat Pay refused the shop's refund ${outRefundNo} of ${amount}`,
        };
  return { ...refusedText(what, state === 'closed' ? null : code, 'shop'), act: null };
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

/** A close that is under way has been heard. */
function asked({ asked: requests, closing: ending, stuckReason }: ExplainFacts): Also[] {
  const isStalled = stuckReason === 'stalled';
  return requests
    .filter(({ action }) => action !== 'close' || ending === null)
    .map(({ action, atMs }) => ({
      zh: `有人于 ${readableTime(atMs)} 请求了“${ACTIONS[action]?.zh ?? action}”，尚无结果；${isStalled ? '救援后' : ''}系统会继续处理。`,
      en: `At ${readableTime(atMs)} somebody asked to ${ACTIONS[action]?.en ?? action}, and there is no answer yet; PaySaga goes on with it${isStalled ? ' once it is rescued' : ''}.`,
      act: 'recheck',
    }));
}

const ACTIONS: Readonly<Record<string, Text>> = {
  close: { zh: '关闭订单', en: 'close the order' },
  extend: { zh: '移动截止时间', en: 'move the deadline' },
  hold: { zh: '延到最晚', en: 'hold the order' },
  release: { zh: '恢复截止时间', en: 'release the order' },
  recheck: { zh: '复查', en: 'recheck the order' },
  resolve: { zh: '人工决定', en: 'carry out a decision' },
  refund: { zh: '退款', en: 'refund' },
  fulfilment: { zh: '发货结果', en: 'take the fulfilment' },
  resend: { zh: '重新通知店铺', en: 'tell the shop again' },
  abnormalRefund: { zh: '退到商户银行卡', en: 'send a refund to the bank card' },
  reissue: { zh: '重新发起退款', en: 'issue a refund again' },
  externalRefund: { zh: '录入别处的退款', en: 'book a refund made elsewhere' },
  paidOffline: { zh: '线下已退款', en: 'take a refund as paid offline' },
  redrive: { zh: '重新送交通知', en: 'deliver a notify again' },
  rescue: { zh: '救援', en: 'rescue the order' },
};
