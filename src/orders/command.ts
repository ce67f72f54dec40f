import { Command } from 'commander';
import { z } from 'zod';
import { PRODUCTS } from './rules/product.js';
import { CLOSED_REASONS, ORDER_STATES, RESOLVE_ACTIONS, STUCK_REASONS } from './rules/states.js';
import { actCommand, type WriteAnswer } from '../cli/kit/act.js';
import { explanation, orderAnswer, stateOf, type OrderAnswer } from '../cli/kit/answers.js';
import { listed, moreOf, openApi, orderPath, parsed, writeAnswer, type Api } from '../cli/kit/api.js';
import { CliFailure, EXIT, type CliEnvironment, type Configured } from '../cli/kit/command.js';
import {
  instantOf,
  orderNo,
  pageLimit,
  searchOf,
  withApiOptions,
  withPage,
  withSearch,
  wordOf,
  type ApiOptions,
  type PageOptions,
  type SearchOptions,
} from '../cli/kit/options.js';
import { age, painted, strong, time, writeFacts, writeJson, writeTable, yuan } from '../cli/kit/output.js';
import { inParallel, withProgress } from '../cli/kit/progress.js';

type OrdersOptions = ApiOptions &
  PageOptions &
  SearchOptions & {
    readonly stuck?: true;
    readonly state?: string;
    readonly stuckReason?: string;
    readonly closedReason?: string;
    readonly createdFrom?: string;
    readonly createdTo?: string;
    readonly paidFrom?: string;
    readonly paidTo?: string;
    readonly product?: string;
    readonly appid?: string;
  };

const EXAMPLE = `
Examples:
  $ paysaga orders --stuck
  $ paysaga orders --stuck --stuck-reason gateway_unreachable --all
  $ paysaga orders --state awaitingPayment --created-from 2026-11-22 --limit 20
  $ paysaga orders --amount 88.00 --paid-from 2026-11-22T15:00:00+08:00
  $ paysaga orders --q '龙井 c-882'
  $ paysaga orders --paid-from 2026-11-22 --paid-to 2026-11-23 --product native --all
`;

export function ordersCommand(env: CliEnvironment, configured: Configured): Command {
  const command = withSearch(withApiOptions(configured(new Command('orders'))))
    .description('orders, newest first; with --stuck those that need somebody, the one that waits longest first')
    .option('--stuck', 'those with any stuck reason, and the sum of their money')
    .option('--state <state>', `one of ${ORDER_STATES.join(', ')}`, wordOf(ORDER_STATES))
    .option('--stuck-reason <reason>', `one of ${STUCK_REASONS.join(', ')}`, wordOf(STUCK_REASONS))
    .option('--closed-reason <reason>', `one of ${CLOSED_REASONS.join(', ')}`, wordOf(CLOSED_REASONS))
    .option('--created-from <time>', 'created then or later', instantOf)
    .option('--created-to <time>', 'created before', instantOf)
    .option('--paid-from <time>', 'paid then or later; the newest payment first', instantOf)
    .option('--paid-to <time>', 'paid before', instantOf)
    .option('--product <product>', `one of ${PRODUCTS.join(', ')}`, wordOf(PRODUCTS))
    .option('--appid <appid>', 'paid to this appid; not paid, placed for it');
  return withPage(command)
    .addHelpText('after', EXAMPLE)
    .action((options: OrdersOptions) => list(env, options));
}

async function list(env: CliEnvironment, options: OrdersOptions): Promise<void> {
  const { stuck, state, stuckReason, closedReason } = options;
  const { createdFrom, createdTo, paidFrom, paidTo, product, appid } = options;
  const limit = pageLimit(options);
  const others = {
    ...searchOf(options),
    state,
    closedReason,
    createdFrom,
    createdTo,
    paidFrom,
    paidTo,
    product,
    appid,
  };
  if (stuck === true && Object.values(others).some((value) => value !== undefined)) {
    throw new CliFailure(EXIT.usage, '--stuck goes with --stuck-reason alone');
  }
  const query = stuck === true ? { stuckReason: stuckReason ?? 'any', sort: 'stuckSince' } : { ...others, stuckReason };
  const api = await openApi(env, options);
  const page = await listed(api, '/v1/orders', query, limit);
  if (options.json === true) {
    writeJson(env, page);
    return;
  }
  const orders = parsed(z.array(orderAnswer), page.items);
  const more = moreOf(page);
  if (orders.length === 0) env.stdout.write(stuck === true ? 'No order is stuck.\n' : 'No such order.\n');
  else if (stuck === true) await writeStuck(env, api, orders, more);
  else writeOrders(env, orders, more);
}

