import { Command } from 'commander';
import { answerText } from '../domain/gateway-answer.js';
import {
  orderDetail,
  searchAnswer,
  stateOf,
  timelineAnswer,
  type EventAnswer,
  type Explanation,
  type OrderDetail,
  type TimelineItem,
} from './kit/answers.js';
import { openApi, orderPath, parsed, type Api } from './kit/api.js';
import { CliFailure, EXIT, type CliEnvironment, type Configured } from './kit/command.js';
import { withApiOptions, type ApiOptions } from './kit/options.js';
import { age, plain, strong, time, writeFacts, writeJson, writeSection, writeTable, yuan } from './kit/output.js';

const EXAMPLE = `
Examples:
  $ paysaga show A-1001
  $ paysaga show 4200002112202611220000000001
  $ paysaga show 'A-1001@return' --json
`;

/** `paysaga show`: everything about one order, found by any of its numbers. */
export function showCommand(env: CliEnvironment, configured: Configured): Command {
  return withApiOptions(configured(new Command('show')))
    .description('one order: what it waits for, what it holds, and everything that happened')
    .argument('<number>', 'of the order, of an attempt, of a refund, or a transaction of WeChat Pay')
    .addHelpText('after', EXAMPLE)
    .action((number: string, options: ApiOptions) => show(env, number, options));
}

async function show(env: CliEnvironment, number: string, options: ApiOptions): Promise<void> {
  const api = await openApi(env, options);
  const found = await find(env, api, number, options.mchid);
  const body = await api.get(orderPath(found.orderNo), { mchid: found.mchid });
  if (options.json === true) {
    writeJson(env, body);
    return;
  }
  const order = parsed(orderDetail, body);
  const { items } = parsed(
    timelineAnswer,
    await api.get(orderPath(order.orderNo, '/timeline'), { mchid: order.mchid }),
  );
  writeCard(env, order, items);
}

type Found = { readonly mchid: string; readonly orderNo: string };

/** The one order with this number; several, of several merchants or by several numbers, are listed and refused. */
async function find(env: CliEnvironment, api: Api, number: string, mchid: string | undefined): Promise<Found> {
  // All merchants of the key, unless one is named.
  const { items } = parsed(searchAnswer, await api.get('/v1/search', { number, mchid }));
  const [first, ...others] = new Map(items.map((item) => [`${item.mchid}/${item.orderNo}`, item])).values();
  if (first === undefined) {
    throw new CliFailure(EXIT.failed, 'no order, attempt, transaction or refund has that number');
  }
  if (others.length > 0) {
    const rows = [first, ...others].map(({ found, mchid, orderNo }) => [mchid, orderNo, found]);
    writeTable(env.stderr, ['mchid', 'order', 'found as'], rows);
    throw new CliFailure(EXIT.failed, 'several orders have that number: name one by its orderNo, and --mchid');
  }
  return first;
}

/** An order for a person: what it waits for first, then what it holds, then what happened. */
function writeCard(env: CliEnvironment, order: OrderDetail, timeline: readonly TimelineItem[]): void {
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
