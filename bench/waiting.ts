import { setTimeout as sleep } from 'node:timers/promises';
import { MINUTE } from '../src/base/time.js';
import { median } from './measure.js';
import type { BenchOptions, Figure, Measured } from './part.js';
import { processCostOf, rssMbOf, withProcesses, type ProcessCost, type Processes } from './processes.js';
import { confirmations, queriesSeen } from './waiting/wire.js';
import { createCrowd } from './waiting/crowd.js';

/** Payments of a round. */
const CONFIRMED = 20;

/** By then every order of the crowd was polled again by the rule: until then only those that began last are. */
const SETTLED_MS = 13 * MINUTE;

/** How long polls are counted, and their cost. */
const WINDOW_MS = 60_000;

/** WeChat Pay's limit for queries, as far as it is known. */
const LIMIT = 300;

/** A crowd of waiting orders, and what a payment among them notices of it. */
export async function waiting({ waiting: count = 20_000, rounds = 5, ...options }: BenchOptions): Promise<Measured> {
  const { onProgress } = options;
  return withProcesses(options, {}, async (processes) => {
    const { dev, pids } = processes;
    const round = async (): Promise<number> => median(await confirmations(dev, CONFIRMED));
    await round();
    onProgress('Payments on an empty system');
    const emptyMs = await inTurn(rounds, round);
    const crowd = createCrowd(dev);
    try {
      const rssMb: (number | null)[] = [];
      const settledAtMs = performance.now() + SETTLED_MS;
      for (const share of [0.5, 1]) {
        onProgress(`${count * share} orders begin to wait`);
        await crowd.grow(Math.round(count * share));
        rssMb.push(await rssMbOf(pids['worker'] ?? 0));
      }
      onProgress('Waiting until all were polled again');
      await sleep(Math.max(0, settledAtMs - performance.now()));
      onProgress('Payments among them');
      const amongMs = await inTurn(rounds, round);
      onProgress('Counting polls');
      const polls = await pollsOf(processes);
      const rss = { halfMb: rssMb[0] ?? null, fullMb: rssMb[1] ?? null };
      const empty = median(emptyMs);
      const figures = figuresOf({ count, empty, among: median(amongMs), rss, polls });
      return { figures, floors: { confirmEmptyMs: empty }, sizes: { waiting: count, rounds } };
    } finally {
      await crowd.stop();
    }
  });
}

async function inTurn(rounds: number, run: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < rounds; n += 1) all.push(await run());
  return all;
}

type Polls = { readonly perSecond: number; readonly refused: number; readonly cost: ProcessCost };

async function pollsOf({ dev, pids }: Processes): Promise<Polls> {
  const before = await queriesSeen(dev);
  const cost = await processCostOf(pids, () => sleep(WINDOW_MS));
  const after = await queriesSeen(dev);
  return { perSecond: (1_000 * (after.count - before.count)) / cost.wallMs, refused: after.refusedByLimit, cost };
}

type Found = {
  readonly count: number;
  readonly empty: number;
  readonly among: number;
  readonly rss: { readonly halfMb: number | null; readonly fullMb: number | null };
  readonly polls: Polls;
};

function figuresOf({ count, empty, among, rss: { halfMb, fullMb }, polls }: Found): Figure[] {
  const grownMb = halfMb === null || fullMb === null ? null : fullMb - halfMb;
  const workerMs = polls.cost.cpuMs['worker'] ?? null;
  const polled = polls.perSecond * (polls.cost.wallMs / 1_000);
  return [
    {
      key: 'waitingConfirmRatio',
      value: among / empty,
      unit: 'ratio',
      what: `payment to paid among ${count} waiting orders ÷ on an empty system`,
      budget: { atMost: 1.3 },
    },
    { key: 'waitingConfirmMs', value: among, unit: 'ms', what: 'payment to paid among them' },
    {
      key: 'waitingOrderKb',
      value: grownMb === null ? null : (1_024 * grownMb) / (count / 2),
      unit: 'count',
      what: 'KB by which the worker grew for each of the second half of them',
      budget: { atMost: 4 },
    },
    { key: 'waitingWorkerRssMb', value: fullMb, unit: 'MB', what: 'the worker, with all of them' },
    {
      key: 'pollsPerSecond',
      value: polls.perSecond,
      unit: '/s',
      what: `of the merchant, of ${LIMIT} that WeChat Pay takes`,
      budget: { atMost: LIMIT },
    },
    {
      key: 'pollsRefused',
      value: polls.refused,
      unit: 'count',
      what: 'queries that WeChat Pay turned away',
      budget: { atMost: 0 },
    },
    {
      key: 'pollWorkerCpuMs',
      value: workerMs === null || polled === 0 ? null : workerMs / polled,
      unit: 'ms',
      what: "the worker's CPU a poll, with all that it does beside",
    },
  ];
}
