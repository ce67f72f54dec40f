import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { inParallel } from '../src/cli/kit/progress.js';
import { settle, type Lab } from './course.js';
import type { Violation } from './judge.js';
import type { MerchantCaller } from './merchant-caller.js';
import type { Hurt } from './plan.js';
import { nameOf, type World, type WorldOrder } from './world.js';

/** Calls a second that WeChat Pay takes of the merchant here: far fewer than a backlog would like to make. */
const THEIR_LIMITS = { query: 40, close: 20 } as const;

/** What PaySaga is told of it: calls that leave in one second arrive in a shorter one where the way is busy. */
const OUR_LIMITS = { query: 30, close: 15 } as const;

/** `paidUnheard`: its notify is lost, only a query tells. */
const FATES = ['unpaid', 'paid', 'unpaid', 'paidUnheard', 'unpaid'] as const;
type Fate = (typeof FATES)[number];

const ENDS: Readonly<Record<Fate, string>> = { unpaid: 'closed', paid: 'paid', paidUnheard: 'paid' };

type Placed = { readonly orderNo: string; readonly fate: Fate };

export type Backlog = {
  readonly placed: readonly Placed[];
  /** From the return of gateway and workers until the last order was settled. */
  readonly settledMs: number;
  /** Calls of each API of the merchant since the return, and how many were one too many. */
  readonly calls: Readonly<Record<string, Calls>>;
};

type Calls = { readonly count: number; readonly refusedByLimit: number };

/** The gateway and both workers are away until every deadline of these orders has passed; then they come back, and nobody helps. */
export async function backlog(lab: Lab, orders: number, seed: number): Promise<Backlog> {
  const { stage, say } = lab;
  const merchant = lab.merchants.find(({ protocol }) => protocol === 'v3');
  if (merchant === undefined) throw new Error('the lab needs a merchant of API v3');
  await limit(lab, merchant);
  const placed = await place(lab, merchant, orders, seed);
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  const gateway = stage.down('the sandbox', over);
  // Workers that came before the gateway's limits are set would be free to pass them.
  let limited: () => void = () => undefined;
  const isLimited = new Promise<void>((resolve) => (limited = resolve));
  const workers = (['worker 1', 'worker 2'] as const).map((name) => stage.down(name, isLimited));
  const deadlines = await merchant.all('/orders', z.object({ expiresAt: z.string() }));
  const lastMs = Math.max(...deadlines.map(({ expiresAt }) => Date.parse(expiresAt)));
  say(`gateway and workers are down until all deadlines have passed, ${Math.ceil((lastMs - Date.now()) / 1_000)} s`);
  await sleep(Math.max(0, lastMs - Date.now()) + 1_000);
  end();
  await gateway;
  await merchant.sandbox('PUT', '/limits', THEIR_LIMITS);
  const backMs = Date.now();
  limited();
  await Promise.all(workers);
  say('gateway and workers are back');
  await settle(lab, { byHand: false });
  const counted = z.record(z.string(), z.record(z.string(), callsOfApi)).parse(await merchant.sandbox('GET', '/calls'));
  return { placed, settledMs: Date.now() - backMs, calls: counted[merchant.mchid] ?? {} };
}

const callsOfApi = z.object({ count: z.number(), refusedByLimit: z.number() });

/** Both processes read the merchants file as they start. */
async function limit({ stage, say }: Lab, { mchid }: MerchantCaller): Promise<void> {
  const file = join(stage.home, 'merchants.json');
  const { merchants } = z
    .object({ merchants: z.array(z.looseObject({ mchid: z.string() })) })
    .parse(JSON.parse(await readFile(file, 'utf8')));
  const limited = merchants.map((it) => (it.mchid === mchid ? { ...it, limits: OUR_LIMITS } : it));
  await writeFile(file, JSON.stringify({ merchants: limited }), { mode: 0o600 });
  say(`limits: ${JSON.stringify(OUR_LIMITS)} of ${JSON.stringify(THEIR_LIMITS)}`);
  for (const part of ['worker 1', 'worker 2'] as const) await stage.hurt({ atMs: 0, part, harm: 'restart', forMs: 0 });
}

/** As a harm of the lab: for its report. */
export const hurtsOfBacklog: readonly Hurt[] = (['the sandbox', 'worker 1', 'worker 2'] as const).map((part) => ({
  ...{ atMs: 0, part, harm: 'kill', forMs: 0 },
}));

/** So many a second are created even on a busy machine. */
const CREATED_PER_SECOND = 3;
const SHORTEST_LIFE_SECONDS = 60;

async function place({ say }: Lab, { shop }: MerchantCaller, count: number, seed: number): Promise<Placed[]> {
  const expiresInSeconds = SHORTEST_LIFE_SECONDS + Math.ceil(count / CREATED_PER_SECOND);
  const fates = Array.from({ length: count }, (_, index) => ({
    orderNo: `lab-${seed}-b${index + 1}`,
    fate: FATES[index % FATES.length] ?? 'unpaid',
  }));
  return inParallel(fates, async ({ orderNo, fate }) => {
    if (fate === 'paidUnheard') await shop.addFaults([{ on: 'notify', outTradeNo: orderNo, kind: 'drop', times: 0 }]);
    await shop.createOrder({ orderNo, amountFen: 100, description: 'A backlog', expiresInSeconds });
    await shop.orderWhen(orderNo, 'payable', ({ attempts }) => attempts.some(({ state }) => state === 'open'));
    if (fate !== 'unpaid') await shop.pay(orderNo);
    if (orderNo.endsWith('00')) say(`${orderNo} is placed`);
    return { orderNo, fate };
  });
}

/** What the judge of every world does not know: how each order was to end, that nobody helped, and that no limit was passed. */
export function judgeBacklog({ placed, calls }: Backlog, { orders }: Pick<World, 'orders'>): Violation[] {
  const wrong = placed.flatMap(({ orderNo, fate }) => {
    const order = orders.find((it) => it.orderNo === orderNo);
    return order === undefined || isAsFated(order, fate)
      ? []
      : [
          {
            promise: 'settled',
            order: nameOf(order),
            what: `it is ${order.state} (${order.stuckReason ?? 'not stuck'}), and was ${fate}`,
          } as const,
        ];
  });
  const passed = Object.entries(calls).flatMap(([api, { count, refusedByLimit }]) =>
    refusedByLimit === 0
      ? []
      : [{ promise: 'limits', what: `${refusedByLimit} of ${count} calls of ${api} were too many` } as const],
  );
  return [...wrong, ...passed];
}

const isAsFated = ({ state, stuckReason }: WorldOrder, fate: Fate): boolean =>
  state === ENDS[fate] && stuckReason === null;
