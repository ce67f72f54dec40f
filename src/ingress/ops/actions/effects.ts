import type { InboxRow } from '../../../inbox/store/inbox.js';

import type { Language } from '../../../base/language.js';
import { successorOf } from '../../../base/ids.js';
import type { MerchantEventRecord } from '../../../shop-events/rules/event.js';
import { deadlineAfter } from '../../../domain/order/deadline.js';
import { heldOf } from '../../../domain/order/loaded.js';
import type { OrderRecord } from '../../../domain/order/record.js';
import { restFen } from '../../../domain/refund/guard.js';
import type { RefundRecord } from '../../../domain/refund/record.js';
import { formatAmount } from '../../../base/money.js';
import { looseAttempts } from '../order/actions-for.js';
import { beijingTime } from '../../../base/time.js';
import { EFFECTS } from './effects-text.js';
import type { OrderAction, RefundAction } from './names.js';

/** What an action does, in sentences, and the money that it moves or books; null where it touches none. */
export type Effect = { readonly sentences: readonly string[]; readonly moneyFen: number | null };

/** The money that an order's action is about. */
export type OrderMoney = {
  readonly restFen: number;
  readonly looseFen: number;
  /** What of it is still there, as far as PaySaga knows. */
  readonly leftFen: number;
  readonly looseCount: number;
};

export function moneyOf(order: OrderRecord): OrderMoney {
  const paid = order.attempts.find(({ outTradeNo }) => outTradeNo === order.paidAttempt);
  const loose = looseAttempts(order);
  return {
    restFen: paid === undefined ? 0 : restFen(paid),
    looseFen: loose.reduce((sum, { paidFen }) => sum + paidFen, 0),
    leftFen: loose.reduce((sum, attempt) => sum + restFen(attempt), 0),
    looseCount: loose.length,
  };
}

export function orderEffect(action: OrderAction, order: OrderRecord, now: Date, language: Language): Effect {
  const texts = EFFECTS[language];
  switch (action) {
    case 'rescue':
      return { sentences: [texts.rescue, texts.nothingMoves], moneyFen: null };
    case 'recheck':
      return { sentences: [texts.recheck, texts.nothingMoves], moneyFen: null };
    case 'close':
      return { sentences: [texts.close(formatAmount(order.amountFen)), texts.paymentWins], moneyFen: null };
    case 'hold':
    case 'release':
      return { sentences: deadlineSentences(action, order, now, language), moneyFen: null };
    case 'extend':
      return { sentences: [texts.extend(beijingTime(order.expiresAt)), texts.codeEnds], moneyFen: null };
    case 'resolve-accept':
      return acceptEffect(order, language);
    case 'resolve-return':
      return returnEffect(order, language);
    case 'resolve-close':
      return { sentences: closeSentences(order, language), moneyFen: null };
    case 'refund':
      return { sentences: [texts.refund(formatAmount(moneyOf(order).restFen)), texts.refundOnce], moneyFen: null };
    case 'external-refund':
      return { sentences: [texts.asksFirst, texts.external, texts.externalLess, texts.nothingMoves], moneyFen: null };
    default:
      return action satisfies never;
  }
}

function deadlineSentences(action: 'hold' | 'release', order: OrderRecord, now: Date, language: Language): string[] {
  const texts = EFFECTS[language];
  const until = deadlineAfter(order, { action }, now) ?? order.expiresAt;
  if (until <= now) return [texts.deadlineNow];
  return [texts.deadline(beijingTime(order.expiresAt), beijingTime(until)), texts.codeEnds];
}

function acceptEffect(order: OrderRecord, language: Language): Effect {
  const texts = EFFECTS[language];
  const { looseFen, leftFen, looseCount } = moneyOf(order);
  const isHeld = heldOf(order, order.ownStuckReason) !== null;
  if (isHeld)
    return { sentences: [texts.asksFirst, texts.acceptDelivered(formatAmount(order.paidFen))], moneyFen: null };
  if (order.state !== 'review')
    return { sentences: [texts.asksFirst, texts.leave, texts.nothingMoves], moneyFen: null };
  const say = looseCount > 1 ? texts.acceptOne : texts.accept;
  const sentence = say(formatAmount(looseFen), formatAmount(order.amountFen));
  const back = leftFen < looseFen ? [texts.acceptLeft(formatAmount(looseFen - leftFen), formatAmount(leftFen))] : [];
  return { sentences: [texts.asksFirst, sentence, ...back], moneyFen: looseFen };
}

function returnEffect(order: OrderRecord, language: Language): Effect {
  const texts = EFFECTS[language];
  const { looseFen, leftFen, restFen: heldFen } = moneyOf(order);
  const moneyFen = heldOf(order, order.ownStuckReason) !== null && looseFen === 0 ? heldFen : leftFen;
  const after = order.state === 'review' ? texts.endsReturned : undefined;
  const stays = order.state === 'paid' ? texts.staysPaid : texts.staysClosed;
  return { sentences: [texts.asksFirst, texts.giveBack(formatAmount(moneyFen)), after ?? stays], moneyFen };
}

function closeSentences(order: OrderRecord, language: Language): string[] {
  const texts = EFFECTS[language];
  if (order.state !== 'review') return [texts.dismissEvidence, texts.staysClosed, texts.dismissConfirmed];
  const { leftFen } = moneyOf(order);
  const isUnknown = order.reviewReason === 'refunded_elsewhere' && leftFen > 0;
  return [texts.dismiss, texts.dismissConfirmed, ...(isUnknown ? [texts.dismissUnknown(formatAmount(leftFen))] : [])];
}

export function refundEffect(action: RefundAction, refund: RefundRecord, language: Language): Effect {
  const texts = EFFECTS[language];
  const money = formatAmount(refund.amountFen);
  const moneyFen = refund.amountFen;
  switch (action) {
    case 'abnormalRefund':
      return { sentences: [texts.asksFirst, texts.abnormalRefund(money), texts.thenYouPay], moneyFen };
    case 'paidOffline':
      return { sentences: [texts.asksFirst, texts.paidOffline(money), texts.onlyAfter], moneyFen };
    case 'reissue':
      return { sentences: [texts.asksFirst, texts.reissue(money, successorOf(refund.outRefundNo))], moneyFen };
    default:
      return action satisfies never;
  }
}

export function resendEffect({ type }: Pick<MerchantEventRecord, 'type'>, language: Language): Effect {
  const texts = EFFECTS[language];
  return { sentences: [texts.resend(type), texts.resendKnown], moneyFen: null };
}

export function redriveEffect({ kind }: Pick<InboxRow, 'kind'>, language: Language): Effect {
  const texts = EFFECTS[language];
  const what = kind === 'other' ? texts.redriveAgain : texts.redrive;
  return { sentences: [what, texts.redriveSettled], moneyFen: null };
}
