import { setTimeout as sleep } from 'node:timers/promises';
import type { DevStack } from '../stack/dev-stack.js';
import { createBilledDay, type BilledDay, type PastDay } from './billed-day.js';
import { compareBooks, readBooks } from './books.js';
import { createLiveTable, type Row } from './live-table.js';
import type { Scenario, ScenarioContext } from './scenario.js';
import { SCENARIOS } from './scenarios.js';
import type { ShopEndpoint } from './shop-endpoint.js';
import { openShop, type DemoOrder, type DemoOrderDetail, type Shop } from './shop.js';
import { describe, objection, wronglyTold } from './verdict.js';

type Demo = {
  readonly stack: DevStack;
  readonly endpoint: ShopEndpoint;
  /** Where WeChat Pay's clock begins. */
  readonly past: PastDay;
  readonly output: NodeJS.WriteStream;
};

/** `wrong` names every order, attempt, refund and day that is not as it should be. */
type DemoResult = Awaited<ReturnType<typeof runDemo>>;

const REDRAW_MS = 500;
/** An order that has not ended by then hangs, and is not as expected. */
const LIMIT_MS = 1_200_000;

export async function runDemo({ stack, endpoint, past, output }: Demo) {
  const shops = openShops(stack.dev);
  const billedDay = createBilledDay({ shop: shops.v3, endpoint }, past.date);
  const shared = { endpoint, worker: stack.worker, alone: oneAtATime() };
  const startMs = Date.now();
  const table = createLiveTable(output);
  const all = beginAll(shared, shops, billedDay, past);
  const rows = () => all.map((progress) => rowOf(progress, endpoint, startMs));
  const isOver = () => billedDay.isOver && all.every(({ endedMs }) => endedMs !== null);
  while (!isOver() && Date.now() - startMs < LIMIT_MS) {
    table.show(rows(), billedDay.line);
    await sleep(REDRAW_MS);
    // A failed look sees nothing new.
    const looks = await Promise.all(Object.values(shops).map((shop) => shop.orders().catch(() => [])));
    await Promise.allSettled(all.map((progress) => followScenario(progress, looks.flat(), endpoint)));
  }
  const { details, differenceFen, differing } = await closeBooks(Object.values(shops), endpoint);
  for (const progress of all) judge(progress, details, endpoint);
  await billedDay.close();
  table.finish(rows(), billedDay.line);
  const unexpected = all.filter((progress) => progress.objection !== undefined);
  for (const { scenario, objection: why } of unexpected) output.write(`${scenario.orderNo}: ${why}\n`);
  if (endpoint.forged > 0) output.write(`the shop refused ${endpoint.forged} deliveries that did not verify\n`);
  const named = [...unexpected.map(({ scenario }) => scenario.orderNo), ...differing, ...billedDay.wrong];
  const wrong = [...new Set(named)];
  return { orders: all.length, unexpected: unexpected.length, differenceFen, wrong };
}

/** The demo's last lines and its exit code: 0 only if nothing at all is wrong. */
export function summaryOf({ orders, unexpected, differenceFen, wrong }: DemoResult) {
  const names = wrong.length === 0 ? [] : [`not as expected: ${wrong.join(', ')}`];
  const last = `demo: ${orders} orders, ${orders - unexpected} as expected, books differ by ${differenceFen} fen`;
  return { lines: [...names, last], exitCode: wrong.length === 0 && unexpected === 0 && differenceFen === 0 ? 0 : 1 };
}

type Shops = Readonly<Record<'v3' | 'v2', Shop>>;

function openShops(dev: DevStack['dev']): Shops {
  const v2 = dev.merchants.find(({ protocol }) => protocol === 'v2');
  if (v2 === undefined) throw new Error('the demo needs a merchant of API v2');
  return { v3: openShop(dev), v2: openShop({ ...dev, mchid: v2.mchid, apiKey: v2.apiKey }) };
}

type Progress = {
  readonly scenario: Scenario;
  readonly shop: Shop;
  state: string;
  /** The shop or the payer still has something to do. */
  acting: boolean;
  failure?: string;
  objection: string | undefined;
  endedMs: number | null;
};

