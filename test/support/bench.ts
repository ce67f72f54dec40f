import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { z } from 'zod';
import { onDatabase } from './services.js';

type Ended = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Databases of this very run that are still there. */
  readonly left: readonly string[];
};

const ended = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

/** The benchmark as a user starts it, on the run's own Postgres. */
export async function bench(...args: string[]): Promise<Ended> {
  const env = { ...process.env, DATABASE_URL: inject('databaseUrl') };
  const running = promisify(execFile)(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args], { env });
  const own = `paysaga_bench_${running.child.pid}_`;
  const output = await running.then(
    (said) => ({ code: 0, ...said }),
    (error: unknown) => ended.parse(error),
  );
  const left = await onDatabase(
    inject('databaseUrl'),
    (sql) => sql<{ datname: string }[]>`select datname from pg_database where starts_with(datname, ${own})`,
  );
  return { ...output, left: left.map(({ datname }) => datname) };
}
