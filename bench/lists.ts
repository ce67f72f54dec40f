import { benchDatabase } from './database.js';
import { costOf, openSession, type ReadCost } from './lists/cost.js';
import { openReader } from './lists/ingress.js';
import { KINDS, readsOf, type Kind } from './lists/reads.js';
import { stickMore, writeWorld, type World } from './lists/world.js';
import type { BenchOptions, Figure, Measured } from './part.js';

/** A hundred times less is what a large world is compared with. */
const TIMES = 100;
const STUCK_SHARE = 100;

/** Every list, page, sweep and metric of a large world and of a small one, and of the large one with as large a share of it stuck. */
export async function lists(options: BenchOptions): Promise<Measured> {
  const { rows = 1_000_000, onProgress, folder } = options;
  const serverUrl = await options.database();
  const few = Math.ceil(rows / TIMES);
  const stuck = Math.ceil(few / STUCK_SHARE);
  const now = new Date();
  const databases = [];
  try {
    for (const size of [few, rows]) {
      onProgress(`Writing a world of ${size} orders`);
      const database = await benchDatabase(serverUrl, folder, onProgress);
      databases.push(database);
      await writeWorld({ databaseUrl: database.url, rows: size, stuck, now }, onProgress);
    }
    const [smallUrl = '', largeUrl = ''] = databases.map(({ url }) => url);
    const small = { databaseUrl: smallUrl, rows: few, stuck, now };
    const large = { databaseUrl: largeUrl, rows, stuck, now };
    onProgress('Reading both');
    const [ofFew, ofMany] = [await costsOf(small), await costsOf(large)];
    const more = { ...large, stuck: stuck * TIMES };
    onProgress(`Making ${more.stuck} of them stuck, and reading it again`);
    await stickMore(more, stuck);
    const ofStuck = await costsOf(more);
    return { ...measuredOf(ofFew, ofMany, ofStuck), sizes: { rows, stuck } };
  } finally {
    for (const database of databases) await database.stop();
  }
}

type Costs = ReadonlyMap<string, ReadCost & { readonly kind: Kind }>;

export async function costsOf(world: World): Promise<Costs> {
  const { sent, unsent, close } = await openReader(world);
  const session = openSession(world.databaseUrl);
  try {
    const costs = new Map<string, ReadCost & { readonly kind: Kind }>();
    for (const kind of KINDS) {
      for (const [name, read] of Object.entries(readsOf(world)[kind])) {
        const statements = await (kind === 'sweep' ? unsent : sent)(read);
        costs.set(`${kind} ${name}`, { kind, ...(await costOf(session, statements)) });
      }
    }
    return costs;
  } finally {
    await session.end();
    await close();
  }
}

type Read = { readonly name: string; readonly few: ReadCost; readonly many: ReadCost };

const BUDGET = { atMost: 1.5 };

/** By what moves least: the pages of 8 KB that Postgres looks at. Times are of all reads of a kind, since one is over in less than a millisecond. */
function measuredOf(ofFew: Costs, ofMany: Costs, ofStuck: Costs): Omit<Measured, 'sizes'> {
  const readsIn = (costs: Costs, isWanted: (name: string) => boolean): Read[] =>
    [...ofFew]
      .filter(([name]) => isWanted(name))
      .map(([name, few]) => {
        const many = costs.get(name);
        if (many === undefined) throw new Error(`${name} was read of one world alone`);
        return { name, few, many };
      });
  const ofKind = (kind: Kind) => (name: string) => ofFew.get(name)?.kind === kind;
  const figures = KINDS.flatMap((kind): Figure[] => {
    const [reads, stuck] = [readsIn(ofMany, ofKind(kind)), readsIn(ofStuck, ofKind(kind))];
    return [
      worst(`${kind}Ratio`, `${kind}s of a world a hundred times as large`, reads),
      { ...overall(`${kind}TimeRatio`, reads), what: `all ${kind}s, their least times added up` },
      worst(`${kind}StuckRatio`, `${kind}s where a hundred times as much is stuck, too`, stuck),
      { ...overall(`${kind}StuckTimeRatio`, stuck), what: `all of these, their least times added up` },
    ];
  });
  const stuckPages = readsIn(ofStuck, (name) => name.startsWith('page /ops/stuck'));
  const ops = worst('opsStuckRatio', 'pages of what is stuck, a hundred times as much of it', stuckPages);
  const statements = Math.max(...stuckPages.map(({ many }) => many.statements));
  return {
    figures: [
      ...figures,
      ops,
      { key: 'opsStuckStatements', value: statements, unit: 'count', what: 'statements of a page of what is stuck' },
    ],
    floors: Object.fromEntries(KINDS.map((kind) => [`${kind}SmallMs`, sumOfMs(readsIn(ofMany, ofKind(kind)), 'few')])),
  };
}

/** Reads of a few blocks differ by the height of an index; by how many more blocks one is worse is said beside it. */
function worst(key: string, what: string, reads: readonly Read[]): Figure {
  const ratioOf = ({ few, many }: Read): number => many.blocks / few.blocks;
  const [most] = reads.toSorted((a, b) => ratioOf(b) - ratioOf(a));
  if (most === undefined) throw new Error(`${key} is of no read`);
  const { name, few, many } = most;
  const cost = `${few.blocks} and ${many.blocks} blocks, ${few.ms.toFixed(2)} and ${many.ms.toFixed(2)} ms`;
  return {
    key,
    value: ratioOf(most),
    unit: 'ratio',
    budget: BUDGET,
    what: `blocks, ${what}; worst: ${name} (${cost})`,
  };
}

const overall = (key: string, reads: readonly Read[]) =>
  ({ key, value: sumOfMs(reads, 'many') / sumOfMs(reads, 'few'), unit: 'ratio' }) as const;

const sumOfMs = (reads: readonly Read[], of: 'few' | 'many'): number => reads.reduce((sum, it) => sum + it[of].ms, 0);
