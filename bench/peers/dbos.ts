import { z } from 'zod';
import type { Stack } from '../../src/embedded/stack.js';
import { startForked } from '../orders/forked.js';
import { newDatabase, type Floor } from '../orders/plain/plain.js';
import type { Processes } from '../processes.js';

/** The same job by DBOS, which keeps its workflows in the same Postgres: one process beside it and the sandbox. */
export async function startDbos(stack: Stack, { dev, pids }: Processes, webhookUrl: string): Promise<Floor> {
  const databaseUrl = await newDatabase(dev.databaseUrl, 'dbos');
  const job = { databaseUrl, sandboxUrl: dev.sandboxUrl, webhookUrl };
  const program = await stack.start('the DBOS program', () =>
    startForked(new URL('./dbos-program.ts', import.meta.url), job, () => undefined),
  );
  const { postgres = 0, sandbox = 0 } = pids;
  return { apiUrl: z.string().parse(program.ready), pids: { program: program.pid, postgres, sandbox } };
}