type Shared = Omit<ScenarioContext, 'shop' | 'orderNo' | 'amountFen' | 'orderCount'>;

/** The day that is over comes first; then WeChat Pay's clock moves on to now, all scenarios run, and the day's bills are asked for. */
function beginAll(shared: Shared, shops: Shops, billedDay: BilledDay, { behindSeconds }: PastDay): Progress[] {
  const begun = SCENARIOS.map((scenario, index) => {
    const { orderNo, protocol } = scenario;
    const orderCount = SCENARIOS.filter((other) => other.protocol === protocol).length;
    const amountFen = 100 * (index + 1) + index;
    const context = { ...shared, shop: shops[protocol ?? 'v3'], orderNo, amountFen, orderCount };
    return { scenario, context, before: scenario.before?.(context) ?? Promise.resolve() };
  });
  const today = Promise.allSettled(begun.map(({ before }) => before)).then(() => shops.v3.advanceClock(behindSeconds));
  void shared.alone(() => billedDay.run(today));
  return begun.map(({ scenario, context, before }) =>
    beginScenario(scenario, context.shop, async () => {
      await Promise.all([before, today]);
      await scenario.run(context);
    }),
  );
}

function beginScenario(scenario: Scenario, shop: Shop, run: () => Promise<unknown>): Progress {
  const progress: Progress = { scenario, shop, state: '…', acting: true, objection: 'it has not ended', endedMs: null };
  run()
    .catch((error: unknown) => {
      progress.failure = error instanceof Error ? error.message : String(error);
      progress.endedMs = Date.now();
    })
    .finally(() => (progress.acting = false));
  return progress;
}

/** Looks at the scenario's order again. The scenario ends when its acts are done and everything is as expected. */
async function followScenario(progress: Progress, orders: readonly DemoOrder[], endpoint: ShopEndpoint): Promise<void> {
  const { scenario, shop, acting, endedMs } = progress;
  const order = orders.find(({ orderNo }) => orderNo === scenario.orderNo);
  if (order === undefined) return;
  progress.state = describe(order);
  if (acting || endedMs !== null || progress.state !== scenario.expected) return;
  progress.objection = objection(scenario, await shop.order(scenario.orderNo), endpoint.heard(scenario.orderNo));
  if (progress.objection === undefined) progress.endedMs = Date.now();
}

function rowOf(progress: Progress, endpoint: ShopEndpoint, startMs: number): Row {
  const { scenario, state, endedMs } = progress;
  const { orderNo, title } = scenario;
  const seconds = ((endedMs ?? Date.now()) - startMs) / 1_000;
  const last = endpoint.heard(orderNo).at(-1);
  const lastEvent = last === undefined ? '' : `${last.type}${last.tries > 1 ? ` (try ${last.tries})` : ''}`;
  return { orderNo, title, state, lastEvent, isAsExpected: progress.objection === undefined, seconds };
}

function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

async function closeBooks(shops: readonly Shop[], endpoint: ShopEndpoint) {
  const closed = await Promise.all(
    shops.map(async (shop) => {
      const { orders, theirs, ours } = await readBooks(shop);
      const details = await Promise.all(orders.map(({ orderNo }) => shop.order(orderNo)));
      return { details, ...compareBooks(theirs, ours) };
    }),
  );
  const details = closed.flatMap((it) => it.details);
  const differing = closed.flatMap((it) => it.differing);
  return {
    details,
    differenceFen: closed.reduce((sum, it) => sum + it.differenceFen, 0),
    differing: [...differing, ...wronglyTold(details, endpoint.heard())],
  };
}

/** Judges once more at the end: an order may have changed since it was as expected. */
function judge(progress: Progress, details: readonly DemoOrderDetail[], endpoint: ShopEndpoint): void {
  const { scenario } = progress;
  const order = details.find(({ orderNo }) => orderNo === scenario.orderNo);
  const found =
    order === undefined ? 'PaySaga does not know it' : objection(scenario, order, endpoint.heard(scenario.orderNo));
  progress.objection = progress.failure ?? found;
}
