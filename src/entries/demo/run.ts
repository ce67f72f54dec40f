import type { DevStack } from '../stack/dev-stack.js';
import { compareBooks, type Books } from './books.js';
import { createLiveTable } from './live-table.js';
import { beginScenario, followScenario, rowOf, type Progress } from './progress.js';
import { readBooks } from './read-books.js';
import { SCENARIOS } from './scenarios.js';
import { openShop, type DemoOrderDetail, type Shop } from './shop.js';
import type { ShopEndpoint } from './shop-endpoint.js';
import type { DemoResult } from './summary.js';
import { wronglyTold } from './told.js';
import { pause } from './until.js';
import { objection } from './verdict.js';

export type Demo = { readonly stack: DevStack; readonly endpoint: ShopEndpoint; readonly output: NodeJS.WriteStream };

const REDRAW_MS = 500;
/** Only what hangs meets it: an order that has not ended by then is not as expected. */
const LIMIT_MS = 1_200_000;

/** Runs all scenarios at once against a running stack and shows how they go. */
export async function runDemo({ stack, endpoint, output }: Demo): Promise<DemoResult> {
  const shop = openShop(stack.dev);
  const context = { shop, endpoint, worker: stack.worker, orderCount: SCENARIOS.length, alone: oneAtATime() };
  const startMs = Date.now();
  const table = createLiveTable(output);
  const all = SCENARIOS.map((scenario, index) =>
    beginScenario(scenario, { ...context, orderNo: scenario.orderNo, amountFen: 100 * (index + 1) + index }),
  );
  const rows = () => all.map((progress) => rowOf(progress, endpoint, startMs));
  while (all.some(({ endedMs }) => endedMs === null) && Date.now() - startMs < LIMIT_MS) {
    table.show(rows());
    await pause(REDRAW_MS);
    // A look that fails is one that sees nothing new.
    const orders = await shop.orders().catch(() => []);
    await Promise.all(
      all.map((progress) => followScenario(progress, orders, { shop, endpoint }).catch(() => undefined)),
    );
  }
  const { details, differenceFen, differing } = await closeBooks(shop, endpoint);
  for (const progress of all) judge(progress, details, endpoint);
  table.finish(rows());
  const unexpected = all.filter((progress) => progress.objection !== undefined);
  for (const { scenario, objection: why } of unexpected) output.write(`${scenario.orderNo}: ${why}\n`);
  if (endpoint.forged > 0) output.write(`the shop refused ${endpoint.forged} deliveries that did not verify\n`);
  const wrong = [...new Set([...unexpected.map(({ scenario }) => scenario.orderNo), ...differing])];
  return { orders: all.length, unexpected: unexpected.length, differenceFen, wrong };
}

type Closed = Books & { readonly details: readonly DemoOrderDetail[] };

async function closeBooks(shop: Shop, endpoint: ShopEndpoint): Promise<Closed> {
  const { orders, theirs, ours } = await readBooks(shop);
  const details = await Promise.all(orders.map(({ orderNo }) => shop.order(orderNo)));
  const { differenceFen, differing } = compareBooks(theirs, ours);
  return { details, differenceFen, differing: [...differing, ...wronglyTold(details, endpoint.heard())] };
}

/** What was as expected once must have stayed so until the end. */
function judge(progress: Progress, details: readonly DemoOrderDetail[], endpoint: ShopEndpoint): void {
  const { scenario } = progress;
  const order = details.find(({ orderNo }) => orderNo === scenario.orderNo);
  const found =
    order === undefined ? 'PaySaga does not know it' : objection(scenario, order, endpoint.heard(scenario.orderNo));
  progress.objection = progress.failure ?? found;
}

function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
