import { NOTHING_MOVES, says, type DecisionWords, type Effect, type Input } from '../../actions/rules/decision.js';
import type { OrderNo } from '../../base/ids.js';
import { formatAmount } from '../../base/money.js';
import { beijingTime } from '../../base/time.js';
import { deadlineAfter, MAX_LIFE_MS } from './requests.js';
import type { OrderRecord } from './record.js';
import { isPayable, type OrderState } from './state.js';
import { acceptEffect, endEffect, returnEffect } from './resolve-effects.js';
import { canResolve } from './standing.js';

/** An order as whoever looks at it knows it; its own workflow has no row. */
export type Standing = { readonly order: OrderState; readonly row: OrderRecord | null; readonly nowMs: number };

/** What a person may decide about an order, and what comes of it. */
export type OrderDecision = DecisionWords & {
  /** What an operator can paste after `paysaga`; the reason is to be filled in. Absent where no card proposes it. */
  readonly command?: (orderNo: OrderNo) => string;
  readonly input?: Input;
  /** Whoever moves money types the order's number. */
  readonly movesMoney?: true;
  /** Whether it would have an effect now, as far as PaySaga knows; WeChat Pay may still say otherwise when it is asked. */
  readonly isPossible: (standing: Standing) => boolean;
  readonly effect: (order: OrderRecord, now: Date) => Effect;
};

/** Of an order that can still be paid. Once it is being closed its deadline is over. */
const isOpen = ({ order, nowMs }: Standing): boolean => isPayable(order) && nowMs < order.deadlineMs;
const endMs = ({ createdAtMs }: OrderState): number => createdAtMs + MAX_LIFE_MS;
const canExtend = (standing: Standing): boolean => isOpen(standing) && standing.nowMs < endMs(standing.order);
const placedUntilMs = ({ createdAt, expiresInSeconds }: OrderRecord): number =>
  createdAt.getTime() + expiresInSeconds * 1_000;

const CODE_ENDS = {
  zh: '付款人手上的二维码在微信支付的有效期不变，可能更早失效；店铺可以发起新的支付尝试。',
  en: 'The code that the payer has keeps its time at WeChat Pay and may end sooner; the shop can open another attempt.',
};

function deadlineEffect(action: 'hold' | 'release', order: OrderRecord, now: Date): Effect {
  const until = deadlineAfter(order, { action }, now) ?? order.expiresAt;
  if (until <= now) {
    const atOnce = {
      zh: '原来的截止时间已过，订单会马上开始关闭。',
      en: 'The first deadline is over, so the order begins to close at once.',
    };
    return says(atOnce);
  }
  const [from, to] = [beijingTime(order.expiresAt), beijingTime(until)];
  const moves = {
    zh: `截止时间从 ${from} 移到 ${to}（北京时间）。`,
    en: `The deadline moves from ${from} to ${to} (Beijing time).`,
  };
  return says(moves, CODE_ENDS);
}

const RESOLVE: DecisionWords['kept'] = {
  action: 'resolve',
  words: { zh: '人工决定', en: 'carry out a decision' },
  line: { zh: '人工决定', en: 'Decision' },
};

