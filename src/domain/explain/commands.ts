import type { Mchid, OutRefundNo } from '../../base/ids.js';
import type { ExplainFacts, RefundFacts } from './facts.js';
import type { Act, Situation, Text } from './situation.js';

/**
 * What an operator can paste, the most useful first. `--reason ''` and what stands in angle brackets is to be filled in: the command
 * refuses it as it is. Ends with how to see everything.
 */
export function commandsFor(facts: ExplainFacts, { acts, waitingFor }: Situation): readonly string[] {
  if (waitingFor === 'nothing') return [];
  return [...acts.flatMap((act) => linesOf(facts, act)), `paysaga show ${facts.orderNo} --mchid ${facts.mchid}`];
}

function linesOf(facts: ExplainFacts, act: Act): readonly string[] {
  const { mchid, orderNo, refunds, untold } = facts;
  switch (act) {
    case 'doctor':
      return ['paysaga doctor'];
    case 'recheck':
    case 'rescue':
    case 'close':
    case 'hold':
      return [asked(mchid, `${act} ${orderNo}`)];
    case 'accept':
    case 'return':
      return [asked(mchid, `resolve ${orderNo} ${act}`)];
    case 'dismiss':
      return [asked(mchid, `resolve ${orderNo} close`)];
    case 'refunds':
      return refunds.flatMap((refund) => refundCommands(mchid, refund));
    case 'externalRefund':
      return [asked(mchid, `refund external ${orderNo} '${BLANK_REFUND_NO}'`)];
    case 'resend':
      return untold.map(({ id }) => asked(mchid, `events resend ${id}`));
    default:
      return act satisfies never;
  }
}

/** To be filled in: no refund has such a number, and the command line says what belongs there. */
export const BLANK_REFUND_NO = '<out_refund_no>';

/** What a person can do about a refund that does not end by itself; nothing for one that does. */
export function refundCommands(
  mchid: Mchid,
  { outRefundNo, state, canBeReissued }: Pick<RefundFacts, 'outRefundNo' | 'state' | 'canBeReissued'>,
): readonly string[] {
  const decide = (action: string): string => refundDecision(mchid, outRefundNo, action);
  if (state === 'abnormal') return [decide('abnormalRefund'), decide('paidOffline')];
  return canBeReissued ? [decide('reissue')] : [];
}

const refundDecision = (mchid: Mchid, outRefundNo: OutRefundNo, action: string): string =>
  asked(mchid, `refund resolve '${outRefundNo}' ${action}`);

const asked = (mchid: Mchid, what: string): string => `paysaga ${what} --mchid ${mchid} --reason ''`;

/** What somebody asked for, as the card says it. */
export const ACTION_WORDS: Readonly<Record<string, Text>> = {
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
