import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { createStack, type Stack } from '../src/embedded/stack.js';
import { startShopEndpoint } from '../src/entries/demo/shop-endpoint.js';
import { runProcess } from '../src/entries/process.js';
import { replay } from '../src/entries/replay.js';
import { backlog, hurtsOfBacklog, judgeBacklog } from './backlog.js';
import { harm, openLab, settle, surveyed, type Lab } from './course.js';
import { judge, type Violation } from './judge.js';
import { planOf, type Hurt } from './plan.js';
import { evidenceOf, reportOf } from './report.js';
import { startStage } from './stage.js';
import { STORIES } from './stories.js';
import type { World } from './world.js';

type Options = {
  readonly orders: number;
  readonly minutes: number;
  readonly seed: number;
  readonly pooler?: true;
  readonly keep?: true;
  readonly backlog?: number;
};

const WRONG_USAGE = 2;

/** Exits 0 when every promise was kept, 1 when one was broken. */
await runProcess('lab', async () => {
  const options = new Command('lab')
    .description('Hurts PaySaga as much as it can, and then judges every promise from outside')
    .option('--orders <n>', 'orders', from(1), 40)
    .option('--minutes <n>', 'how long harm is done', positive, 3)
    .option('--seed <n>', 'of the plan: the same seed makes the same one', from(0), 1)
    .option('--pooler', 'PgBouncer in session mode stands before Postgres')
    .option(
      '--backlog <n>',
      'instead: gateway and workers away until the deadlines of so many orders have passed',
      from(1),
    )
    .option('--keep', 'keep the folder, with logs and databases')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : WRONG_USAGE))
    .parse()
    .opts<Options>();
  const stack = createStack(() => undefined);
  const interrupted = stack.untilInterrupted();
  const home = await mkdtemp(join(tmpdir(), 'paysaga-lab-'));
  try {
    process.exitCode = await Promise.race([run(home, stack, options), interrupted.then(() => 130)]);
  } finally {
    await stack.stopAll();
    if (options.keep === true) console.error(`kept: ${home}`);
    else await rm(home, { recursive: true, force: true });
  }
  // The signal handlers keep the process alive.
  process.exit();
});

async function run(home: string, stack: Stack, options: Options): Promise<number> {
  const beganMs = Date.now();
  const say = (line: string): void =>
    console.error(`${((Date.now() - beganMs) / 1_000).toFixed(0).padStart(5)} s  ${line}`);
  const endpoint = await stack.start('the shop', startShopEndpoint);
  const pooler = options.pooler === true;
  const stage = await startStage({ home, stack, webhookUrl: endpoint.url, pooler, onProgress: say });
  const lab = openLab({ stage, endpoint, say });
  const {
    lines,
    violations: found,
    ...done
  } = await (options.backlog === undefined ? hurtPlan(lab, options) : hurtBacklog(lab, options.backlog, options.seed));
  say('nothing is left to wait for: judging');
  const world = await surveyed(lab, replay);
  const { violations, differenceFen } = judge(world);
  const verdict = { violations: [...violations, ...found(world)], differenceFen };
  const report = reportOf({ ...done, answers: lab.line.answers, world, verdict });
  const [first] = verdict.violations;
  const evidence = first === undefined ? undefined : await evidenceOf(first, stage);
  for (const line of [...(evidence === undefined ? [] : [evidence]), ...lines, ...report.lines, report.last])
    console.log(line);
  return report.exitCode;
}

type Done = {
  readonly hurts: readonly Hurt[];
  readonly faults: number;
  readonly lines: readonly string[];
  /** What only this kind of run can judge. */
  readonly violations: (world: World) => readonly Violation[];
};

async function hurtPlan(lab: Lab, { orders, minutes, seed, pooler }: Options): Promise<Done> {
  const plan = planOf({ orders, minutes, seed, pooler: pooler === true, stories: STORIES });
  const { stories, hurts } = await harm(lab, plan);
  await settle(lab);
  const cut = stories.filter((told) => told.cut !== undefined).length;
  const lines = [`stories: ${stories.length - cut} told to their end, ${cut} cut short by their faults`];
  const faults = plan.orders.reduce((sum, order) => sum + order.faults.length, 0);
  return { hurts, faults, lines, violations: () => [] };
}

async function hurtBacklog(lab: Lab, orders: number, seed: number): Promise<Done> {
  const past = await backlog(lab, orders, seed);
  const { placed, settledMs, calls } = past;
  const counted = Object.entries(calls).map(
    ([api, { count, refusedByLimit }]) => `${count} ${api} (${refusedByLimit} too many)`,
  );
  const lines = [`backlog: settled ${(settledMs / 1_000).toFixed(0)} s after the return, with ${counted.join(', ')}`];
  const faults = placed.filter(({ fate }) => fate === 'paidUnheard').length;
  return { hurts: hurtsOfBacklog, faults, lines, violations: (world) => judgeBacklog(past, world) };
}

function from(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= least && value < 2 ** 31) return value;
    throw new InvalidArgumentError(`a whole number from ${least} on`);
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('a number above 0');
}