/** In the order in which they are offered; each name is the last part of its form's address. */
export const ORDER_DECISIONS = {
  recheck: {
    title: { zh: '复查', en: 'Recheck' },
    kept: { action: 'recheck', words: { zh: '复查', en: 'recheck the order' } },
    afterwards: {
      done: {
        zh: '已请求复查：PaySaga 正在再次询问微信支付，结果会出现在时间线上。',
        en: 'PaySaga is asking WeChat Pay again; what it says shows in the timeline.',
      },
    },
    command: (orderNo) => `recheck ${orderNo}`,
    isPossible: () => true,
    effect: () =>
      says(
        {
          zh: 'PaySaga 会再次向微信支付询问这个订单所有未定的款项和退款。查到的款项按规则处理：该入账的入账，多余的按订单策略处理。',
          en: 'PaySaga asks WeChat Pay again about all of this order that is not settled, and about its refunds under way. Money that is found is handled as always: booked where it belongs, anything else by the policy of the order.',
        },
        NOTHING_MOVES,
      ),
  },
  rescue: {
    title: { zh: '救援', en: 'Rescue' },
    kept: { action: 'rescue', words: { zh: '救援', en: 'rescue the order' } },
    afterwards: { done: { zh: '订单已从数据库继续。', en: 'The order goes on from Postgres.' } },
    command: (orderNo) => `rescue ${orderNo}`,
    isPossible: ({ row }) => row?.stuckReason === 'stalled',
    effect: () =>
      says(
        {
          zh: '结束无法继续的运行，订单从数据库继续；已知的款项与请求都不会丢失。',
          en: 'The run that cannot go on is ended, and the order goes on from Postgres. Nothing that is known or was asked for is lost.',
        },
        NOTHING_MOVES,
      ),
  },
  close: {
    title: { zh: '关闭订单', en: 'Close the order' },
    kept: {
      action: 'close',
      words: { zh: '关闭订单', en: 'close the order' },
      line: { zh: '关闭订单', en: 'Close' },
    },
    afterwards: {
      done: { zh: '订单已关闭，微信支付已确认。', en: 'The order is closed, and WeChat Pay confirmed it.' },
      pending: {
        zh: '已请求关闭；微信支付确认之后订单才会显示为已关闭。',
        en: 'Closing was asked for; the order shows as closed once WeChat Pay confirms it.',
      },
    },
    command: (orderNo) => `close ${orderNo}`,
    isPossible: ({ order }) => isPayable(order),
    effect: ({ amountFen }) =>
      says(
        {
          zh: `PaySaga 会查询、关单、再查询。之后付款人不能再支付这 ${formatAmount(amountFen)}。`,
          en: `PaySaga asks, closes, and asks again. After that nobody can pay these ${formatAmount(amountFen)}.`,
        },
        {
          zh: '如果付款人在此期间付了款，以付款为准，订单变为已支付。',
          en: 'If the payer pays meanwhile, the payment wins and the order becomes paid.',
        },
      ),
  },
  hold: {
    title: { zh: '延到最晚', en: 'Hold' },
    kept: { action: 'hold', words: { zh: '延到最晚', en: 'hold the order' } },
    afterwards: { done: { zh: '截止时间已移到最晚。', en: 'The deadline is at its latest now.' } },
    command: (orderNo) => `hold ${orderNo}`,
    isPossible: (standing) => isOpen(standing) && standing.order.deadlineMs < endMs(standing.order),
    effect: (order, now) => deadlineEffect('hold', order, now),
  },
  release: {
    title: { zh: '恢复截止时间', en: 'Release' },
    kept: { action: 'release', words: { zh: '恢复截止时间', en: 'release the order' } },
    afterwards: {
      done: { zh: '截止时间已恢复。', en: 'The deadline is back where the order was created with.' },
    },
    isPossible: (standing) => {
      const { row } = standing;
      return row !== null && canExtend(standing) && row.expiresAt.getTime() > placedUntilMs(row);
    },
    effect: (order, now) => deadlineEffect('release', order, now),
  },
  extend: {
    title: { zh: '移动截止时间', en: 'Move the deadline' },
    kept: { action: 'extend', words: { zh: '移动截止时间', en: 'move the deadline' } },
    afterwards: { done: { zh: '截止时间已移动。', en: 'The deadline was moved.' } },
    input: 'until',
    isPossible: canExtend,
    effect: ({ expiresAt }) =>
      says(
        {
          zh: `移动 PaySaga 的截止时间，现在是 ${beijingTime(expiresAt)}（北京时间）。`,
          en: `Moves PaySaga's deadline, which is ${beijingTime(expiresAt)} (Beijing time).`,
        },
        CODE_ENDS,
      ),
  },
  'resolve-accept': {
    title: { zh: '接受', en: 'Accept' },
    kept: RESOLVE,
    afterwards: { done: { zh: '决定已执行：按现状接受。', en: 'Decided: it is taken as it is.' } },
    command: (orderNo) => `resolve ${orderNo} accept`,
    movesMoney: true,
    isPossible: ({ order }) => canResolve(order, 'accept'),
    effect: acceptEffect,
  },
  'resolve-return': {
    title: { zh: '退回款项', en: 'Return the money' },
    kept: RESOLVE,
    afterwards: { done: { zh: '决定已执行：款项正在退回。', en: 'Decided: the money is on its way back.' } },
    command: (orderNo) => `resolve ${orderNo} return`,
    movesMoney: true,
    isPossible: ({ order }) => canResolve(order, 'return'),
    effect: returnEffect,
  },
  'resolve-close': {
    title: { zh: '无款结束', en: 'End without money' },
    kept: RESOLVE,
    afterwards: { done: { zh: '决定已执行：订单结束，没有入账。', en: 'Decided: the order ends without money.' } },
    command: (orderNo) => `resolve ${orderNo} close`,
    isPossible: ({ order }) => canResolve(order, 'close'),
    effect: endEffect,
  },
} as const satisfies Readonly<Record<string, OrderDecision>>;

export type OrderDecisionName = keyof typeof ORDER_DECISIONS;
