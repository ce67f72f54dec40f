import { openApi } from '../src/cli/kit/api.js';
import type { CliEnvironment } from '../src/cli/kit/command.js';
import { collectEvidence } from '../src/cli/evidence-file.js';
import type { Verdict, Violation } from './judge.js';
import type { Hurt } from './plan.js';
import type { Stage } from './stage.js';
import type { World } from './world.js';

export type Outcome = {
  readonly hurts: readonly Hurt[];
  readonly faults: number;
  readonly answers: ReadonlyMap<number, number>;
  readonly world: World;
  readonly verdict: Verdict;
};

/** The lab's lines and its exit code: 0 only if no promise is broken. */
export function reportOf({ hurts, faults, answers, world, verdict }: Outcome) {
  const { violations, differenceFen } = verdict;
  const kills = hurts.filter(({ harm }) => harm === 'kill' || harm === 'wipe').length;
  const lines = [
    `orders: ${countsOf(world.orders.map(({ state, closedReason }) => (closedReason === null ? state : `${state} (${closedReason})`)))}`,
    `harm: ${countsOf(hurts.map(wordOf))}`,
    `ended by itself: ${world.deaths.length === 0 ? 'nothing' : world.deaths.map(({ part, how }) => `${part} (${how})`).join(', ')}`,
    `answers: ${wordsOf(answers)}`,
    `histories: ${world.replays.length} replayed`,
    ...violations.map(lineOf),
  ];
  const last = `lab: ${world.orders.length} orders, ${faults} faults, ${kills} kills, ${violations.length} violations, books differ by ${differenceFen} fen`;
  return { lines, last, exitCode: violations.length === 0 && differenceFen === 0 ? 0 : 1 };
}

const WORDS = { kill: 'killed', wipe: 'killed and its store wiped', freeze: 'frozen', restart: 'restarted' } as const;

const wordOf = ({ part, harm }: Hurt): string => `${part} ${WORDS[harm]}`;

const lineOf = ({ promise, order, what }: Violation): string =>
  `violation of ${promise}: ${order === undefined ? '' : `${order}: `}${what}`;

function countsOf(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return wordsOf(counts);
}

const wordsOf = (counts: ReadonlyMap<string | number, number>): string =>
  counts.size === 0
    ? 'none'
    : [...counts]
        .map(([word, count]) => `${count} ${word}`)
        .toSorted()
        .join(', ');

/** Everything that proves what happened to the order of a violation, without its histories: these are in the evidence file of the command line. */
export async function evidenceOf(
  { order }: Violation,
  { home, dev }: Pick<Stage, 'home' | 'dev'>,
): Promise<string | undefined> {
  const [mchid, orderNo] = order?.split('/') ?? [];
  if (mchid === undefined || orderNo === undefined) return undefined;
  const { apiUrl, operatorKey, databaseUrl } = dev;
  const env: CliEnvironment = {
    config: { home, apiUrl, operatorKey, databaseUrl },
    stdout: nowhere,
    stderr: nowhere,
    now: () => new Date(),
  };
  const { parts } = await collectEvidence(env, await openApi(env, { mchid }), orderNo);
  const told = Object.entries(parts).filter(([name]) => name !== 'histories');
  return JSON.stringify(Object.fromEntries(told), null, 1);
}

const nowhere = { write: () => undefined };
