import { answerText } from '../domain/gateway-answer.js';
import type { EventAnswer, Explanation, OrderDetail, TimelineItem } from './answers.js';
import type { CliEnvironment } from './environment.js';
import { stateOf } from './orders.js';
import { strong, writeFacts, writeSection } from './table.js';
import { age, plain, time, yuan } from './text.js';

/** An order for a person: what it waits for first, then what it holds, then what happened. */
export function writeCard(env: CliEnvironment, order: OrderDetail, timeline: readonly TimelineItem[]): void {
  writeOrder(env, order);
  writeExplanation(env, order.explain);
  const { attempts, refunds, events } = order;
  const paidBy = attempts.map((it) => [
    it.outTradeNo,
    it.product,
    it.state,
    it.transactionId ?? '',
    yuan(it.paidFen),
    yuan(it.refundingFen),
    yuan(it.refundedFen),
    it.gateway === null ? '' : answerText(it.gateway),
  ]);
  writeSection(env, 'Attempts', ATTEMPTS, paidBy);
  const back = refunds.map((it) => [
    it.refundNo,
    it.state,
    yuan(it.amountFen),
    it.outTradeNo,
    it.cause,
    it.reason ?? '',
    it.gateway === null ? '' : answerText(it.gateway),
  ]);
  writeSection(env, 'Refunds', ['number', 'state', 'amount', 'of', 'cause', 'reason', 'answered with'], back);
  const told = events.map(({ id, type, createdAt, deliveredAt, deliveries }) => [
    id,
    type,
    time(createdAt),
    deliveredAt === null ? 'no' : time(deliveredAt),
    `${deliveries.length}`,
    answerOf(deliveries.at(-1)),
  ]);
  writeSection(env, 'Told to the shop', ['event', 'type', 'created', 'delivered', 'tries', 'last answer'], told);
  writeSection(env, 'What happened', TIMELINE, timeline.map(timelineRow));
}

function writeOrder(env: CliEnvironment, order: OrderDetail): void {
  const { stuckReason, createdAt } = order;
  const money = (fen: number): string | null => (fen === 0 ? null : yuan(fen));
  writeFacts(env, order.orderNo, [
    ['merchant', order.mchid],
    ['state', stateOf(order)],
    ['stuck', stuckReason],
    ['amount', yuan(order.amountFen)],
    ['paid', money(order.paidFen)],
    ['refunding', money(order.refundingFen)],
    ['refunded', money(order.refundedFen)],
    ['other money returned', money(order.returnedFen)],
    ['fulfilment', order.fulfilment === 'none' ? null : order.fulfilment],
    ['description', order.description],
    ['created', `${time(createdAt)} (${age(createdAt, env.now())} ago)`],
    ['expires', time(order.expiresAt)],
    ['paid at', time(order.paidAt)],
    ['closed at', time(order.closedAt)],
  ]);
}

const WORDS = {
  zh: {
    ...{ next: '下一步', since: '起始', last: '最近回答', answered: '回答内容', actor: '谁可以处理' },
    calls: (n: number) => `第 ${n} 次`,
    actors: { nobody: '无需处理', payer: '付款人', shop: '店铺', operator: '运营人员', wechat: '微信支付' },
  },
  en: {
    ...{ next: 'next', since: 'since', last: 'last answer', answered: 'answered with', actor: 'who can act' },
    calls: (n: number) => `call ${n}`,
    actors: { nobody: 'nobody', payer: 'the payer', shop: 'the shop', operator: 'an operator', wechat: 'WeChat Pay' },
  },
} as const;

function writeExplanation(env: CliEnvironment, explain: Explanation): void {
  const language = env.config.language ?? 'en';
  const words = WORDS[language];
  const { lastAnswer: last, nextAt, since } = explain;
  env.stdout.write('\n');
  writeFacts(env, explain.text[language], [
    [words.since, `${time(since)} (${age(since, env.now())})`],
    [words.next, nextAt === null ? explain.nextStep : `${explain.nextStep}, ${time(nextAt)}`],
    [
      words.last,
      last === null ? null : `${last.api}: ${last.outcome}, ${time(last.at)}, ${words.calls(explain.attempts)}`,
    ],
    [words.answered, last?.gateway == null ? null : answerText(last.gateway)],
    [words.actor, words.actors[explain.actor]],
  ]);
  for (const command of explain.commands) env.stdout.write(`  ${strong(env, `$ ${plain(command)}`)}\n`);
}

const ATTEMPTS = [
  'number',
  'product',
  'state',
  'transaction',
  'paid',
  'refunding',
  'refunded',
  'answered with',
] as const;

const TIMELINE = ['known at', 'at WeChat Pay', 'source', 'what', 'about', 'outcome', 'amount', 'by', 'why'] as const;

const timelineRow = ({
  at,
  wechatAt,
  source,
  kind,
  subject,
  outcome,
  amountFen,
  by,
  ...why
}: TimelineItem): string[] => [
  time(at),
  time(wechatAt),
  source,
  kind,
  subject,
  outcome ?? '',
  amountFen === null ? '' : yuan(amountFen),
  by ?? '',
  whyOf(why),
];

/** What WeChat Pay answered is told whole, as everywhere else. */
const whyOf = ({ gateway, detail, reason }: Pick<TimelineItem, 'gateway' | 'detail' | 'reason'>): string =>
  gateway === null ? [detail, reason].filter((text) => text !== null).join('; ') : answerText(gateway);

const answerOf = (last: EventAnswer['deliveries'][number] | undefined): string => {
  if (last === undefined) return '';
  return last.status === 0 ? last.outcome : `${last.status} ${last.outcome}`;
};
