import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readTradeBill } from '../../src/channels/bill-file/trade-bill.js';
import { connect } from '../../src/db/connection.js';
import { daysAfter } from '../../src/reconciliation/rules/day.js';
import { billRow } from '../../src/reconciliation/store/bill-row.js';
import { onServer } from '../database.js';
import { cpuMs, median, medianIfKnown } from '../measure.js';
import type { Figure } from '../part.js';
import { writeBill } from './bill.js';
import type { DayOptions, Found, GeneratedDay } from './day.js';
import type { Done, Job } from './import-process.js';
import { FLOOR_TABLE, WORKS, type BillToWork, type Work } from './works.js';

const WARM_UP_LINES = 2_000;

/**
 * The day's bill, read and imported as the worker does, against a bare parse of the same bytes and a bare COPY of the same rows. Each
 * in a process of its own, in turns, a round on a day of its own; the last leaves `day` imported.
 */
export async function measureImport(options: DayOptions, day: GeneratedDay): Promise<Found> {
  const { databaseUrl, rounds, onProgress } = options;
  onProgress(`Writing a bill of ${day.lines} lines`);
  const bill = await written(options.folder, day, 'bill');
  const small = await written(options.folder, { ...day, lines: WARM_UP_LINES }, 'warm-up');
  await onServer(databaseUrl, (sql) => sql.unsafe(`create table ${FLOOR_TABLE} (like bill_lines including all)`));
  const runs: Record<Work, Done>[] = [];
  for (let round = rounds - 1; round >= 0; round -= 1) {
    onProgress(`Round ${rounds - round} of ${rounds}: bare parse, bare COPY, import`);
    const warmUp = { ...small, date: daysAfter(day.date, -30 * round - 15) };
    const job = { databaseUrl, warmUp, bill: { ...bill, date: daysAfter(day.date, -30 * round) } };
    const parse = await worked({ ...job, work: 'parse' });
    const copy = await worked({ ...job, work: 'copy' });
    const ours = await worked({ ...job, work: 'import' });
    runs.push({ parse, copy, import: ours });
    onProgress(`  ${[parse, copy, ours].map(({ wallMs }) => `${(wallMs / 1_000).toFixed(1)} s`).join(', ')}`);
    if (round > 0) await onServer(databaseUrl, (sql) => sql.unsafe(`drop table ${partitionOf(job.bill.date)}`));
  }
  return measuredOf(day, runs);
}

/** As the worker does, and measured by nobody. */
export async function importDay({ databaseUrl, folder }: DayOptions, day: GeneratedDay): Promise<void> {
  const connection = connect(databaseUrl, { max: 1 });
  try {
    await WORKS.import(connection, await written(folder, day, 'small-bill'));
  } finally {
    await connection.close();
  }
}

const partitionOf = (date: string): string => `bill_lines_${date.replaceAll('-', '')}`;

async function written(folder: string, day: GeneratedDay, name: string): Promise<BillToWork> {
  const file = join(folder, `${name}.csv`);
  const rows = join(folder, `${name}.copy`);
  const sha1 = await writeBill(day, file);
  await pipeline(Readable.from(copyRows(day, file)), createWriteStream(rows));
  return { file, rows, sha1, date: day.date };
}

const ROWS_A_CHUNK = 500;

async function* copyRows(day: GeneratedDay, file: string): AsyncGenerator<string> {
  let chunk: string[] = [];
  for await (const item of readTradeBill(createReadStream(file))) {
    if ('lineNo' in item) chunk.push(billRow({ ...day, kind: 'trade' }, item));
    if (chunk.length < ROWS_A_CHUNK) continue;
    yield chunk.join('');
    chunk = [];
  }
  yield chunk.join('');
}

const PROCESS = fileURLToPath(new URL('./import-process.ts', import.meta.url));
const doneSchema = z.object({
  wallMs: z.number(),
  clientCpuMs: z.number(),
  backendCpuMs: z.number().nullable(),
  rssGrowthMb: z.number(),
});

async function worked(job: Job): Promise<Done> {
  await onServer(job.databaseUrl, (sql) => sql`checkpoint`);
  const child = fork(PROCESS, { execArgv: ['--import', import.meta.resolve('tsx')] });
  const exited = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`${job.work} ended with ${String(code)}`)),
  );
  exited.catch(() => undefined);
  child.send(job);
  const [message] = z
    .tuple([z.unknown()])
    .rest(z.unknown())
    .parse(await Promise.race([once(child, 'message'), exited]));
  return doneSchema.parse(message);
}

/** By CPU, which other work on the machine moves least; by time where the server's cannot be seen. */
function measuredOf({ lines }: GeneratedDay, runs: readonly Record<Work, Done>[]): Found {
  const msOf = (work: Work) => median(runs.map((run) => run[work].wallMs));
  const cpuOf = (work: Work) => medianIfKnown(runs.map((run) => cpuMs(run[work])));
  const of = (part: (done: Done) => number | null) => medianIfKnown(runs.map((run) => part(run.import)));
  const timeRatio = (msOf('parse') + msOf('copy')) / msOf('import');
  const [parseCpu, copyCpu, oursCpu] = [cpuOf('parse'), cpuOf('copy'), cpuOf('import')];
  const cpuRatio = parseCpu === null || copyCpu === null || oursCpu === null ? null : (parseCpu + copyCpu) / oursCpu;
  const figures: Figure[] = [
    {
      ...{ key: 'importRatio', value: cpuRatio ?? timeRatio, unit: 'ratio', budget: { atLeast: 0.5 } },
      what: `bare parse + bare COPY ÷ import, ${cpuRatio === null ? 'by time' : 'by CPU of process and Postgres session'}`,
    },
    { key: 'importTimeRatio', value: timeRatio, unit: 'ratio', what: 'the same by time' },
    {
      ...{ key: 'importRssMb', value: Math.max(...runs.map((run) => run.import.rssGrowthMb)), unit: 'MB' },
      ...{ what: 'growth of the importing process, worst round', budget: { atMost: 150 } },
    },
    { key: 'importLinesPerSecond', value: (lines / msOf('import')) * 1_000, unit: '/s', what: 'lines imported' },
    { key: 'importSeconds', value: msOf('import') / 1_000, unit: 's', what: 'the bill, from its first byte on' },
    { key: 'importClientCpuMs', value: of((it) => it.clientCpuMs), unit: 'ms', what: 'CPU of the importing process' },
    { key: 'importBackendCpuMs', value: of((it) => it.backendCpuMs), unit: 'ms', what: 'CPU of its Postgres session' },
  ];
  return {
    figures,
    floors: {
      ...{ importParseMs: msOf('parse'), importParseCpuMs: parseCpu },
      ...{ importCopyMs: msOf('copy'), importCopyCpuMs: copyCpu },
    },
  };
}
