import {
  ASKS_FIRST,
  NOTHING_MOVES,
  says,
  type DecisionWords,
  type Effect,
  type Text,
} from '../../actions/rules/decision.js';
import { successorOf, type OrderNo, type OutRefundNo } from '../../base/ids.js';
import { formatAmount } from '../../base/money.js';
import type { OrderRecord } from '../../orders/rules/record.js';
import { canBeReissued, mayBeRefundedElsewhere, shopRefundObjection } from './guard.js';
import type { RefundRecord } from './record.js';
import { isOnlyOffline } from './refused.js';
import { isReleased, type RefundResolveAction, type RefundStateName } from './states.js';
import { refusedWith } from '../../orders/rules/gateway-answer.js';
import type { OrderDecision } from '../../orders/rules/decisions.js';
import { moneyOf } from '../../orders/rules/standing.js';

/** A blank to be filled in: no refund has such a number. */
const BLANK_REFUND_NO = '<out_refund_no>';

/** WeChat Pay knows its number with other terms: a person compares, and enters it. */
export const isHeld = ({ trouble }: Pick<RefundRecord, 'trouble'>): boolean => trouble === 'refund_failed';

export const enterCommand = (orderNo: OrderNo, outRefundNo: string): string =>
  `refund external ${orderNo} '${outRefundNo}'`;

/** In the order in which they are offered, after the order's own decisions. */
export const ORDER_REFUND_DECISIONS = {
  refund: {
    title: { zh: '退款', en: 'Refund' },
    kept: { action: 'refund', words: { zh: '退款', en: 'refund' } },
    afterwards: {
      done: {
        zh: '退款已登记，款项已冻结，正在向微信支付申请。',
        en: 'The refund is recorded and its money held; WeChat Pay is being asked.',
      },
      pending: {
        zh: '这笔退款需要另一个人批准；批准之前不会退款，也不占用款项。',
        en: 'Another person has to approve this refund; until then nothing goes back and nothing is held.',
      },
      known: {
        zh: '这笔退款之前已经登记过，没有再次退款。',
        en: 'This refund was recorded before; nothing was refunded a second time.',
      },
    },
    input: 'refund',
    movesMoney: true,
    isPossible: ({ row, nowMs }) => row !== null && shopRefundObjection(row, 1, new Date(nowMs)) === undefined,
    effect: (order) => {
      const rest = formatAmount(moneyOf(order).restFen);
      const reserved = {
        zh: `您输入的金额马上冻结，然后请微信支付原路退回给付款人。最多可退 ${rest}。`,
        en: `What you enter is held at once, and WeChat Pay is asked to send it back to the payer. At most ${rest} can go back.`,
      };
      const once = { zh: '同一退款单号只会退一次。', en: 'One refund number is refunded once.' };
      const another = {
        zh: '超过商户设定的金额时，要等另一个人批准才会开始。',
        en: 'Above the amount that the merchant has set, it begins once another person approves it.',
      };
      return says(reserved, once, another);
    },
  },
  'external-refund': {
    title: { zh: '录入别处的退款', en: 'Enter a refund made elsewhere' },
    kept: {
      action: 'externalRefund',
      words: { zh: '录入别处的退款', en: 'book a refund made elsewhere' },
      line: { zh: '录入别处的退款', en: 'Refund made elsewhere entered' },
    },
    afterwards: {
      done: {
        zh: '在别处做的退款已录入，金额和状态以微信支付为准。',
        en: 'The refund made elsewhere is booked as WeChat Pay tells it.',
      },
      known: { zh: '这笔退款之前已经录入。', en: 'This refund was booked before.' },
    },
    command: (orderNo) => enterCommand(orderNo, BLANK_REFUND_NO),
    input: 'external',
    isPossible: ({ row }) => row !== null && mayBeRefundedElsewhere(row),
    effect: () =>
      says(
        ASKS_FIRST,
        {
          zh: '按微信支付查询到的金额和状态，把在商户平台或其他系统做的退款记到这个订单。',
          en: 'A refund made in the merchant platform or by another system is booked at this order, with the sum and state that WeChat Pay tells.',
        },
        {
          zh: '之后可退的金额相应减少；系统自己的退款如因此被拒，会自动就剩余部分重新发起。如果店铺或系统也用过同一退款单号而条件不同，原来的申请作罢，占用的款项随之释放。',
          en: 'That much less can go back from here. A refund of PaySaga that was refused because of it is issued again over the rest. What the shop or PaySaga asked for under the same number with other terms comes to nothing, and its money is free.',
        },
        NOTHING_MOVES,
      ),
  },
} as const satisfies Readonly<Record<string, OrderDecision>>;

/** A refund as far as a card or a row knows it. */
type RefundStanding = {
  readonly state: RefundStateName;
  readonly canBeReissued: boolean;
  /** With which WeChat Pay refused it. */
  readonly code: string | null;
};

export type RefundDecision = DecisionWords & {
  /** Absent where no card proposes it. */
  readonly command?: (outRefundNo: OutRefundNo) => string;
  readonly isPossible: (refund: RefundStanding) => boolean;
  readonly effect: (refund: RefundRecord) => Effect;
};

const resolveCommand = (outRefundNo: OutRefundNo, action: RefundResolveAction): string =>
  `refund resolve '${outRefundNo}' ${action}`;

