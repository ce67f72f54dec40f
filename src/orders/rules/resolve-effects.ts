import { ASKS_FIRST, NOTHING_MOVES, type Effect, type Text } from '../../actions/rules/decision.js';
import { formatAmount } from '../../base/money.js';
import { undecidedIn } from './beginning.js';
import type { OrderRecord } from './record.js';
import { moneyOf } from './standing.js';

/** Whether an overdue fulfilment waits for a person. */
const waitsForGoods = (order: OrderRecord): boolean => undecidedIn(order, order.ownStuckReason) !== null;

export function acceptEffect(order: OrderRecord): Effect {
  const { looseFen, leftFen, looseCount } = moneyOf(order);
  if (waitsForGoods(order)) {
    const money = formatAmount(order.paidFen);
    const delivered = {
      zh: `视为已经发货，${money} 归店铺，不退款。`,
      en: `The goods count as delivered; ${money} stay with the shop.`,
    };
    return { sentences: [ASKS_FIRST, delivered], moneyFen: null };
  }
  if (order.state !== 'review') return { sentences: [ASKS_FIRST, LEFT_TO_A_PERSON, NOTHING_MOVES], moneyFen: null };
  const [money, amount] = [formatAmount(looseFen), formatAmount(order.amountFen)];
  const taken =
    looseCount > 1
      ? {
          zh: `订单用微信支付确认的其中一笔款项变为已支付，其余款项自动退回。现有 ${money}，订单金额 ${amount}。`,
          en: `The order becomes paid with one of the payments that WeChat Pay confirms; the others go back. There is ${money}, and it costs ${amount}.`,
        }
      : {
          zh: `订单变为已支付，入账 ${money}（订单金额 ${amount}）。`,
          en: `The order becomes paid with ${money} (it costs ${amount}).`,
        };
  const [back, left] = [formatAmount(looseFen - leftFen), formatAmount(leftFen)];
  const backAlready = {
    zh: `其中 ${back} 已退回或正在退回，还有 ${left}。`,
    en: `${back} of it went back or is on its way, which leaves ${left}.`,
  };
  return { sentences: [ASKS_FIRST, taken, ...(leftFen < looseFen ? [backAlready] : [])], moneyFen: looseFen };
}

const LEFT_TO_A_PERSON: Text = {
  zh: '剩下的问题由人工在 PaySaga 之外处理，订单不再提示卡住。',
  en: 'What is left over is for a person to take care of outside PaySaga; the order no longer shows as stuck.',
};

export function returnEffect(order: OrderRecord): Effect {
  const { looseFen, leftFen, restFen } = moneyOf(order);
  const moneyFen = waitsForGoods(order) && looseFen === 0 ? restFen : leftFen;
  const money = formatAmount(moneyFen);
  const goesBack = {
    zh: `${money} 原路退回给付款人。`,
    en: `${money} go back to the payer, the way they came.`,
  };
  return { sentences: [ASKS_FIRST, goesBack, afterReturn(order)], moneyFen };
}

function afterReturn({ state }: OrderRecord): Text {
  if (state === 'review') {
    return {
      zh: '退款登记后订单结束为已关闭（款项已退回）。',
      en: 'Once its refund is recorded the order ends as closed (money returned).',
    };
  }
  return state === 'paid' ? { zh: '订单保持已支付。', en: 'The order stays paid.' } : STAYS_CLOSED;
}

const STAYS_CLOSED: Text = { zh: '订单保持已关闭。', en: 'The order stays closed.' };

/** Of an end without money. */
export function endEffect(order: OrderRecord): Effect {
  if (order.state !== 'review') return { sentences: [NOT_LOOKED_INTO, STAYS_CLOSED, IF_CONFIRMED], moneyFen: null };
  const { leftFen } = moneyOf(order);
  const isUnknown = order.reviewReason === 'refunded_elsewhere' && leftFen > 0;
  return { sentences: [ENDS, IF_CONFIRMED, ...(isUnknown ? [unknownLeft(leftFen)] : [])], moneyFen: null };
}

const NOT_LOOKED_INTO: Text = {
  zh: '没有得到查询确认的通知不再追查。',
  en: 'The notify that no query confirmed is not looked into any more.',
};

const ENDS: Text = {
  zh: '订单在没有入账的情况下结束；还能支付的尝试会先在微信支付关闭。',
  en: 'The order ends without money; whatever could still be paid is closed at WeChat Pay first.',
};

const IF_CONFIRMED: Text = {
  zh: '只有当微信支付那里没有款项，或显示款项在别处退过时才会执行。',
  en: 'Done only if WeChat Pay holds no money of it, or says that it was refunded elsewhere.',
};

const unknownLeft = (leftFen: number): Text => ({
  zh: `退了多少微信支付没有说：这里不知道的部分最多 ${formatAmount(leftFen)}，可能仍在商户处，关闭后由您自己处理。订单以已取消结束，不表示款项已退回。`,
  en: `WeChat Pay does not say how much went back: up to ${formatAmount(leftFen)} may still be with the merchant, and is yours to settle after that. The order ends as cancelled; nothing says that its money was returned.`,
});
