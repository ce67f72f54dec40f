import type { DevStack } from '../stack/dev-stack.js';
import { compareBooks, type Books } from './books.js';
import { createLiveTable, type Row } from './live-table.js';
import { SCENARIOS, type Scenario } from './scenarios.js';
import { openShop, pause, type DemoOrder, type Shop } from './shop.js';

export type DemoResult = { readonly orders: number; readonly unexpected: readonly string[]; readonly books: Books };

const REDRAW_MS = 500;
/** Beyond any scenario: an order that has not ended by then is not as expected. */
const LIMIT_MS = 240_000;

type Progress = { state: string; endedMs: number | null; failure: Error | null };

/** Runs all scenarios at once against a running stack and shows how they go. */
export async function runDemo(stack: DevStack, output: NodeJS.WriteStream): Promise<DemoResult> {
  const shop = openShop(stack.dev);
  const startMs = Date.now();
  const progress = new Map(
    SCENARIOS.map((it): [string, Progress] => [it.orderNo, { state: '…', endedMs: null, failure: null }]),
  );
  const table = createLiveTable(output);
  const rows = (): Row[] => SCENARIOS.map((scenario) => rowOf(scenario, progress.get(scenario.orderNo), startMs));
  const timer = setInterval(() => table.show(rows()), REDRAW_MS);
  try {
    await Promise.all(
      SCENARIOS.map((scenario, index) =>
        follow(scenario, { shop, stack, amountFen: 100 * (index + 1) + index }, progress),
      ),
    );
  } finally {
    clearInterval(timer);
  }
  table.finish(rows());
  for (const { orderNo } of SCENARIOS) {
    const failure = progress.get(orderNo)?.failure;
    if (failure != null) output.write(`${orderNo}: ${failure.message}\n`);
  }
  const orders = await Promise.all(SCENARIOS.map(({ orderNo }) => shop.order(orderNo).catch(() => undefined)));
  const known = orders.filter((order) => order !== undefined);
  const unexpected = SCENARIOS.filter((it) => progress.get(it.orderNo)?.state !== it.expected).map((it) => it.orderNo);
  return { orders: SCENARIOS.length, unexpected, books: compareBooks(await shop.trades(), known) };
}

type Context = { readonly shop: Shop; readonly stack: DevStack; readonly amountFen: number };

async function follow(scenario: Scenario, context: Context, progress: Map<string, Progress>): Promise<void> {
  const { orderNo } = scenario;
  const mine = progress.get(orderNo);
  if (mine === undefined) return;
  const acting = scenario.run({ ...context, orderNo }).catch((error: unknown) => {
    mine.failure = error instanceof Error ? error : new Error(String(error));
  });
  const endMs = Date.now() + LIMIT_MS;
  while (mine.endedMs === null && mine.failure === null && Date.now() < endMs) {
    const order = await context.shop.order(orderNo).catch(() => undefined);
    if (order !== undefined) mine.state = describe(order);
    if (order?.state === 'paid' || order?.state === 'closed' || order?.state === 'review') mine.endedMs = Date.now();
    else await pause(REDRAW_MS);
  }
  await acting;
}

function describe(order: DemoOrder): string {
  const stuck = order.stuckReason === null ? '' : ` [${order.stuckReason}]`;
  return `${order.state}${order.closedReason === null ? '' : ` (${order.closedReason})`}${stuck}`;
}

function rowOf(scenario: Scenario, progress: Progress | undefined, startMs: number): Row {
  const { orderNo, title, expected } = scenario;
  const seconds = ((progress?.endedMs ?? Date.now()) - startMs) / 1_000;
  return { orderNo, title, expected, state: progress?.state ?? '…', seconds };
}