function writeOrders(env: CliEnvironment, orders: readonly OrderAnswer[], more: string): void {
  writeTable(env.stdout, orders, {
    order: (it) => it.orderNo,
    state: stateOf,
    stuck: (it) => it.stuckReason,
    amount: (it) => yuan(it.amountFen),
    paid: (it) => yuan(it.paidFen),
    created: (it) => time(it.createdAt),
    age: (it) => age(it.createdAt, env.now()),
    ...(orders.some((it) => it.paidAt !== null) ? { 'paid at': (it: OrderAnswer) => time(it.paidAt) } : {}),
  });
  env.stdout.write(`${ordersOf(orders.length)}${more}.\n`);
}

async function writeStuck(env: CliEnvironment, api: Api, listed: readonly OrderAnswer[], more: string): Promise<void> {
  const orders = await explained(env, api, listed);
  writeTable(env.stdout, orders, {
    order: (it) => it.orderNo,
    state: stateOf,
    stuck: (it) => it.stuckReason,
    since: (it) => time(it.explain.since),
    age: (it) => age(it.explain.since, env.now()),
    amount: (it) => yuan(it.amountFen),
    'waiting for': (it) => it.explain.waitingFor,
    'next step': (it) => it.explain.nextStep,
  });
  const atRisk = yuan(sumOf(orders.map(atRiskFen)));
  const unpaid = orders.filter((it) => ['creating', 'awaitingPayment'].includes(it.state) && atRiskFen(it) === 0);
  const waiting = unpaid.length === 0 ? '' : `; not paid yet: ${yuan(sumOf(unpaid.map(({ amountFen }) => amountFen)))}`;
  const money = strong(env, `Money at risk: ${painted(env, 'red', atRisk)}`);
  env.stdout.write(`${money} in ${ordersOf(orders.length)}${waiting}${more}.\n`);
}

/** Lists do not say what an order waits for: each is asked. */
const explained = (env: CliEnvironment, api: Api, orders: readonly OrderAnswer[]): Promise<StuckOrder[]> =>
  withProgress(env, orders.length, (progress) =>
    inParallel(orders, async ({ orderNo, mchid }) => {
      const detail = parsed(stuckOrder, await api.get(orderPath(orderNo), { mchid }));
      progress.step();
      return detail;
    }),
  );

const evidence = z.object({ source: z.string(), transactionId: z.string(), amountFen: z.number() });
const stuckOrder = orderAnswer.extend({ explain: explanation, evidence: z.array(evidence) });
type StuckOrder = z.infer<typeof stuckOrder>;

/** Money that is confirmed and not back yet, or claimed by evidence that no query has confirmed. */
function atRiskFen({ attempts, evidence }: StuckOrder): number {
  const confirmed = attempts.map(({ paidFen, refundedFen }) => paidFen - refundedFen);
  const claims = new Map(
    evidence
      .filter(
        (it) => it.source !== 'query' && !attempts.some(({ transactionId }) => transactionId === it.transactionId),
      )
      .map(({ transactionId, amountFen }) => [transactionId, amountFen]),
  );
  return sumOf([...confirmed, ...claims.values()]);
}

const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);

export const ordersOf = (count: number): string => `${count} ${count === 1 ? 'order' : 'orders'}`;

export const writeOrderAnswer: WriteAnswer = (env, said, body, json) =>
  writeAnswer(env, json, body, orderAnswer, (order) =>
    writeFacts(env, `${order.orderNo}: ${said}`, [
      ['state', stateOf(order)],
      ['stuck', order.stuckReason],
      ['amount', yuan(order.amountFen)],
      ['paid', order.paidFen === 0 ? null : yuan(order.paidFen)],
      ['expires', time(order.expiresAt)],
    ]),
  );

/** `paysaga close`: nobody shall pay the order any more. A payment that arrives meanwhile wins. */
export const closeCommand = actCommand({
  name: 'close',
  description: 'close an order that is not paid; WeChat Pay is asked before and after',
  takes: [['<orderNo>', 'the order', orderNo]],
  examples: `
Example:
  $ paysaga close A-1001 --reason 'the customer changed their mind'
`,
  path: (order) => orderPath(order, '/close'),
  said: (status) => (status === 202 ? 'closing; WeChat Pay has not confirmed it yet' : 'closed'),
  write: writeOrderAnswer,
});

/** `paysaga resolve`: what only a person may decide about an order. */
export const resolveCommand = actCommand({
  name: 'resolve',
  description: 'decide about an order in review, or one that is stuck on money',
  takes: [
    ['<orderNo>', 'the order', orderNo],
    ['<action>', RESOLVE_ACTIONS.join(', '), wordOf(RESOLVE_ACTIONS)],
  ],
  examples: `
accept takes the money that WeChat Pay confirms now, whatever its amount; return gives it back; close ends an order
that holds no money.

Example:
  $ paysaga resolve A-1001 return --reason 'paid twice, agreed with the customer'
`,
  path: (order) => orderPath(order, '/resolve'),
  body: (action) => ({ action }),
  said: (_, action) => `resolved (${action})`,
  write: writeOrderAnswer,
});