const isAbnormal = ({ state }: RefundStanding): boolean => state === 'abnormal';

/** Issued again it is refused again. */
const isInVain = ({ state, code }: RefundStanding): boolean => state === 'rejected' && isOnlyOffline(code);

const underTheNext = (outRefundNo: OutRefundNo): Text => ({
  zh: `记在下一个退款单号 ${successorOf(outRefundNo)} 下：这笔款项不会再次退出。`,
  en: `It is kept under the next number, ${successorOf(outRefundNo)}: this money does not go out again.`,
});

/** About a refund that does not end by itself, in the order in which they are offered. */
export const REFUND_DECISIONS = {
  abnormalRefund: {
    title: { zh: '退到商户银行卡', en: 'Send to the bank card' },
    kept: { action: 'abnormalRefund', words: { zh: '退到商户银行卡', en: 'send a refund to the bank card' } },
    afterwards: {
      done: {
        zh: '已请求微信支付把异常退款退到商户银行卡。',
        en: "WeChat Pay was asked to send the refund to the merchant's bank card.",
      },
    },
    command: (outRefundNo) => resolveCommand(outRefundNo, 'abnormalRefund'),
    isPossible: isAbnormal,
    effect: ({ amountFen }) => ({
      sentences: [
        ASKS_FIRST,
        {
          zh: `请微信支付把 ${formatAmount(amountFen)} 退到商户自己的银行卡。`,
          en: `WeChat Pay is asked to send ${formatAmount(amountFen)} to the merchant's own bank card.`,
        },
        { zh: '之后需要您自己把款项付给付款人。', en: 'From there you pay the payer yourself.' },
      ],
      moneyFen: amountFen,
    }),
  },
  paidOffline: {
    title: { zh: '已线下退款', en: 'Paid back offline' },
    kept: { action: 'paidOffline', words: { zh: '线下已退款', en: 'take a refund as paid offline' } },
    afterwards: { done: { zh: '已记录为线下退款。', en: 'Recorded as paid back offline.' } },
    command: (outRefundNo) => resolveCommand(outRefundNo, 'paidOffline'),
    isPossible: (refund) => isAbnormal(refund) || refund.canBeReissued,
    effect: ({ amountFen, outRefundNo, state }) => ({
      sentences: [
        ASKS_FIRST,
        {
          zh: `记录为 ${formatAmount(amountFen)} 已在微信支付之外退给付款人，退款结束为已退款（线下）。PaySaga 不会转任何款项。`,
          en: `Records that ${formatAmount(amountFen)} were paid back outside WeChat Pay; the refund ends as refunded (offline). PaySaga sends no money.`,
        },
        ...(isReleased(state) ? [underTheNext(outRefundNo)] : []),
        { zh: '请只在真正付给付款人之后这样做。', en: 'Do this only after the payer really has the money.' },
      ],
      moneyFen: amountFen,
    }),
  },
  reissue: {
    title: { zh: '重新发起退款', en: 'Issue again' },
    kept: {
      action: 'reissue',
      words: { zh: '重新发起退款', en: 'issue a refund again' },
      line: { zh: '重新发起退款', en: 'Issue the refund again' },
    },
    afterwards: {
      done: { zh: '已用新的退款单号重新发起退款。', en: 'The refund was issued again under its next number.' },
    },
    command: (outRefundNo) => resolveCommand(outRefundNo, 'reissue'),
    isPossible: (refund) => refund.canBeReissued && !isAbnormal(refund),
    effect: ({ amountFen, outRefundNo }) => {
      const [money, next] = [formatAmount(amountFen), successorOf(outRefundNo)];
      const again = {
        zh: `用新的退款单号 ${next} 再次把 ${money} 原路退回给付款人。`,
        en: `${money} go back to the payer under a new refund number, ${next}.`,
      };
      return { sentences: [ASKS_FIRST, again], moneyFen: amountFen };
    },
  },
} as const satisfies Readonly<Record<RefundResolveAction, RefundDecision>>;

export type RefundDecisionName = keyof typeof REFUND_DECISIONS;

export const isRefundDecision = (name: string): name is RefundDecisionName => Object.hasOwn(REFUND_DECISIONS, name);

const NAMES = Object.keys(REFUND_DECISIONS).filter(isRefundDecision);

const decisionOf = (name: RefundDecisionName): RefundDecision => REFUND_DECISIONS[name];

/** To issue again comes first wherever that can help. */
export function possibleOfRefund(refund: RefundStanding): RefundDecisionName[] {
  const possible = NAMES.filter((name) => decisionOf(name).isPossible(refund));
  return isInVain(refund) ? possible : possible.toSorted((one, other) => rankOf(one) - rankOf(other));
}

const rankOf = (name: RefundDecisionName): number => (name === 'reissue' ? 0 : 1);

export const refundStanding = (order: OrderRecord, refund: RefundRecord): RefundStanding => ({
  state: refund.state,
  canBeReissued: canBeReissued(order, refund),
  code: refusedWith(refund.gateway),
});

/** Those that a card proposes, for pasting after `paysaga`. */
export const proposedOfRefund = ({ outRefundNo, ...refund }: RefundStanding & { outRefundNo: OutRefundNo }): string[] =>
  possibleOfRefund(refund).flatMap((name) => decisionOf(name).command?.(outRefundNo) ?? []);
