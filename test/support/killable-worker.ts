import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import type { Saga } from './saga.js';

/** A worker of this saga in a process of its own; it ends with this one at the latest. */
export function startKillableWorker({ databaseUrl, sandbox, services: { queues } }: Saga): ChildProcess {
  const script = fileURLToPath(new URL('killable-worker-process.ts', import.meta.url));
  const suffix = queues.order.slice('paysaga'.length);
  const services = [databaseUrl, inject('temporalAddress'), inject('temporalNamespace'), suffix, sandbox.url];
  return spawn(process.execPath, ['--import', 'tsx', script, ...services], { stdio: ['pipe', 'ignore', 'inherit'] });
}
