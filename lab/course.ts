import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from '../src/cli/kit/progress.js';
import type { Replay } from '../src/cli/replay.js';
import type { ShopEndpoint } from '../src/entries/demo/shop-endpoint.js';
import type { Shop } from '../src/entries/demo/shop.js';
import { connectTemporal } from '../src/temporal/connection.js';
import { openLine, type Line } from './line.js';
import { openMerchant, Refused, type MerchantCaller } from './merchant-caller.js';
import type { Hurt, Plan, Protocol } from './plan.js';
import type { Stage } from './stage.js';
import { tell, type Told } from './stories.js';
import {
  countedErrors,
  isOpen,
  look,
  lookAtSandbox,
  nameOf,
  replayAll,
  runningOf,
  type Seen,
  type World,
  type WorldOrder,
} from './world.js';

export type Lab = {
  readonly stage: Stage;
  readonly line: Line;
  readonly merchants: readonly MerchantCaller[];
  readonly endpoint: ShopEndpoint;
  readonly say: (line: string) => void;
};

export function openLab({ stage, endpoint, say }: Pick<Lab, 'stage' | 'endpoint' | 'say'>): Lab {
  const line = openLine(stage.dev.apiUrl);
  for (const { webhookSecret } of stage.dev.merchants) if (webhookSecret !== null) endpoint.trust(webhookSecret);
  return {
    stage,
    line,
    endpoint,
    say,
    merchants: stage.dev.merchants.map(({ mchid }) => openMerchant(stage.dev, mchid, line.send)),
  };
}

export type Harmed = { readonly stories: readonly Told[]; readonly hurts: readonly Hurt[] };

/** WeChat Pay repeats a notify for 24 hours and 4 minutes. */
const DAY_SECONDS = 90_000;

/** Stories that wait for what will not be are told no further. */
const LAST_WORD_MS = 240_000;

/** All stories of a plan while its harm is done, until the stories are over. Every process is there again then, and every fault gone. */
export async function harm(lab: Lab, { orders, hurts }: Plan): Promise<Harmed> {
  const { stage, merchants, endpoint, say } = lab;
  const over = new AbortController();
  const shops = shopsOf(lab, over.signal);
  const startMs = Date.now();
  const stories: Told[] = [];
  const telling = orders.map(async (order) => {
    const told = await tell({ shops, endpoint, startMs }, order);
    stories.push(told);
    say(
      `${stories.length} of ${orders.length} stories: ${told.order.orderNo} (${told.order.story}) ${told.cut ?? 'done'}`,
    );
  });
  const done: Hurt[] = [];
  await Promise.all(
    hurts.map(async (hurt) => {
      await sleep(Math.max(0, startMs + hurt.atMs - Date.now()));
      say(`${hurt.part}: ${hurt.harm}, ${Math.round(hurt.forMs / 1_000)} s`);
      await stage.hurt(hurt);
      done.push(hurt);
    }),
  );
  say('all harm is done, every process is there');
  await Promise.race([Promise.all(telling), untilLastWord(startMs, orders.at(-1)?.atMs ?? 0)]);
  over.abort();
  for (const merchant of merchants) await merchant.sandbox('DELETE', '/faults');
  // Of late money nobody but a notify tells before the day's bill does: the repeats that are left come now.
  await merchants[0]?.sandbox('POST', '/clock', { advanceSeconds: DAY_SECONDS });
  const silent = orders.filter((order) => stories.every((told) => told.order !== order));
  return { stories: [...stories, ...silent.map((order) => ({ order, cut: 'it never ended' }))], hurts: done };
}

/** Nobody acts for a shop any more once `over` is aborted. */
function shopsOf({ stage, line, merchants }: Lab, over: AbortSignal): Readonly<Record<Protocol, Shop>> {
  const shopOf = (wanted: Protocol): Shop => {
    const merchant = merchants.find(({ protocol }) => protocol === wanted);
    if (merchant === undefined) throw new Error(`the lab needs a merchant of API ${wanted}`);
    return openMerchant(stage.dev, merchant.mchid, line.sendUntil(over)).shop;
  };
  return { v3: shopOf('v3'), v2: shopOf('v2') };
}

