import { Command } from 'commander';
import { answerText } from '../orders/rules/gateway-answer.js';
import {
  orderDetail,
  searchAnswer,
  stateOf,
  timelineAnswer,
  type Explanation,
  type OrderDetail,
  type TimelineItem,
} from '../cli/kit/answers.js';
import { openApi, orderPath, parsed, type Api } from '../cli/kit/api.js';
import { CliFailure, EXIT, type CliEnvironment, type Configured } from '../cli/kit/command.js';
import { withApiOptions, type ApiOptions } from '../cli/kit/options.js';
import { EVENT_COLUMNS } from '../shop-events/command.js';
import { age, plain, strong, time, writeFacts, writeJson, writeSection, writeTable, yuan } from '../cli/kit/output.js';

const EXAMPLE = `
Examples:
  $ paysaga show A-1001
  $ paysaga show 4200002112202611220000000001
  $ paysaga show 'A-1001@return' --json
`;

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

/** The one order with this number. Throws for several, of several merchants or by several numbers, and lists them. */
async function find(env: CliEnvironment, api: Api, number: string, mchid: string | undefined) {
  const { items } = parsed(searchAnswer, await api.get('/v1/search', { number, mchid }));
  const [first, ...others] = new Map(items.map((item) => [`${item.mchid}/${item.orderNo}`, item])).values();
  if (first === undefined) {
    throw new CliFailure(EXIT.failed, 'no order, attempt, transaction or refund has that number');
  }
  if (others.length > 0) {
    writeTable(env.stderr, [first, ...others], {
      mchid: (it) => it.mchid,
      order: (it) => it.orderNo,
      'found as': (it) => it.found,
    });
    throw new CliFailure(EXIT.failed, 'several orders have that number: name one by its orderNo, and --mchid');
  }
  return first;
}

function writeCard(env: CliEnvironment, order: OrderDetail, timeline: readonly TimelineItem[]): void {
  writeOrder(env, order);
  writeExplanation(env, order.explain);
  writeSection(env, 'Attempts', order.attempts, {
    number: (it) => it.outTradeNo,
    product: (it) => it.product,
    state: (it) => it.state,
    transaction: (it) => it.transactionId,
    paid: (it) => yuan(it.paidFen),
    refunding: (it) => yuan(it.refundingFen),
    refunded: (it) => yuan(it.refundedFen),
    'answered with': answeredWith,
  });
  writeSection(env, 'Refunds', order.refunds, {
    number: (it) => it.refundNo,
    state: (it) => it.state,
    amount: (it) => yuan(it.amountFen),
    of: (it) => it.outTradeNo,
    cause: (it) => it.cause,
    reason: (it) => it.reason,
    'answered with': answeredWith,
  });
  writeSection(env, 'Told to the shop', order.events, EVENT_COLUMNS);
  writeSection(env, 'What happened', timeline, {
    'known at': (it) => time(it.at),
    'at WeChat Pay': (it) => time(it.wechatAt),
    source: (it) => it.source,
    what: (it) => it.kind,
    about: (it) => it.subject,
    outcome: (it) => it.outcome,
    amount: (it) => (it.amountFen === null ? null : yuan(it.amountFen)),
    by: (it) => it.by,
    why: (it) => answeredWith(it) ?? [it.detail, it.reason].filter((text) => text !== null).join('; '),
  });
}

const answeredWith = ({ gateway }: Pick<TimelineItem, 'gateway'>): string | null =>
  gateway === null ? null : answerText(gateway);

function writeOrder(env: CliEnvironment, order: OrderDetail): void {
  const { createdAt } = order;
  const money = (fen: number): string | null => (fen === 0 ? null : yuan(fen));
  writeFacts(env, order.orderNo, [
    ['merchant', order.mchid],
    ['state', stateOf(order)],
    ['stuck', order.stuckReason],
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
    [words.answered, last === null ? null : answeredWith(last)],
    [words.actor, words.actors[explain.actor]],
  ]);
  for (const command of explain.commands) env.stdout.write(`  ${strong(env, `$ ${plain(command)}`)}\n`);
}
