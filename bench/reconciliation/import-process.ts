import { z } from 'zod';
import { connect } from '../../src/db/connection.js';
import { costOf, type Cost } from '../measure.js';
import { WORKS, type BillToWork, type Work } from './works.js';

/** One piece of work, first on a small bill and then, measured, on the one that it is about. */
export type Job = {
  readonly work: Work;
  readonly databaseUrl: string;
  readonly warmUp: BillToWork;
  readonly bill: BillToWork;
};

/** `rssGrowthMb`: the most that was seen above what the process had before. */
export type Done = Cost & { readonly rssGrowthMb: number };

const billSchema = z.object({ file: z.string(), rows: z.string(), sha1: z.string(), date: z.string() });
const jobSchema = z.object({
  work: z.enum(['import', 'parse', 'copy']),
  databaseUrl: z.string(),
  warmUp: billSchema,
  bill: billSchema,
});

// One job a process: memory that one has needed, the next would not need again.
process.once('message', (message) => {
  void done(jobSchema.parse(message)).then((result) => {
    process.send?.(result);
    process.disconnect();
  });
});

async function done({ work, databaseUrl, warmUp, bill }: Job): Promise<Done> {
  const connection = connect(databaseUrl, { max: 1 });
  try {
    const [session] = await connection.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    await WORKS[work](connection, warmUp);
    const rss = growingRss();
    const cost = await costOf(session?.pid ?? 0, () => WORKS[work](connection, bill));
    return { ...cost, rssGrowthMb: rss.growthMb() };
  } finally {
    await connection.close();
  }
}

const SAMPLE_MS = 10;
const MB = 1_048_576;

function growingRss() {
  const before = process.memoryUsage.rss();
  let most = before;
  const look = () => (most = Math.max(most, process.memoryUsage.rss()));
  const timer = setInterval(look, SAMPLE_MS);
  const growthMb = () => {
    clearInterval(timer);
    return (look() - before) / MB;
  };
  return { growthMb };
}