const untilLastWord = (startMs: number, lastMs: number): Promise<void> =>
  sleep(Math.max(0, startMs + lastMs + LAST_WORD_MS - Date.now()));

/** Longer than any pause between two looks of PaySaga at WeChat Pay that is not a refund's. */
const SETTLE_MS = 900_000;
const LOOK_EVERY_MS = 3_000;

/** Lets operators and shops do what is theirs until nothing is left to wait for; no longer than all of it may take. */
export async function settle(lab: Lab, { byHand } = { byHand: true }): Promise<void> {
  const endMs = Date.now() + SETTLE_MS;
  let names: ReadonlySet<string> | undefined;
  for (;;) {
    const seen = await look(lab.merchants, names);
    const left = unsettled(seen);
    if (Date.now() > endMs || (left.length === 0 && names === undefined)) return;
    // Late money moves what had settled: when nothing else is left, everything is looked at once more.
    names = left.length === 0 ? undefined : namesOf(seen);
    lab.say(`to settle: ${left.length} (${left.slice(0, 5).join(', ')})`);
    if (byHand) await inParallel(seen.orders.filter(waits), (order) => decide(lab, order));
    await sleep(LOOK_EVERY_MS);
  }
}

/** Only what still waits is looked at again. */
const namesOf = ({ orders }: Seen): ReadonlySet<string> => new Set(orders.filter(waits).map(nameOf));

const UNSETTLED_REFUNDS = ['requested', 'processing'];

const waits = (order: WorldOrder): boolean =>
  isOpen(order) ||
  order.fulfilment === 'pending' ||
  order.events.some(({ type, deliveredAt }) => deliveredAt === null && !isWithdrawn(order, type));

function unsettled({ orders, refunds, inbox }: Seen): string[] {
  return [
    ...orders.filter(waits).map(({ orderNo, state }) => `${orderNo} ${state}`),
    ...refunds
      .filter(({ state }) => UNSETTLED_REFUNDS.includes(state))
      .map(({ refundNo, state }) => `${refundNo} ${state}`),
    ...inbox.map(({ id, status }) => `notify ${id} ${status}`),
  ];
}

const isWithdrawn = ({ events }: WorldOrder, type: string): boolean =>
  type === 'order.paid' && events.some((event) => event.type === 'order.compensating');

/** A person gives back what is in review, and the shop delivers what it was paid for. */
async function decide({ merchants }: Lab, order: WorldOrder): Promise<void> {
  const merchant = merchants.find(({ mchid }) => mchid === order.mchid);
  const path = `/orders/${order.orderNo}`;
  try {
    if (order.state === 'review')
      await merchant?.api('POST', `${path}/resolve`, { action: actionOf(order), reason: 'the lab decides' });
    if (order.fulfilment === 'pending') await merchant?.api('POST', `${path}/fulfilment`, { outcome: 'fulfilled' });
  } catch (error) {
    // Not now, or no more: the next look tells.
    if (!(error instanceof Refused)) throw error;
  }
}

/** Without any money there is nothing to give back. */
const actionOf = ({ attempts }: WorldOrder): 'return' | 'close' =>
  attempts.some(({ paidFen }) => paidFen > 0) ? 'return' : 'close';

/** Everything that can be seen once nothing moves any more. */
export async function surveyed({ stage, line, merchants, endpoint }: Lab, replay: Replay): Promise<World> {
  const temporal = connectTemporal({ connection: { address: stage.dev.temporalAddress }, namespace: stage.namespace });
  try {
    const seen = await look(merchants);
    const theirs = await lookAtSandbox(merchants);
    const counted = await countedErrors(stage);
    return {
      at: new Date(),
      ...seen,
      taken: [...line.taken],
      trades: theirs.trades,
      theirRefunds: theirs.theirRefunds,
      heard: endpoint.heard(),
      badAnswers: [...line.bad, ...theirs.badAnswers, ...counted],
      running: await runningOf(temporal.client, seen.orders),
      replays: await replayAll(temporal.client, replay),
      deaths: stage.deaths,
      dead: stage.dead(),
    };
  } finally {
    await temporal.close();
  }
}
