import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../part.js';
import { sumIfKnown } from '../measure.js';
import { processCostOf, type Pids } from '../processes.js';

/** When the orders of a round are at their ends, seen from outside. */
export type Timed = {
  /** From the request to the answer with the code. */
  readonly createMs: readonly number[];
  /** From the payer's payment to the shop's hearing of it. */
  readonly paidMs: readonly number[];
};

export type Contender = {
  readonly name: string;
  /** Whose CPU is counted. */
  readonly pids: Pids;
  readonly run: (count: number) => Promise<Timed>;
};

/** Of one round: CPU an order, of each process and of all. */
export type Run = Timed & {
  readonly cpuMs: Readonly<Record<string, number | null>>;
  readonly allCpuMs: number | null;
  readonly perSecond: number;
};

export type Runs = ReadonlyMap<string, readonly Run[]>;

/** Code is compiled by how often it ran, in every process: a process that runs for days has that behind it. */
const WARM_UP_ROUNDS = 2;

/** After the last order was told of: what it still writes down is of this round. */
const REST_MS = 1_000;

type Rounds = Pick<BenchOptions, 'onProgress'> & { readonly count: number; readonly rounds: number };

/** All contenders in turns: what else the machine does meets them alike. */
export async function measureRounds(
  contenders: readonly Contender[],
  { count, rounds, onProgress }: Rounds,
): Promise<Runs> {
  const runs = new Map(contenders.map(({ name }): [string, Run[]] => [name, []]));
  for (let round = 1 - WARM_UP_ROUNDS; round <= rounds; round += 1) {
    onProgress(round > 0 ? `Round ${round} of ${rounds}: ${count} orders each` : `Warming up: ${count} orders each`);
    for (const contender of contenders) {
      const run = await measured(contender, count);
      onProgress(`  ${contender.name} ${lineOf(run)}`);
      if (round > 0) runs.get(contender.name)?.push(run);
    }
  }
  return runs;
}

async function measured({ pids, run }: Contender, count: number): Promise<Run> {
  let timed: Timed = { createMs: [], paidMs: [] };
  let wallMs = 0;
  const cost = await processCostOf(pids, async () => {
    const startedAt = performance.now();
    timed = await run(count);
    wallMs = performance.now() - startedAt;
    await sleep(REST_MS);
  });
  const cpuMs = Object.fromEntries(
    Object.entries(cost.cpuMs).map(([name, ms]) => [name, ms === null ? null : ms / count]),
  );
  return { ...timed, cpuMs, allCpuMs: sumIfKnown(Object.values(cpuMs)), perSecond: (count / wallMs) * 1_000 };
}

function lineOf({ cpuMs, allCpuMs, perSecond }: Run): string {
  const parts = Object.entries({ ...cpuMs, all: allCpuMs });
  return `${parts.map(([name, ms]) => `${name} ${ms?.toFixed(1) ?? '-'}`).join(', ')} ms, ${perSecond.toFixed(1)}/s`;
}
