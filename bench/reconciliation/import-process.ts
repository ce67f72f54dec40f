import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { connect, type Connection } from '../../src/db/connection.js';
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
    const backends = await backendsOf(connection);
    await WORKS[work](connection, warmUp);
    const rss = growingRss();
    const cost = await costOf(backends, () => WORKS[work](connection, bill));
    return { ...cost, rssGrowthMb: rss.growthMb() };
  } finally {
    await connection.close();
  }
}

/** A bare COPY goes over the driver's own session, the import over that of the house's pool. */
async function backendsOf({ sql: own, db }: Connection): Promise<number[]> {
  const [driver] = await own<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const [pooled] = await db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
  return [driver?.pid ?? 0, pooled?.pid ?? 0];
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
